/*
 * A job's life in the monitor: from JOB_START until its end is on disk and told. What has ended is on disk alone.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void job_free(struct job *job)
{
	struct job **link = &job->monitor->jobs;

	while (*link != NULL && *link != job)
		link = &(*link)->next;
	if (*link == job)
		*link = job->next;
	job_output_close(job);
	job_script_close(job);
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

static void finish(struct job *job, const struct job_ended *end)
{
	if (job->monitor->jobs == job && job->next == NULL)
		memory_take_room_back(job->monitor);
	connections_tell(job->monitor, MSG_JOB_ENDED, end, sizeof(*end));
	job_answer_watchers(job, true);
	job_free(job);
}

static void fill_end(const struct job *job, struct job_ended *end)
{
	*end = (struct job_ended){ .job = job->id, .status = job->over_limit || !job->reaped ? 255 : job->status };
	if (job->over_limit)
		end->flags = JOB_OUTPUT_LIMIT_EXCEEDED;
}

/* Its bash was reaped, nothing holds its output, and all of it is on disk: then it has ended, once its end is on disk too. */
void job_end_if_over(struct job *job)
{
	struct job_ended end;

	if (!job->reaped || job->killing || job->log.waiting != NULL)
		return;
	if (job->streams[0].source.fd >= 0 || job->streams[1].source.fd >= 0)
		return;
	fill_end(job, &end);
	if (!job->end_appended) {
		job->end_appended = true;
		if (!job_log_append(&job->log, LOG_END, &end, sizeof(end))) {
			monitor_retry_later(job->monitor);
			return;
		}
	}
	finish(job, &end);
}

/* What it printed last, and perhaps its end, is lost to a disk without room; whoever watches is told its status all the same. */
static void abandon(struct job *job)
{
	struct job_ended end;

	job_log_drop(&job->log);
	fill_end(job, &end);
	if (!job->end_appended && !job_log_append(&job->log, LOG_END, &end, sizeof(end)))
		job_log_drop(&job->log);
	finish(job, &end);
}

/* The disk may have room again. */
void jobs_retry(struct monitor *monitor)
{
	for (struct job *job = monitor->jobs, *next; job != NULL; job = next) {
		next = job->next;
		if (job->log.waiting == NULL)
			continue;
		if (!job_log_retry(&job->log)) {
			if (monitor->killed && job->reaped && !job->killing)
				abandon(job);
			else
				monitor_retry_later(monitor);
			continue;
		}
		job_answer_watchers(job, false);
		if (!job->over_limit && job->running)
			job_output_resume(job);
		job_end_if_over(job);
	}
}

/* Init has ended, and with it every process: what is in the pipes is all that there will be. What the disk has no room for now is lost. */
void jobs_end_all(struct monitor *monitor)
{
	while (monitor->jobs != NULL) {
		struct job *job = monitor->jobs;
		struct job_ended end;

		job_log_retry(&job->log);
		job_output_drain(job);
		fill_end(job, &end);
		if (job->log.waiting == NULL && !job->end_appended)
			job_log_append(&job->log, LOG_END, &end, sizeof(end));
		finish(job, &end);
	}
}
