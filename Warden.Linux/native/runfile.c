/*
 * <run_dir>/monitor.pid and init.pid: a pid and its start time (field 22 of /proc/PID/stat), which together name a process for good.
 */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_start_time(pid_t pid, unsigned long long *start_time)
{
	char path[48], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return -1;
	text[length] = '\0';

	const char *rest = strrchr(text, ')'); /* the name before it may contain anything */
	if (rest != NULL && sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", start_time) == 1)
		return 0;
	errno = EPROTO;
	return -1;
}

int run_file_write(int directory, const char *name, pid_t pid)
{
	unsigned long long start_time;
	char text[64];

	if (read_start_time(pid, &start_time) < 0)
		return -1;
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	int length = snprintf(text, sizeof(text), "%d %llu\n", pid, start_time);
	ssize_t written = write(fd, text, (size_t)length);
	int error = errno;
	close(fd);
	errno = error;
	return written == length ? 0 : -1;
}
