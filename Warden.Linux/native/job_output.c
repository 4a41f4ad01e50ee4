/*
 * What goes into a job and what comes out of it: the script that is its standard input, and the pipes of its output.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A job that fills its pipe as fast as it is emptied gets a bigger one; most jobs never need it. Where it is refused, the old one serves. */
#define BULK_READS 8
#define BULK_PIPE (256 << 10)

/* As much is kept of what a job's background processes print between the script's exit and the job's end. */
#define LATE_MAX (1 << 20)

static void stream_close(struct stream *stream)
{
	syslog_complete(stream);
	loop_close(&stream->job->monitor->loop, &stream->source);
}

static void pause_output(struct job *job)
{
	for (int i = 0; i < 2; i++) {
		if (job->streams[i].source.fd >= 0)
			loop_watch(&job->monitor->loop, &job->streams[i].source, 0);
	}
}

void job_output_open(struct job *job)
{
	for (int i = 0; i < 2; i++)
		loop_watch(&job->monitor->loop, &job->streams[i].source, EPOLLIN);
}

void job_output_close(struct job *job)
{
	for (int i = 0; i < 2; i++)
		stream_close(&job->streams[i]);
}

static void kill_for_output(struct job *job)
{
	struct monitor *monitor = job->monitor;
	struct command *command = monitor->init_alive ? command_new(monitor, INIT_KILL_JOB, NULL, 0, NULL, 0) : NULL;

	/* The pipes stay open, unread, until its processes are dead: none of them gets to see SIGPIPE. */
	job->over_limit = true;
	pause_output(job);
	if (command == NULL) {
		job_output_close(job);
		return;
	}
	job->killing = true;
	command->body.job = job->id;
	command->body.session = job->session;
	command->body.pipes[0] = job->pipes[0];
	command->body.pipes[1] = job->pipes[1];
	command_send(monitor, command);
}

/* Whatever the reason that the disk takes no more (no room, a quota, no inode, read-only): the job goes on, and what came first is kept. */
static void store(struct stream *stream, const char *data, size_t length)
{
	struct job *job = stream->job;

	if (job->not_stored)
		return;
	if (job_log_append(&job->log, stream->kind, data, length)) {
		job_answer_watchers(job, false);
		return;
	}
	job->not_stored = true;
	for (length /= 2; length > 0; length /= 2) {
		job_log_drop(&job->log);
		if (job_log_append(&job->log, stream->kind, data, length))
			data += length;
	}
	job_log_drop(&job->log);
	job_answer_watchers(job, false);
}

static void keep(struct stream *stream, const char *data, size_t length)
{
	struct job *job = stream->job;
	bool over = false;

	if (job->ended) {
		syslog_write(stream, data, length);
		return;
	}
	if (!(job->flags & JOB_DISCARD_OUTPUT) && job->limit >= 0 && (int64_t)length > job->limit - job->printed) {
		length = (size_t)(job->limit - job->printed);
		over = !job->exit_seen;
	}
	job->printed += (int64_t)length;
	if (length > 0)
		syslog_write(stream, data, length);
	if (length > 0 && !(job->flags & JOB_DISCARD_OUTPUT)) {
		store(stream, data, length);
	}
	if (over)
		kill_for_output(job);
}

/* One read of at most `length` bytes, which LOG_CHUNK bounds. Returns how many came; 0 at the end of the stream, and when nothing is in the pipe. */
static size_t take(struct stream *stream, size_t length)
{
	char *buffer = stream->job->monitor->buffer;
	ssize_t count = read(stream->source.fd, buffer, length < LOG_CHUNK ? length : LOG_CHUNK);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (count <= 0) {
		stream_close(stream);
		return 0;
	}
	if (count == LOG_CHUNK && ++stream->full_reads == BULK_READS)
		fcntl(stream->source.fd, F_SETPIPE_SZ, BULK_PIPE);
	keep(stream, buffer, (size_t)count);
	return (size_t)count;
}

void job_output_ready(struct source *source, uint32_t events)
{
	struct stream *stream = (struct stream *)source;
	struct job *job = stream->job;

	(void)events;
	size_t count = take(stream, LOG_CHUNK);
	if (job->ended) {
		job_free_if_drained(job);
		return;
	}
	if (job->reaped && (job->late += (int64_t)count) > LATE_MAX)
		job_end_without_waiting(job);
	else
		job_end_if_over(job);
}

/*
 * What is in the pipes now: FIONREAD tells how much. A read until the pipe is empty would never end where a background process prints without
 * an end.
 */
void job_output_take_present(struct job *job)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &job->streams[i];
		int present = 0;

		if (stream->source.fd < 0 || ioctl(stream->source.fd, FIONREAD, &present) < 0)
			continue;
		for (size_t left = (size_t)present, count; left > 0 && stream->source.fd >= 0 && !job->over_limit; left -= count) {
			count = take(stream, left);
			if (count == 0)
				break;
		}
	}
	job->exit_seen = job->reaped;
	/* The end of a stream that nothing holds open. */
	for (int i = 0; i < 2; i++) {
		if (job->streams[i].source.fd >= 0 && !job->over_limit)
			take(&job->streams[i], LOG_CHUNK);
	}
}

/* Everything that is in the pipes, for a job whose processes are gone. */
void job_output_drain(struct job *job)
{
	for (int i = 0; i < 2; i++) {
		while (job->streams[i].source.fd >= 0 && !job->over_limit && take(&job->streams[i], LOG_CHUNK) > 0)
			;
	}
	job_output_close(job);
}

void job_script_close(struct job *job)
{
	loop_close(&job->monitor->loop, &job->script.source);
	free(job->script.memory);
	job->script.memory = NULL;
}

/* Writes what the pipe has room for; a job that has ended or closed its input needs no more. */
void job_script_feed(struct job *job)
{
	while (job->script.length > 0) {
		ssize_t count = write(job->script.source.fd, job->script.data, job->script.length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN && loop_watch(&job->monitor->loop, &job->script.source, EPOLLOUT) == 0)
			return;
		if (count < 0)
			break;
		job->script.data += count;
		job->script.length -= (size_t)count;
	}
	job_script_close(job);
}
