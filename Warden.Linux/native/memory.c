/*
 * The end of the container's memory: who is told of it, and room for what is left to end in (the kernel's cgroup-v1/memory and cgroup-v2
 * documentation).
 */
#include "cleanup.h"
#include "monitor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * The kernel may kill a second process before the memory of the first is free, and that is the job's shell, which was to tell of the
 * first: its own pages were the first to go, and it asks for them again. The container is stopped anyway, with a second to end in.
 */
#define ROOM (4ll << 20)

/*
 * Version 1 has the first two: the limit of both is never below that of memory alone, so it is the first to go up and the last to go down.
 * Version 2 has the last one.
 */
static const char *const limits[MEMORY_LIMITS] = { "memory.memsw.limit_in_bytes", "memory.limit_in_bytes", "memory.max" };

/* The number behind a name in lines of a name, a blank and a number; -1 when the file cannot be read. */
static long long count_of(int events, const char *name)
{
	size_t length = strlen(name);
	char text[512];
	ssize_t size = pread(events, text, sizeof(text) - 1, 0);

	if (size < 0)
		return -1;
	text[size] = '\0';
	for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, name, length) == 0 && line[length] == ' ')
			return strtoll(line + length, NULL, 10);
	}
	return 0;
}

/*
 * A process was killed, in the group or beneath it, and that for the group's own limit. What a nested server's container was killed for is that
 * one's matter, and what the whole host has no memory for is no container's.
 */
int memory_ran_out(int events, const char *cgroup)
{
	cleanup_close int directory = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), own = -1;
	long long killed = count_of(events, "oom_kill"), reached = -1;

	if (directory >= 0 && (own = openat(directory, "memory.events.local", O_RDONLY | O_CLOEXEC)) >= 0)
		reached = count_of(own, "oom");
	return killed < 0 || reached < 0 ? -1 : killed > 0 && reached > 0;
}

/*
 * Version 2 counts in a file, and tells poll(2) of each change since that was last read. That takes no inotify instance, of which a user has
 * 128: a host may have more containers.
 */
static int watch_unified(int directory, const char *cgroup)
{
	cleanup_close int events = openat(directory, "memory.events", O_RDONLY | O_CLOEXEC);

	return events >= 0 && memory_ran_out(events, cgroup) >= 0 ? take_fd(&events) : -1;
}

int memory_watch(const char *cgroup, uint32_t *wanted)
{
	cleanup_close int directory = -1, control = -1, registration = -1, event = -1;
	char text[64];
	int length;

	directory = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -1;
	*wanted = EPOLLPRI;
	if (faccessat(directory, "memory.events", F_OK, 0) == 0)
		return watch_unified(directory, cgroup);
	*wanted = EPOLLIN;
	if ((control = openat(directory, "memory.oom_control", O_RDONLY | O_CLOEXEC)) < 0 ||
	    (registration = openat(directory, "cgroup.event_control", O_WRONLY | O_CLOEXEC)) < 0 ||
	    (event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		return -1;
	length = snprintf(text, sizeof(text), "%d %d", event, control);
	return write(registration, text, (size_t)length) == length ? take_fd(&event) : -1;
}

/* Returns what the limit was, 0 where it stays: the kernel refused, or it is no longer as expected (0 expects any). */
static unsigned long long change(int directory, const char *name, unsigned long long expected, long long by)
{
	cleanup_close int fd = openat(directory, name, O_RDWR | O_CLOEXEC);
	unsigned long long value;
	char text[32];
	ssize_t length;

	if (fd < 0 || (length = read(fd, text, sizeof(text) - 1)) <= 0)
		return 0;
	text[length] = '\0';
	value = strtoull(text, NULL, 10); /* 0 of "max", which needs no room */
	if (value == 0)
		return 0;
	if (expected != 0 && value != expected)
		return 0;
	length = snprintf(text, sizeof(text), "%llu", value + (unsigned long long)by);
	return write(fd, text, (size_t)length) == length ? value : 0;
}

void memory_give_room(struct monitor *monitor)
{
	cleanup_close int directory = open(monitor->setup->memory_cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < MEMORY_LIMITS; i++)
		monitor->memory_limits[i] = change(directory, limits[i], 0, ROOM);
}

void memory_take_room_back(struct monitor *monitor)
{
	cleanup_close int directory = -1;

	for (int i = MEMORY_LIMITS; i-- > 0;) {
		if (monitor->memory_limits[i] == 0)
			continue;
		if (directory < 0)
			directory = open(monitor->setup->memory_cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		change(directory, limits[i], monitor->memory_limits[i] + ROOM, -ROOM);
		monitor->memory_limits[i] = 0;
	}
}
