/*
 * What a monitor and its init say to each other, over a SOCK_SEQPACKET pair: one structure a packet, its text behind it. Both are the same
 * program, so the layout is nobody else's business.
 */
#pragma once
#include <stdint.h>

#define INIT_TEXT_MAX 4096

enum init_command_kind {
	INIT_START_JOB = 1,  /* descriptors: stdin, stdout, stderr; text: LANG */
	INIT_KILL_JOB,       /* every process of the job; answered when none of them is left to be killed */
	INIT_SIGNAL_ALL,
	INIT_WAIT_IDLE,      /* answered once init has no child; an answer stands for all earlier commands of this kind too */
	INIT_START_SHELL,    /* text: TERM; answered with the pty's master */
};

struct init_command {
	uint64_t serial;     /* stands in the answer */
	uint32_t kind;
	uint32_t job;
	uint32_t flags;      /* JOB_PRIVILEGED */
	int32_t signal;
	int32_t session;     /* INIT_KILL_JOB: as reported at its start */
	uint32_t reserved;
	uint64_t pipes[2];   /* INIT_KILL_JOB: inodes of its output pipes */
	uint64_t limits[15];
	uint16_t rows, columns;
	uint32_t text_length;
};

enum init_report_kind {
	INIT_DONE = 1,       /* the command was carried out; of a shell: with the master's descriptor */
	INIT_FAILED,         /* code, step, path and text say why */
	INIT_JOB_ENDED,      /* bash of `job` was reaped; no answer to a command */
	INIT_SHELL_ENDED,    /* `serial` is the one that started it */
};

/* Why something could not be done. The texts are literals of the program. */
struct init_failure {
	int32_t code;
	char step[16];
	char path[48];
	char text[96];
};

struct init_report {
	uint64_t serial;
	uint32_t kind;
	uint32_t job;
	int32_t pid;         /* in the container's pid namespace */
	int32_t status;      /* as waitpid(2) gives it */
	struct init_failure failure;
};
