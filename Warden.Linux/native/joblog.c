/*
 * A job's log on disk (protocol.h). Whole records or nothing: what the disk has no room for is taken back and waits in memory.
 */
#include "monitor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void job_log_name(char name[32], uint32_t id)
{
	snprintf(name, 32, "%u.log", id);
}

int job_log_create(struct job_log *log, int directory, uint32_t id)
{
	char name[32];

	job_log_name(name, id);
	*log = (struct job_log){ .fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600) };
	return log->fd < 0 ? -1 : 0;
}

/* All or nothing. A reader never looks further than it was told, so a record that is taken back was never seen. */
static bool write_whole(struct job_log *log, struct iovec *parts, int count, size_t length)
{
	ssize_t written = writev(log->fd, parts, count);

	if (written == (ssize_t)length) {
		log->size += length;
		return true;
	}
	if (written > 0 && ftruncate(log->fd, (off_t)log->size) < 0)
		return false;
	return false;
}

/* False: it waits, and nothing may be appended before job_log_retry has succeeded. */
bool job_log_append(struct job_log *log, enum log_kind kind, const void *data, size_t length)
{
	struct log_record record = { .kind = (uint8_t)kind, .length = (uint32_t)length };
	struct iovec parts[] = { { &record, sizeof(record) }, { (void *)data, length } };

	if (write_whole(log, parts, 2, sizeof(record) + length))
		return true;

	log->waiting = malloc(sizeof(record) + length);
	if (log->waiting == NULL)
		return true; /* neither disk nor memory: there is nowhere left to put it */
	memcpy(log->waiting, &record, sizeof(record));
	memcpy(log->waiting + sizeof(record), data, length);
	log->waiting_length = sizeof(record) + length;
	return false;
}

bool job_log_retry(struct job_log *log)
{
	struct iovec part = { log->waiting, log->waiting_length };

	if (log->waiting == NULL)
		return true;
	if (!write_whole(log, &part, 1, log->waiting_length))
		return false;
	free(log->waiting);
	log->waiting = NULL;
	return true;
}

void job_log_drop(struct job_log *log)
{
	free(log->waiting);
	log->waiting = NULL;
}

void job_log_close(struct job_log *log)
{
	job_log_drop(log);
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
