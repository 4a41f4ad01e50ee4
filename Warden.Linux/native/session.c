/*
 * Ends a job that init did not keep count of: its processes are found in /proc of the container's pid namespace. A process that was
 * sent SIGKILL cannot fork any more, so a round that finds nothing new has seen every one.
 */
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX 1000 /* against a job that starts processes faster than they are found; its pipes are closed then all the same */

struct process {
	pid_t pid;
	unsigned long long start_time;
};

struct process_set {
	struct process *items;
	size_t count, room;
};

static bool set_contains(const struct process_set *set, const struct process *process)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->items[i].pid == process->pid && set->items[i].start_time == process->start_time)
			return true;
	}
	return false;
}

static void set_add(struct process_set *set, const struct process *process)
{
	if (set->count == set->room) {
		size_t room = set->room == 0 ? 64 : set->room * 2;
		struct process *items = reallocarray(set->items, room, sizeof(*items));

		if (items == NULL)
			return; /* it is killed once more in the next round */
		set->items = items;
		set->room = room;
	}
	set->items[set->count++] = *process;
}

/* /proc/PID/stat: the name in parentheses may contain anything, so the fields are counted from the last one. */
static bool read_stat(int proc, struct process *process, char *state, pid_t *session)
{
	char path[32], text[512];

	snprintf(path, sizeof(path), "%d/stat", process->pid);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';

	const char *rest = strrchr(text, ')');
	return rest != NULL && sscanf(rest + 1, " %c %*d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		state, session, &process->start_time) == 3;
}

static bool holds_pipe(int proc, pid_t pid, const ino_t pipes[2])
{
	char path[32], names[2][32], link[32];
	bool found = false;

	snprintf(path, sizeof(path), "%d/fd", pid);
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	if (directory == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}

	for (int i = 0; i < 2; i++)
		snprintf(names[i], sizeof(names[i]), "pipe:[%ju]", (uintmax_t)pipes[i]);
	for (struct dirent *entry; !found && (entry = readdir(directory)) != NULL;) {
		ssize_t length = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);

		if (length > 0) {
			link[length] = '\0';
			found = strcmp(link, names[0]) == 0 || strcmp(link, names[1]) == 0;
		}
	}
	closedir(directory);
	return found;
}

/* Returns whether there was one that had not been killed before. */
static bool kill_round(const struct job_processes *processes, int proc, struct process_set *killed)
{
	bool found = false;
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (directory == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		struct process process = { .pid = (pid_t)strtol(entry->d_name, NULL, 10) };
		pid_t session;
		char state;

		if (process.pid <= 1 || !read_stat(proc, &process, &state, &session) || state == 'Z' || state == 'X')
			continue;
		if (set_contains(killed, &process) || (session != processes->session && !holds_pipe(proc, process.pid, processes->pipes)))
			continue;
		if (kill(process.pid, SIGKILL) == 0) {
			set_add(killed, &process);
			found = true;
		}
	}
	closedir(directory);
	return found;
}

void job_processes_kill(const struct job_processes *processes, int proc)
{
	struct process_set killed = { 0 };

	for (int i = 0; i < ROUNDS_MAX && kill_round(processes, proc, &killed); i++)
		;
	free(killed.items);
}
