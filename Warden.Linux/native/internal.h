/* What the parts of the helper know of each other. */
#pragma once
#include "wire.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

struct bind_mount {
	const char *source, *target;
	bool writable;
};

/* MSG_START, taken apart. Every string lies in `storage`. */
struct config {
	const char *id, *path, *run_dir, *lower, *upper, *work;
	const char *interface, *console_log, *hooks;
	struct in_addr address, gateway;
	unsigned prefix, mtu;
	uint64_t console_max, shm_size; /* 0: the kernel's default */
	uid_t uid;
	bool maps_lower_uid;
	uid_t lower_uid;
	bool no_new_privs, nested, i386_sockets;
	struct bind_mount *binds;
	size_t bind_count;
	const char *cgroup_unified, **cgroup_tasks;
	size_t cgroup_count;
	char *storage;
};

/*
 * What the monitor begins with; it is in the host's namespaces, its working directory is /. Every descriptor is close-on-exec and blocking
 * but the listening socket, which is not blocking. The server waits for MSG_READY on `connection` with tag `tag`.
 */
struct monitor_setup {
	int connection;            /* stream to the server that started the container */
	uint32_t tag;              /* of the message that MSG_READY answers */
	int listener;              /* <run_dir>/monitor.sock, listening */
	int run_dir;               /* the directory itself */
	pid_t init_pid;            /* in the host's pid namespace; a child of this process */
	int init_pidfd;
	int init_socket;           /* seqpacket, to init's `socket` */
	int console;               /* master of the pty behind the container's /dev/console, in raw mode */
	int console_slave;         /* held open: without an open slave the master would report a hang-up for ever */
	const char *memory_cgroup; /* NULL: no out-of-memory events */
	const struct config *config;
};

/* What init begins with: PID 1, root in the container's tree, standard descriptors on its /dev/null, and no other descriptor than this one. */
struct init_setup {
	int socket;                /* seqpacket, to the monitor */
	uid_t uid;                 /* of vcap */
	bool no_new_privs, nested, i386_sockets;
};

/* Serves until TERMINATE; the process's exit status. */
int monitor_run(struct monitor_setup *setup);

/* Serves until the monitor's end of the socket is closed; the process's exit status. */
int init_run(struct init_setup *setup);

/* The roles of the program: its arguments from the role's name on; the process's exit status. */
int start_main(void);
int attach_main(int argc, char **argv);
