/*
 * What servers ask about jobs that are there already, the ended ones among them: those are nothing but a log.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void watch_ended(struct connection *connection, uint32_t id, uint32_t tag)
{
	char name[32];
	struct stat status;

	job_log_name(name, id);
	if (fstatat(connection->monitor->jobs_dir, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		connection_fail_errno(connection, tag, "watch", name, "find the job");
		return;
	}

	struct job_grown body = { .job = id, .ended = 1, .size = (uint64_t)status.st_size };
	connection_send(connection, MSG_JOB_GROWN, tag, &body, sizeof(body));
}

void job_watch(struct connection *connection, const struct job_watch *watch, uint32_t tag)
{
	struct job *job = job_find(connection->monitor, watch->job);
	struct watcher *watcher;

	if (job == NULL) {
		watch_ended(connection, watch->job, tag);
		return;
	}
	watcher = malloc(sizeof(*watcher));
	if (watcher == NULL) {
		connection_fail_errno(connection, tag, "memory", "", "watch the job");
		return;
	}
	*watcher = (struct watcher){ .next = job->watchers, .connection = connection, .tag = tag, .offset = watch->offset };
	job->watchers = watcher;
	job_answer_watchers(job, false);
}

void job_forget(struct connection *connection, uint32_t id, uint32_t tag)
{
	char name[32];

	job_log_name(name, id);
	errno = EBUSY;
	if (job_find(connection->monitor, id) != NULL || (unlinkat(connection->monitor->jobs_dir, name, 0) < 0 && errno != ENOENT)) {
		connection_fail_errno(connection, tag, "forget", name, "remove the job's log");
		return;
	}
	connection_send(connection, MSG_DONE, tag, NULL, 0);
}

void jobs_forget_connection(struct monitor *monitor, struct connection *connection)
{
	for (struct job *job = monitor->jobs; job != NULL; job = job->next) {
		for (struct watcher **link = &job->watchers, *watcher; (watcher = *link) != NULL;) {
			if (watcher->connection != connection) {
				link = &watcher->next;
				continue;
			}
			*link = watcher->next;
			free(watcher);
		}
	}
}
