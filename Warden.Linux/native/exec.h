#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "accounts.h"
#include "init_protocol.h"

/* A program to start in the container, ready to the last string: between vfork and exec nothing is allocated. */
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

/* Returns the pid once the program was executed, or -1 with `failure` filled in. */
pid_t program_start(const struct program *program, struct init_failure *failure);

void init_failure_set(struct init_failure *failure, int code, const char *step, const char *path, const char *text);
