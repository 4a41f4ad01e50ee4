/* The monitor's side of the start: protocol.h tells what the server sees of it. */
#include "child.h"
#include "cleanup.h"
#include "config.h"
#include "hooks.h"
#include "kernel.h"
#include "overlay.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { MESSAGE_LIMIT = 16 << 20 };

struct start {
	struct config config;
	struct failure why;
	struct console console;
	char rootfs[4096];
	char *go;                    /* MSG_GO's strings */
	const char *memory_cgroup;
	int connection;
	uint32_t tag;
	int host_mounts, host_root;  /* what the monitor returns to */
	int sync, init_socket;       /* this side's ends */
	int pidfd;
	pid_t pid;
	bool made_rootfs;
	int run_dir, listener;
};

static struct start *start_new(void)
{
	/* One in a process, and too big for the stack of a small program. */
	static struct start start = {
		.console = { .master = -1, .slave = -1 },
		.connection = -1, .host_mounts = -1, .host_root = -1, .sync = -1, .init_socket = -1, .pidfd = -1, .run_dir = -1, .listener = -1,
	};

	return &start;
}

/* Standard descriptors that lead nowhere, a session of its own, and the connection out of their way. */
static int become_daemon(struct start *start)
{
	struct failure *why = &start->why;
	cleanup_close int null = -1;

	if (kernel_close_range(3, ~0u) < 0)
		return fail_errno(why, NULL, "close the server's descriptors");
	start->connection = fcntl(0, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (start->connection < 0 || null < 0 || dup2(null, 0) < 0)
		return fail_errno(why, "/dev/null", "have a standard input");
	setsid();
	umask(0);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "warden-monitor");
	return chdir("/") < 0 ? fail_errno(why, "/", "work") : 0;
}

static int receive_start(struct start *start)
{
	struct message_header header;
	void *body;

	if (message_receive(start->connection, &header, &body, MESSAGE_LIMIT) != 1)
		return fail(&start->why, EPROTO, NULL, "read the server's first message");
	start->tag = header.tag;
	if (header.type != MSG_START)
		return fail(&start->why, EPROTO, NULL, "understand the server's first message");
	return config_parse(&start->config, body, header.length, &start->why);
}

static int run_hook(struct start *start, const char *step, const char *rootfs, int namespaces)
{
	const struct hook hook = {
		.config = &start->config, .step = step, .rootfs = rootfs, .pid = start->pid, .pidfd = start->pidfd,
		.namespaces = namespaces, .connection = start->connection,
	};

	return hook_run(&hook, &start->why);
}

static int before_clone(struct start *start)
{
	cleanup_close int root = -1;
	struct failure *why = &start->why;

	failure_step(why, STEP_PARENT_BEFORE_CLONE);
	if ((size_t)snprintf(start->rootfs, sizeof start->rootfs, "%s/root", start->config.run_dir) >= sizeof start->rootfs)
		return fail(why, ENAMETOOLONG, start->config.run_dir, "mount the container's root in so long a path, as is");
	if (console_open(&start->console, why) < 0)
		return -1;
	start->host_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	start->host_mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (start->host_root < 0 || start->host_mounts < 0)
		return fail_errno(why, "/proc/self/ns/mnt", "remember the host's mounts");
	if (mkdir(start->rootfs, 0700) < 0 && errno != EEXIST)
		return fail_errno(why, start->rootfs, "make the place of the container's root");
	start->made_rootfs = true;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail_errno(why, NULL, "make a mount namespace");
	if (overlay_mount(&start->config, start->rootfs, why) < 0)
		return -1;
	root = open(start->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail_errno(why, start->rootfs, "open the container's root");
	if (console_own(root, &start->console, why) < 0)
		return -1;
	return run_hook(start, STEP_PARENT_BEFORE_CLONE, start->rootfs, 0);
}

/* Into the group of version 2 at once where there is one and clone3(2) is let through, which container runtimes forbid; else the server moves the child. */
static pid_t clone_process(struct start *start, uint64_t flags)
{
	struct clone_arguments arguments = {
		.flags = flags | CLONE_PIDFD | CLONE_INTO_CGROUP, .pidfd = (uintptr_t)&start->pidfd, .exit_signal = SIGCHLD,
	};

	if (start->config.cgroup_unified) {
		cleanup_close int cgroup = open(start->config.cgroup_unified, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		pid_t pid;

		arguments.cgroup = (uint64_t)cgroup;
		pid = cgroup < 0 ? -1 : (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
		if (pid >= 0)
			return pid;
	}
	return (pid_t)syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, 0, &start->pidfd, 0, 0);
}

static int clone_child(struct start *start)
{
	const unsigned long namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;
	cleanup_close int child_sync = -1, child_init = -1;
	int sync[2], init[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync) < 0)
		return fail_errno(&start->why, NULL, "make a socket to the container");
	start->sync = sync[0], child_sync = sync[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, init) < 0)
		return fail_errno(&start->why, NULL, "make a socket to the container's init");
	start->init_socket = init[0], child_init = init[1];
	start->pid = clone_process(start, namespaces);
	if (start->pid == 0) {
		const struct child_setup setup = {
			.config = &start->config, .rootfs = start->rootfs, .console = &start->console, .sync = child_sync, .init_socket = child_init,
		};

		_exit(child_main(&setup));
	}
	return start->pid < 0 ? fail_errno(&start->why, NULL, "clone the container's first process") : 0;
}

/* The child has said, or says nothing any more, why it ended. */
static int fail_of_child(struct start *start)
{
	struct message_header header;
	cleanup_free void *body = NULL;

	if (message_receive(start->sync, &header, &body, FAILURE_BODY_MAX) == 1 && header.type == MSG_FAILED &&
	    failure_decode(&start->why, body, header.length) == 0)
		return -1;
	return fail(&start->why, 0, NULL, "the container's first process ended unasked");
}

/* Blocks until `wanted` has something to read; the end of the other side is a failure. */
static int await(struct start *start, int wanted)
{
	struct pollfd watched[] = {
		{ start->connection, wanted == start->connection ? POLLIN : POLLRDHUP, 0 },
		{ start->sync, wanted == start->sync ? POLLIN : POLLRDHUP, 0 },
	};
	const struct pollfd *ready = &watched[wanted == start->sync], *other = &watched[wanted != start->sync];

	while (poll(watched, 2, -1) < 0)
		if (errno != EINTR)
			return fail_errno(&start->why, NULL, "wait for server and container");
	if (ready->revents)
		return 0;
	return other->fd == start->sync ? fail_of_child(start) : fail(&start->why, ECONNRESET, NULL, "reach the server");
}

static int await_joined(struct start *start)
{
	struct message_header header;
	cleanup_free void *body = NULL;

	if (await(start, start->sync) < 0)
		return -1;
	if (message_receive(start->sync, &header, &body, FAILURE_BODY_MAX) != 1)
		return fail(&start->why, 0, NULL, "the container's first process ended unasked");
	if (header.type == MSG_FAILED && failure_decode(&start->why, body, header.length) == 0)
		return -1;
	return header.type == SYNC_JOINED ? 0 : fail(&start->why, EPROTO, NULL, "understand the container's first process");
}

static int after_clone(struct start *start)
{
	const struct cloned cloned = { .pid = start->pid };
	struct message_header header;
	void *body;

	failure_step(&start->why, STEP_PARENT_AFTER_CLONE);
	if (await_joined(start) < 0)
		return -1;
	if (message_send(start->connection, MSG_CLONED, start->tag, &cloned, sizeof cloned) < 0)
		return fail_errno(&start->why, NULL, "tell the server of the clone");
	if (await(start, start->connection) < 0)
		return -1;
	if (message_receive(start->connection, &header, &body, MESSAGE_LIMIT) != 1)
		return fail(&start->why, ECONNRESET, NULL, "reach the server");
	start->go = body;
	start->tag = header.tag;
	if (header.type != MSG_GO)
		return fail(&start->why, EPROTO, NULL, "understand the server, whose word to go on was expected");
	start->memory_cgroup = config_find(body, header.length, "memory_cgroup");
	if (run_hook(start, STEP_PARENT_AFTER_CLONE, start->rootfs, 0) < 0)
		return -1;
	if (message_send(start->sync, SYNC_GO, 0, NULL, 0) < 0)
		return fail_of_child(start);
	return 0;
}

/* The child has done a step: its hook runs where the host's programs are, in the child's other namespaces. */
static int run_child_hook(struct start *start, const char *step)
{
	const int namespaces = CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;
	char rootfs[64];

	/* Until the pivot the child's mounts have the host's tree, and a hook may add to them. */
	if (strcmp(step, STEP_CHILD_BEFORE_PIVOT) == 0)
		return run_hook(start, STEP_CHILD_BEFORE_PIVOT, start->rootfs, namespaces | CLONE_NEWNS);
	snprintf(rootfs, sizeof rootfs, "/proc/%d/root", start->pid);
	return run_hook(start, STEP_CHILD_AFTER_PIVOT, rootfs, namespaces);
}

/* One message of the child: 1 when it was its last step's, 0 when more will come. */
static int serve_child(struct start *start)
{
	struct message_header header;
	cleanup_free void *body = NULL;
	bool last;

	if (await(start, start->sync) < 0)
		return -1;
	if (message_receive(start->sync, &header, &body, FAILURE_BODY_MAX) != 1)
		return fail(&start->why, 0, NULL, "the container's first process ended unasked");
	if (header.type == MSG_FAILED && failure_decode(&start->why, body, header.length) == 0)
		return -1;
	if (header.type != SYNC_STEP)
		return fail(&start->why, EPROTO, NULL, "understand the container's first process");
	last = strcmp(body, STEP_CHILD_AFTER_PIVOT) == 0;
	failure_step(&start->why, last ? STEP_CHILD_AFTER_PIVOT : STEP_CHILD_BEFORE_PIVOT);
	if (run_child_hook(start, body) < 0)
		return -1;
	if (message_send(start->sync, SYNC_STEP_DONE, 0, NULL, 0) < 0)
		return fail_of_child(start);
	return last;
}

/* The child has mounts of its own by now: in the monitor's, nothing is to keep busy what the host wants to unmount. */
static int return_to_host(struct start *start)
{
	if (start->host_mounts < 0)
		return 0;
	if (setns(start->host_mounts, CLONE_NEWNS) < 0 || fchdir(start->host_root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail_errno(&start->why, NULL, "return to the host's mounts");
	close(take_fd(&start->host_mounts));
	close(take_fd(&start->host_root));
	return rmdir(start->rootfs) < 0 && errno != ENOENT ? fail_errno(&start->why, start->rootfs, "remove the place of the container's root") : 0;
}

/* The socket is named from within its directory: a depot's path may be longer than a socket's name can be (unix(7)). */
static int listen_for_servers(struct start *start)
{
	const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "monitor.sock" };

	start->run_dir = open(start->config.run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (start->run_dir < 0 || fchdir(start->run_dir) < 0)
		return fail_errno(&start->why, start->config.run_dir, "work");
	start->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (start->listener < 0 || (unlink(name.sun_path) < 0 && errno != ENOENT) ||
	    bind(start->listener, (const struct sockaddr *)&name, sizeof name) < 0 || chmod(name.sun_path, 0600) < 0 ||
	    listen(start->listener, 64) < 0)
		return fail_errno(&start->why, start->config.run_dir, "listen for servers");
	return chdir("/") < 0 ? fail_errno(&start->why, "/", "work") : 0;
}

static int start_container(struct start *start)
{
	int last;

	failure_step(&start->why, STEP_PARENT_BEFORE_CLONE);
	if (become_daemon(start) < 0 || receive_start(start) < 0 || before_clone(start) < 0 || clone_child(start) < 0)
		return -1;
	if (after_clone(start) < 0)
		return -1;
	do
		last = serve_child(start);
	while (last == 0);
	if (last < 0 || return_to_host(start) < 0)
		return -1;
	close(take_fd(&start->sync));
	return listen_for_servers(start);
}

/* Nothing of the container is left when the server hears of the failure. */
static int give_up(struct start *start)
{
	static struct failure why;

	why = start->why;
	if (start->pid > 0) {
		kill(start->pid, SIGKILL);
		while (waitpid(start->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (start->made_rootfs)
		return_to_host(start);
	if (start->listener >= 0 && start->run_dir >= 0)
		unlinkat(start->run_dir, "monitor.sock", 0);
	failure_send(start->connection < 0 ? 0 : start->connection, start->tag, &why);
	return 1;
}

int start_main(void)
{
	struct start *start = start_new();
	struct monitor_setup monitor;

	if (start_container(start) < 0)
		return give_up(start);
	monitor = (struct monitor_setup) {
		.connection = start->connection,
		.tag = start->tag,
		.listener = start->listener,
		.run_dir = start->run_dir,
		.init_pid = start->pid,
		.init_pidfd = start->pidfd,
		.init_socket = start->init_socket,
		.console = start->console.master,
		.console_slave = start->console.slave,
		.memory_cgroup = start->memory_cgroup,
		.config = &start->config,
	};
	return monitor_run(&monitor);
}
