/*
 * Users and groups of a container, from its own files. What is in them is up to the container: nothing here trusts it further than to
 * say where its own user lives and which of its own groups the user is in. Init never asks the C library, which would load more files.
 */
#include "accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (4 << 20) /* a longer file is read so far */
#define LINE_MAX_LENGTH 8192

/* A file read line by line; a line that is longer than the buffer is skipped. */
struct lines {
	int fd;
	size_t total;
	size_t start, end;
	char buffer[LINE_MAX_LENGTH];
};

static bool lines_open(struct lines *lines, const char *path)
{
	struct stat status;

	/* O_NONBLOCK: the path may be a FIFO, and init waits for nothing that a container controls. */
	lines->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	lines->total = lines->start = lines->end = 0;
	if (lines->fd < 0)
		return false;
	if (fstat(lines->fd, &status) == 0 && S_ISREG(status.st_mode))
		return true;
	close(lines->fd);
	return false;
}

static bool lines_fill(struct lines *lines)
{
	if (lines->start > 0) {
		memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	if (lines->end == sizeof(lines->buffer))
		lines->end = 0;

	ssize_t count = read(lines->fd, lines->buffer + lines->end, sizeof(lines->buffer) - lines->end);
	if (count <= 0 || (lines->total += (size_t)count) > FILE_MAX)
		return false;
	lines->end += (size_t)count;
	return true;
}

/* The next line, with NUL in place of its end, or NULL. */
static char *lines_next(struct lines *lines)
{
	for (;;) {
		char *line = lines->buffer + lines->start;
		char *end = memchr(line, '\n', lines->end - lines->start);

		if (end != NULL) {
			*end = '\0';
			lines->start = (size_t)(end - lines->buffer) + 1;
			return line;
		}
		if (!lines_fill(lines))
			break;
	}

	if (lines->end == lines->start || lines->end == sizeof(lines->buffer))
		return NULL;
	lines->buffer[lines->end] = '\0';
	lines->start = lines->end;
	return lines->buffer;
}

/* Cuts a line at its colons. Returns how many fields there are. */
static int split(char *line, char **fields, int count)
{
	int found = 0;

	while (found < count) {
		fields[found++] = line;
		line = strchr(line, ':');
		if (line == NULL)
			break;
		*line++ = '\0';
	}
	return found;
}

static bool is_member(char *members, const char *name)
{
	for (char *member = strtok(members, ","); member != NULL; member = strtok(NULL, ",")) {
		if (strcmp(member, name) == 0)
			return true;
	}
	return false;
}

static void look_up_home(struct account *account, struct lines *lines)
{
	char *fields[7];
	char *line;

	while ((line = lines_next(lines)) != NULL) {
		if (split(line, fields, 7) < 6 || strcmp(fields[0], account->name) != 0)
			continue;
		if (fields[5][0] == '/' && strlen(fields[5]) < sizeof(account->home))
			strcpy(account->home, fields[5]);
		break;
	}
}

static void look_up_groups(struct account *account, struct lines *lines)
{
	char *fields[4];
	char *line;

	while (account->group_count < ACCOUNT_GROUPS_MAX && (line = lines_next(lines)) != NULL) {
		if (split(line, fields, 4) < 4 || !is_member(fields[3], account->name))
			continue;

		char *end;
		errno = 0;
		unsigned long gid = strtoul(fields[2], &end, 10);
		if (errno == 0 && end != fields[2] && *end == '\0' && gid < UINT32_MAX && gid != account->gid)
			account->groups[account->group_count++] = (gid_t)gid;
	}
}

void account_look_up(struct account *account)
{
	struct lines lines;

	if (lines_open(&lines, "/etc/passwd")) {
		look_up_home(account, &lines);
		close(lines.fd);
	}
	account->group_count = 0;
	if (lines_open(&lines, "/etc/group")) {
		look_up_groups(account, &lines);
		close(lines.fd);
	}
}
