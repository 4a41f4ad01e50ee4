/* The parts of the monitor, and what they know of each other. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "init_protocol.h"
#include "internal.h"
#include "loop.h"
#include "protocol.h"

#define MEMORY_LIMITS 3
#define MESSAGE_MAX ((64 << 20) + (64 << 10)) /* the longest script and what stands before it */

struct monitor;
struct job;

/* monitor.c */
struct monitor {
	struct loop loop;
	const struct monitor_setup *setup;
	struct source listener, init_end, out_of_memory_event, signals, timer, console;
	struct source init_socket;
	struct connection *connections;
	struct command *commands, **commands_end;
	uint64_t last_serial;
	struct job *jobs;           /* that have not ended */
	struct job *ended_jobs;     /* whose pipes are still held open: what comes through them is drained */
	int jobs_dir;
	struct console_log *console_log;
	int syslog_socket;
	bool init_alive, out_of_memory, terminating, timer_armed;
	unsigned long long memory_limits[MEMORY_LIMITS]; /* while there is more room: what they were, 0 where they are as they were */
	char *buffer;               /* LOG_CHUNK bytes, for whatever is read at the moment */
};
void monitor_terminate(struct monitor *monitor);
void monitor_retry_later(struct monitor *monitor);
size_t monitor_state(struct monitor *monitor, struct state **state);

/*
 * memory.c. Of version 1 the descriptor becomes readable when the container is out of memory, or its cgroup is gone. Of version 2 it has an
 * exceptional condition (EPOLLPRI) when what memory_ran_out() reads has changed: 1 when the container is out of memory, -1 when that cannot be
 * read, as when its cgroup is gone.
 */
int memory_watch(const char *cgroup, uint32_t *wanted);
int memory_ran_out(int events, const char *cgroup);
void memory_give_room(struct monitor *monitor);
void memory_take_room_back(struct monitor *monitor);

/* connection.c: a server's connection. Whatever a peer does not read waits in memory; one that leaves too much there is dropped. */
struct outgoing;
struct connection {
	struct source source;
	struct connection *next;
	struct monitor *monitor;
	struct message_header header;
	size_t received;            /* of header and body */
	char *body;
	struct outgoing *first, **last;
	size_t queued;
	bool greeted;               /* gets events */
	bool doomed;                /* closed at the next chance */
};
struct connection *connection_open(struct monitor *monitor, int fd);
void connection_close(struct connection *connection);
void connection_send(struct connection *connection, uint32_t type, uint32_t tag, const void *body, size_t length);
void connection_send_descriptor(struct connection *connection, uint32_t type, uint32_t tag, int descriptor);
void connection_fail(struct connection *connection, uint32_t tag, const struct init_failure *failure);
void connection_fail_errno(struct connection *connection, uint32_t tag, const char *step, const char *path, const char *text);
void connections_tell(struct monitor *monitor, uint32_t type, const void *body, size_t length);
void connections_accept(struct source *source, uint32_t events);

/* requests.c: may take connection->body away. */
void request_handle(struct connection *connection);

/* commands.c: what init was asked and has not answered. */
struct command {
	struct command *next;
	struct connection *connection; /* NULL: nobody waits for the answer, or not any more */
	uint32_t tag;
	bool sent, shell_started;
	int descriptors[3];
	struct init_command body;
	char text[];
};
struct command *command_new(struct monitor *monitor, uint32_t kind, struct connection *connection, uint32_t tag, const char *text, size_t length);
void command_send(struct monitor *monitor, struct command *command);
void command_drop(struct monitor *monitor, struct command *command);
void commands_forget_connection(struct monitor *monitor, struct connection *connection);
void commands_ready(struct source *source, uint32_t events);
void commands_drain(struct monitor *monitor);
void commands_fail_starts(struct monitor *monitor);
void commands_finish(struct monitor *monitor);

/* jobs.c, job_output.c */
struct stream {
	struct source source;
	struct job *job;
	enum log_kind kind;
	unsigned full_reads;
	char *line;                 /* what has come of a line that is not complete, for syslog */
	size_t line_length;
};

struct job_log {
	int fd;
	uint64_t size;
	char *waiting;              /* the end, which the disk had no room for */
	size_t waiting_length;
};

struct watcher {
	struct watcher *next;
	struct connection *connection;
	uint32_t tag;
	uint64_t offset;
};

struct job {
	struct stream streams[2];
	struct { struct source source; struct job *job; char *memory; const char *data; size_t length; } script;
	struct source last_output;  /* a timer: how long the output that is on its way at the script's exit is waited for */
	struct job *next;
	struct monitor *monitor;
	uint32_t id, flags;
	bool running;               /* init has started it */
	bool reaped, over_limit, killing;
	bool not_stored;            /* the disk had no room for some of its output: what came first is kept */
	bool ended;                 /* its end was told: output goes to syslog alone */
	bool exit_seen;             /* the script has exited, and what it printed was read: later output is kept, but held to no limit */
	int64_t late;               /* bytes of that */
	int status;
	int64_t limit;              /* -1: none */
	int64_t printed;
	int32_t session;
	uint64_t pipes[2];
	struct job_log log;
	struct watcher *watchers;
	char *tag, *syslog_path;    /* in `strings` */
	char *strings;
};
void job_start(struct connection *connection, char *body, size_t length, uint32_t tag);
void job_started(struct monitor *monitor, uint32_t id, int32_t session);
void job_not_started(struct monitor *monitor, uint32_t id);
void job_reaped(struct monitor *monitor, uint32_t id, int32_t status);
void job_killed(struct monitor *monitor, uint32_t id);
void job_end_if_over(struct job *job);
void job_end_without_waiting(struct job *job);
void job_free_if_drained(struct job *job);
struct job *job_find(struct monitor *monitor, uint32_t id);
void job_watch(struct connection *connection, const struct job_watch *watch, uint32_t tag);
void job_forget(struct connection *connection, uint32_t id, uint32_t tag);
void job_answer_watchers(struct job *job, bool ended);
void jobs_forget_connection(struct monitor *monitor, struct connection *connection);
void jobs_end_all(struct monitor *monitor);
void jobs_retry(struct monitor *monitor);

void job_output_open(struct job *job);
void job_output_ready(struct source *source, uint32_t events);
void job_output_drain(struct job *job);
void job_output_take_present(struct job *job);
void job_output_close(struct job *job);
void job_script_feed(struct job *job);
void job_script_close(struct job *job);

/* joblog.c */
int job_log_create(struct job_log *log, int directory, uint32_t id);
bool job_log_append(struct job_log *log, enum log_kind kind, const void *data, size_t length);
bool job_log_retry(struct job_log *log);
void job_log_drop(struct job_log *log); /* what waits */
void job_log_close(struct job_log *log);
void job_log_name(char name[32], uint32_t id);

/* syslog.c */
void syslog_write(struct stream *stream, const char *data, size_t length);
void syslog_complete(struct stream *stream);

/* console_log.c */
int console_log_open(struct monitor *monitor);

/* runfile.c */
int run_file_write(int directory, const char *name, pid_t pid);

/* From waitpid(2)'s status: what a client is told. */
int exit_status(int status);
