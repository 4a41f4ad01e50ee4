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
};

struct init {
	int channel;          /* to the monitor */
	int proc;             /* /proc, whatever is mounted over it later */
	uid_t uid;            /* of vcap */
	bool no_new_privs, nested;
	bool idle_wanted;
	uint64_t idle_serial;
	struct child *children;
	size_t count, room;
};

void init_report(struct init *init, const struct init_report *report, int descriptor);
void init_answer(struct init *init, const struct init_command *command, const struct init_failure *failure, pid_t pid, int descriptor);
bool init_reserve(struct init *init);
void init_add(struct init *init, const struct child *child);

void init_start_job(struct init *init, const struct init_command *command, const char *language, const int *files);
void init_start_shell(struct init *init, const struct init_command *command, const char *term);
