/*
 * A job's life in the monitor: from JOB_START until its end is on disk and told. What has ended is on disk alone.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * How long a job whose script has exited waits for the end of its output. `exec > >(tee log)` prints its last lines through a process that
 * bash does not wait for; what a background process prints later is nobody's any more.
 */
#define LAST_OUTPUT_NANOSECONDS 100000000L

int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

struct job *job_find(struct monitor *monitor, uint32_t id)
{
	struct job *job = monitor->jobs;

	while (job != NULL && job->id != id)
		job = job->next;
	return job;
}

void job_answer_watchers(struct job *job, bool ended)
{
	struct job_grown body = { .job = job->id, .ended = ended, .size = job->log.size };

	for (struct watcher **link = &job->watchers, *watcher; (watcher = *link) != NULL;) {
		if (!ended && job->log.size <= watcher->offset) {
			link = &watcher->next;
			continue;
		}
		*link = watcher->next;
		connection_send(watcher->connection, MSG_JOB_GROWN, watcher->tag, &body, sizeof(body));
		free(watcher);
	}
}

static void take_out(struct job **list, struct job *job)
{
	while (*list != NULL && *list != job)
		list = &(*list)->next;
	if (*list == job)
		*list = job->next;
}

static void job_free(struct job *job)
{
	take_out(&job->monitor->jobs, job);
	take_out(&job->monitor->ended_jobs, job);
	job_output_close(job);
	job_script_close(job);
	loop_close(&job->monitor->loop, &job->last_output);
	job_log_close(&job->log);
	for (int i = 0; i < 2; i++)
		free(job->streams[i].line);
	free(job->strings);
	loop_free_later(job);
}

static void remove_log(struct monitor *monitor, uint32_t id)
{
	char name[32];

	job_log_name(name, id);
	unlinkat(monitor->jobs_dir, name, 0);
}

static void last_output_is_late(struct source *source, uint32_t events)
{
	(void)events;
	job_end_without_waiting((struct job *)((char *)source - offsetof(struct job, last_output)));
}

static void script_ready(struct source *source, uint32_t events)
{
	(void)events;
	job_script_feed(((struct job *)((char *)source - offsetof(struct job, script.source))));
}

/* A pipe whose end `keep` stays here and does not block; the other goes to the job, which may open it again by its name in /proc. */
static int open_pipe(struct source *kept, int keep, int *given, uid_t owner)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	kept->fd = ends[keep];
	*given = ends[!keep];
	if (owner != 0 && fchown(*given, owner, owner) < 0)
		return -1;
	return fcntl(kept->fd, F_SETFL, O_NONBLOCK);
}

static int open_pipes(struct job *job, struct command *command)
{
	uid_t owner = job->flags & JOB_PRIVILEGED ? 0 : job->monitor->setup->config->uid;

	if (open_pipe(&job->script.source, 1, &command->descriptors[0], owner) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		struct stat status;

		if (open_pipe(&job->streams[i].source, 0, &command->descriptors[i + 1], owner) < 0 || fstat(job->streams[i].source.fd, &status) < 0)
			return -1;
		job->pipes[i] = status.st_ino;
	}
	return 0;
}

/* Takes the request apart; it keeps `body`, for the script in it. */
static struct job *job_new(struct monitor *monitor, char *body, const struct job_start *request)
{
	const char *strings = body + sizeof(*request) + request->language_length;
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL || (job->strings = calloc(1, (size_t)request->tag_length + request->syslog_length + 2)) == NULL) {
		free(job);
		return NULL;
	}
	if (request->tag_length > 0) {
		job->tag = memcpy(job->strings, strings, request->tag_length);
		job->syslog_path = memcpy(job->strings + request->tag_length + 1, strings + request->tag_length, request->syslog_length);
	}
	job->monitor = monitor;
	job->id = request->job;
	job->flags = request->flags;
	job->limit = request->output_limit;
	job->log.fd = -1;
	job->last_output = (struct source){ .fd = -1, .ready = last_output_is_late };
	job->script.source = (struct source){ .fd = -1, .ready = script_ready };
	job->script.memory = body;
	job->script.data = strings + request->tag_length + request->syslog_length;
	job->script.length = request->script_length;
	for (int i = 0; i < 2; i++)
		job->streams[i] = (struct stream){ .source = { .fd = -1, .ready = job_output_ready }, .job = job, .kind = i == 0 ? LOG_STDOUT : LOG_STDERR };
	return job;
}

static bool is_valid(const struct job_start *request, size_t length)
{
	return length >= sizeof(*request) && request->language_length <= INIT_TEXT_MAX
		&& (uint64_t)request->language_length + request->tag_length + request->syslog_length + request->script_length == length - sizeof(*request);
}

/* Makes all that a job needs. The command is its last part: a job whose start fails before it has none. */
static struct job *prepare(struct connection *connection, char *body, const struct job_start *request, uint32_t tag, struct command **command)
{
	struct monitor *monitor = connection->monitor;
	struct job *job = job_new(monitor, body, request);

	if (job == NULL) {
		connection_fail_errno(connection, tag, "memory", "", "start a job");
		free(body);
		return NULL;
	}
	if (job_log_create(&job->log, monitor->jobs_dir, job->id) < 0) {
		connection_fail_errno(connection, tag, "log", "", "create the job's log");
		job_free(job);
		return NULL;
	}
	*command = command_new(monitor, INIT_START_JOB, connection, tag, body + sizeof(*request), request->language_length);
	if (*command == NULL || open_pipes(job, *command) < 0) {
		connection_fail_errno(connection, tag, "pipe", "", "make the job's pipes");
		if (*command != NULL)
			command_drop(monitor, *command);
		remove_log(monitor, job->id);
		job_free(job);
		return NULL;
	}
	return job;
}

void job_start(struct connection *connection, char *body, size_t length, uint32_t tag)
{
	struct monitor *monitor = connection->monitor;
	const struct job_start *request = (const struct job_start *)body;
	struct command *command;
	struct job *job;

	if (!is_valid(request, length)) {
		connection->doomed = true;
		free(body);
		return;
	}
	if (!monitor->init_alive) {
		errno = ESRCH;
		connection_fail_errno(connection, tag, "init", "", "start a job in a container that has ended");
		free(body);
		return;
	}
	job = prepare(connection, body, request, tag, &command);
	if (job == NULL)
		return;
	command->body.job = job->id;
	command->body.flags = job->flags;
	memcpy(command->body.limits, request->limits, sizeof(command->body.limits));
	job->next = monitor->jobs;
	monitor->jobs = job;
	job_script_feed(job); /* before the start: most scripts are in the pipe when bash comes to read it */
	command_send(monitor, command);
}

void job_started(struct monitor *monitor, uint32_t id, int32_t session)
{
	struct job *job = job_find(monitor, id);

	if (job == NULL)
		return;
	job->running = true;
	job->session = session;
	job_output_open(job);
}

void job_not_started(struct monitor *monitor, uint32_t id)
{
	struct job *job = job_find(monitor, id);

	if (job == NULL)
		return;
	remove_log(monitor, id);
	job_answer_watchers(job, true);
	job_free(job);
}

void job_reaped(struct monitor *monitor, uint32_t id, int32_t status)
{
	struct job *job = job_find(monitor, id);

	if (job == NULL)
		return;
	job->reaped = true;
	job->status = exit_status(status);
	job_output_take_present(job);
	job_end_if_over(job);
}

void job_killed(struct monitor *monitor, uint32_t id)
{
	struct job *job = job_find(monitor, id);

	if (job == NULL)
		return;
	job->killing = false;
	job_output_close(job);
	job_end_if_over(job);
}

/* Its end is told. What is still to do, draining its pipes and writing its end to a full disk, goes on without anybody waiting. */
static void finish(struct job *job, const struct job_ended *end)
{
	struct monitor *monitor = job->monitor;

	take_out(&monitor->jobs, job);
	job->ended = true;
	job->next = monitor->ended_jobs;
	monitor->ended_jobs = job;
	if (monitor->jobs == NULL)
		memory_take_room_back(monitor);
	connections_tell(monitor, MSG_JOB_ENDED, end, sizeof(*end));
	job_answer_watchers(job, true);
	job_script_close(job);
	loop_close(&monitor->loop, &job->last_output);
	job_free_if_drained(job);
}

void job_free_if_drained(struct job *job)
{
	if (job->streams[0].source.fd < 0 && job->streams[1].source.fd < 0 && job->log.waiting == NULL)
		job_free(job);
}

static void fill_end(const struct job *job, struct job_ended *end)
{
	*end = (struct job_ended){ .job = job->id, .status = job->over_limit || !job->reaped ? 255 : job->status };
	if (job->over_limit)
		end->flags = JOB_OUTPUT_LIMIT_EXCEEDED;
	if (job->not_stored)
		end->flags |= JOB_OUTPUT_NOT_STORED;
}

/* The end goes to the log, or waits in memory for room on the disk; either way it is told now. */
static void end_now(struct job *job)
{
	struct job_ended end;

	fill_end(job, &end);
	if (!job_log_append(&job->log, LOG_END, &end, sizeof(end)))
		monitor_retry_later(job->monitor);
	finish(job, &end);
}

/* Its bash was reaped and what it printed is stored. Where its output is still held open, there is little time for more. */
void job_end_if_over(struct job *job)
{
	static const struct itimerspec time = { .it_value.tv_nsec = LAST_OUTPUT_NANOSECONDS };

	if (!job->reaped || job->killing)
		return;
	if (job->streams[0].source.fd < 0 && job->streams[1].source.fd < 0) {
		end_now(job);
		return;
	}
	if (job->last_output.fd >= 0)
		return;
	job->last_output.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (job->last_output.fd < 0 || timerfd_settime(job->last_output.fd, 0, &time, NULL) < 0
		|| loop_watch(&job->monitor->loop, &job->last_output, EPOLLIN) < 0)
		end_now(job);
}

void job_end_without_waiting(struct job *job)
{
	loop_close(&job->monitor->loop, &job->last_output);
	if (job->killing)
		return; /* the kill ends it */
	job_output_take_present(job);
	end_now(job);
}

static bool is_forgotten(const struct job *job)
{
	struct stat status;

	return fstat(job->log.fd, &status) == 0 && status.st_nlink == 0;
}

/* The disk may have room again, for the ends that it had none for. */
void jobs_retry(struct monitor *monitor)
{
	for (struct job *job = monitor->ended_jobs, *next; job != NULL; job = next) {
		next = job->next;
		if (job->log.waiting == NULL)
			continue;
		if (is_forgotten(job))
			job_log_drop(&job->log);
		else if (!job_log_retry(&job->log))
			monitor_retry_later(monitor);
		job_free_if_drained(job);
	}
}

/* Init has ended, and with it every process: what is in the pipes is all that there will be. */
void jobs_end_all(struct monitor *monitor)
{
	while (monitor->jobs != NULL) {
		job_output_drain(monitor->jobs);
		end_now(monitor->jobs);
	}
	for (struct job *job = monitor->ended_jobs, *next; job != NULL; job = next) {
		next = job->next;
		job_output_drain(job);
		job_free_if_drained(job);
	}
}
