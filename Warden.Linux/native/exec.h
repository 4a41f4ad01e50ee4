#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "accounts.h"
#include "init_protocol.h"

/* A program to start in the container, ready to the last string: between fork and exec nothing is allocated. */
struct program {
	const struct account *account;
	const char *path;
	char *const *arguments;
	char *const *environment;
	const char *fallback;           /* run when `path` does not exist, or NULL */
	char *const *fallback_arguments;
	const uint64_t *limits;         /* 15 values in the order of struct job_start, or NULL */
	int files[3];                   /* standard input, output and error; over 2, close-on-exec */
	bool terminal;                  /* file 0 becomes the controlling terminal */
	bool privileged, nested, no_new_privs;
};

/*
 * Returns the pid, or -1 with `failure` filled in. `report` ends without a byte when the program runs or its process was killed, and after
 * a struct init_failure when it could not be executed.
 */
pid_t program_start(const struct program *program, int *report, struct init_failure *failure);

void init_failure_set(struct init_failure *failure, int code, const char *step, const char *path, const char *text);
