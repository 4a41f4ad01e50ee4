/*
 * What the server and a container's monitor say to each other, over a stream socket. Little endian, as the machine is: both ends are on
 * one host. The server's side is Warden.Linux/Processes/MonitorProtocol.cs; change both or neither, and raise the version.
 *
 * Start. The server posix_spawns this program as `warden-helper start` with one end of a socketpair as descriptor 0, and sends START.
 * The helper makes the container as far as a child that waits behind a barrier, and answers CLONED. The server puts the child into its
 * cgroups and moves the container's interface into its network namespace, and sends GO. The helper answers READY when init serves. From then on it is
 * the container's monitor; descriptor 0 is its first connection, and `<run_dir>/monitor.sock` takes more of them, from later servers. Whatever fails
 * before READY is answered with FAILED, after which nothing of the container is left and the helper ends. The end of the connection before READY means the same.
 */
#pragma once
#include <stdint.h>

#define WARDEN_PROTOCOL_VERSION 1

/* Every message: this header, then `length` bytes. A reply carries the request's `tag`; an event carries 0. */
struct message_header {
	uint32_t length;
	uint32_t type;
	uint32_t tag;
};

/* START: NUL-terminated strings, key and value by turns. Keys:
 *   version        WARDEN_PROTOCOL_VERSION
 *   id             the container's id; also the host name
 *   path           <depot>/<id>, absolute
 *   run_dir        <path>/run, mode 0700, exists: monitor.sock and the monitor's own files (jobs' logs in run/jobs)
 *   lower          the read-only root filesystem, absolute; mounted as the union's lower directory
 *   upper, work    directories of the union, absolute; exist
 *   lower_uid      optional: files of this uid in `lower` are shown as `uid` (an id-mapped mount of lower)
 *   uid            of vcap (its gid is the same)
 *   interface      the name of the container's interface, w-<id>-1
 *   address, gateway, prefix, mtu      of that interface, dotted quad and decimal numbers
 *   console_log    absolute path; console_max: bytes after which it is rotated to console_log.1
 *   hooks          optional: directory of the operator's executables, named after the steps below
 *   no_new_privs   1 or 0
 *   nested         1: allow_nested_warden
 *   i386_sockets   1: allow_i386_sockets
 *   shm_size       optional: bytes that /dev/shm holds
 *   cgroup_tasks   once for each group of version 1 that the container gets: its file `tasks`. The child is in them when CLONED is sent
 *   cgroup_unified optional: the directory of its group of version 2, which the child is cloned into where clone3(2) can
 *   bind_source, bind_target, bind_mode (ro or rw)     once for each bind mount, in order; bind_mode ends an entry
 */

/* A step's name stands in FAILED, and is the name of the operator's hook that runs at its end. */
#define STEP_PARENT_BEFORE_CLONE "parent-before-clone"
#define STEP_PARENT_AFTER_CLONE  "parent-after-clone"
#define STEP_CHILD_BEFORE_PIVOT  "child-before-pivot"
#define STEP_CHILD_AFTER_PIVOT   "child-after-pivot"

enum message_type {
	/* server to helper */
	MSG_START = 1,        /* see above */
	MSG_GO = 2,           /* strings as in START: memory_cgroup (absolute path of the container's cgroup with the memory controller, or absent) */
	MSG_HELLO = 3,        /* nothing; -> MSG_STATE. The first thing on a connection to monitor.sock */
	MSG_JOB_START = 4,    /* struct job_start and its strings; -> MSG_JOB_STARTED or MSG_FAILED */
	MSG_JOB_WATCH = 5,    /* struct job_watch; -> MSG_JOB_GROWN once the job's log is longer than `offset` or ended. Many may wait */
	MSG_JOB_FORGET = 6,   /* struct job_id; the job has ended: its log is removed; -> MSG_DONE */
	MSG_SIGNAL_ALL = 7,   /* struct signal_all: kill(-1, sig) by init; -> MSG_DONE */
	MSG_WAIT_IDLE = 8,    /* nothing; -> MSG_DONE once init has no child */
	MSG_TERMINATE = 9,    /* nothing: kill init, wait for it (and so for its pid namespace); -> MSG_DONE, after which the monitor ends */
	MSG_SHELL = 10,       /* struct shell_start and its strings; -> MSG_SHELL_STARTED with the pty's master as SCM_RIGHTS, or MSG_FAILED; later MSG_SHELL_ENDED with the same tag */

	/* helper to server */
	MSG_CLONED = 100,     /* struct cloned */
	MSG_READY = 101,      /* struct state, as MSG_STATE */
	MSG_FAILED = 102,     /* struct failed and its strings */
	MSG_STATE = 103,      /* struct state, then uint32_t ids of the jobs that run */
	MSG_DONE = 104,       /* nothing */
	MSG_JOB_STARTED = 105, /* struct job_id */
	MSG_JOB_GROWN = 106,  /* struct job_grown */
	MSG_SHELL_STARTED = 107,
	MSG_SHELL_ENDED = 108, /* struct shell_ended */

	/* events, tag 0, to every connection that has had READY or STATE */
	MSG_JOB_ENDED = 200,  /* struct job_ended; its log is complete on disk */
	MSG_OUT_OF_MEMORY = 201,
	MSG_INIT_ENDED = 202, /* struct job_ended with job 0; all jobs have ended before it is sent */
};

struct cloned {
	int32_t pid;          /* of the child, in the host's pid namespace */
};

struct state {
	uint32_t version;
	int32_t monitor_pid;  /* in the host's pid namespace */
	int32_t init_pid;
	uint8_t init_alive;
	uint8_t out_of_memory; /* it has happened at least once */
	uint8_t reserved[2];
	uint32_t running_jobs; /* how many ids follow */
};

/* step, path and text follow, without NUL. `code` is an errno, or 0 where there is none (a hook that failed). */
struct failed {
	int32_t code;
	uint16_t step_length; /* which step of the start, or "setrlimit" (path = the limit's name), "exec", "setuid" … */
	uint16_t path_length; /* what it was about; may be empty */
	uint32_t text_length; /* one clause in English without the errno's text, e.g. "mount the union of the root filesystem" */
};

#define JOB_PRIVILEGED     0x1
#define JOB_DISCARD_OUTPUT 0x2

struct job_start {
	uint32_t job;
	uint32_t flags;
	int64_t output_limit; /* bytes; -1 = none */
	uint64_t limits[15];  /* soft = hard, in the order as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio sigpending stack; UINT64_MAX = unlimited */
	uint32_t language_length; /* LANG */
	uint32_t tag_length;      /* log_tag, already cleaned; 0 = none */
	uint32_t syslog_length;   /* path of the datagram socket */
	uint32_t script_length;
	/* the four strings follow */
};

struct job_id { uint32_t job; };
struct job_watch { uint32_t job; uint32_t reserved; uint64_t offset; };
struct job_grown { uint32_t job; uint32_t ended; uint64_t size; };
struct job_ended { uint32_t job; int32_t status; uint32_t flags; };
#define JOB_OUTPUT_LIMIT_EXCEEDED 0x1
#define JOB_OUTPUT_NOT_STORED     0x2 /* the disk had no room for all of it */
struct signal_all { int32_t signal; };
struct shell_start { uint32_t flags; uint16_t rows, columns; uint32_t term_length; /* TERM follows */ };
struct shell_ended { int32_t status; };

/*
 * A job's log, <run_dir>/jobs/<job>.log, is only ever appended to: it is what is left of a job when server and monitor are gone. Records:
 * this header and `length` bytes. A log without an end record whose monitor is gone is a job of unknown status (255).
 */
struct log_record {
	uint8_t kind;
	uint8_t reserved[3];
	uint32_t length;      /* of stdout and stderr at most LOG_CHUNK */
};
enum log_kind { LOG_STDOUT = 1, LOG_STDERR = 2, LOG_END = 3 /* struct job_ended */ };
#define LOG_CHUNK 65536
