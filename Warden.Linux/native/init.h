#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec.h"
#include "init_protocol.h"
#include "session.h"

/* A bash that init started and has not reaped. */
struct child {
	uint64_t serial;
	pid_t pid;
	uint32_t job;
	bool shell;
	bool failed;          /* could not be executed: its end is nobody's business */
	int report;           /* program_start's; -1 once its end was told */
	int master;           /* of a shell's terminal, until the monitor has it */
};

struct init {
	int channel;          /* to the monitor */
	int events;           /* an epoll; what it names are descriptors */
	int proc;             /* /proc, whatever is mounted over it later */
	uid_t uid;            /* of vcap */
	bool no_new_privs, nested;
	bool idle_wanted;
	uint64_t idle_serial;
	struct child *children;
	size_t count, room;
};

void init_report(struct init *init, const struct init_report *report, int descriptor);
void init_answer(struct init *init, const struct init_command *command, const struct init_failure *failure);

/* children.c */
bool children_reserve(struct init *init);
void children_add(struct init *init, const struct child *child);
bool children_has_other(const struct init *init, pid_t pid, uint32_t job);
void children_settle(struct init *init, int report);
void children_reap(struct init *init);

void init_start_job(struct init *init, const struct init_command *command, const char *language, const int *files);
void init_start_shell(struct init *init, const struct init_command *command, const char *term);
