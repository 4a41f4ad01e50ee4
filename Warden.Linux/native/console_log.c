/*
 * What the container writes to /dev/console, in console.log: at most twice console_max, the older half in console.log.1.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

/* The directory is held open: a depot may be moved while its containers run. */
struct console_log {
	int directory, fd;
	uint64_t size;
	const char *name;
	char older[NAME_MAX + 3];
};

static void open_log(struct console_log *log)
{
	struct stat status;

	log->fd = openat(log->directory, log->name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
	log->size = log->fd >= 0 && fstat(log->fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static void rotate(struct console_log *log)
{
	close(log->fd);
	renameat(log->directory, log->name, log->directory, log->older);
	open_log(log);
}

/* A disk without room loses the console's output rather than keep its writers waiting. */
static void append(struct console_log *log, uint64_t max, const char *data, size_t length)
{
	while (length > 0 && log->fd >= 0) {
		if (log->size >= max)
			rotate(log);

		size_t part = length < max - log->size ? length : (size_t)(max - log->size);
		ssize_t count = write(log->fd, data, part);
		if (count <= 0)
			return;
		log->size += (uint64_t)count;
		data += count;
		length -= (size_t)count;
	}
}

static void ready(struct source *source, uint32_t events)
{
	struct monitor *monitor = (struct monitor *)((char *)source - offsetof(struct monitor, console));
	uint64_t max = monitor->setup->config->console_max;
	ssize_t count = read(source->fd, monitor->buffer, LOG_CHUNK);

	(void)events;
	if (count > 0 && max > 0)
		append(monitor->console_log, max, monitor->buffer, (size_t)count);
	else if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		loop_watch(&monitor->loop, source, 0);
}

int console_log_open(struct monitor *monitor)
{
	const char *path = monitor->setup->config->console_log;
	const char *name = strrchr(path, '/');
	struct console_log *log = calloc(1, sizeof(*log));
	char directory[PATH_MAX];

	if (log == NULL || name == NULL || (size_t)(name - path) >= sizeof(directory) - 1 || strlen(name + 1) > NAME_MAX) {
		free(log);
		errno = EINVAL;
		return -1;
	}
	memcpy(directory, path, (size_t)(name - path) + 1);
	directory[name - path + 1] = '\0';
	log->name = name + 1;
	snprintf(log->older, sizeof(log->older), "%s.1", log->name);
	log->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->directory < 0) {
		free(log);
		return -1;
	}
	open_log(log);
	if (log->fd < 0)
		return -1;
	monitor->console_log = log;
	monitor->console = (struct source){ .fd = monitor->setup->console, .ready = ready };
	return fcntl(monitor->console.fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ? -1 : loop_watch(&monitor->loop, &monitor->console, EPOLLIN);
}
