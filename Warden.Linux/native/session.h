#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* The processes of a job: its session, and whatever holds one of its output pipes. */
struct job_processes {
	pid_t session;
	ino_t pipes[2];
};

/* Kills them all; `proc` is init's descriptor of /proc. Returns when every one that there is has been sent SIGKILL. */
void job_processes_kill(const struct job_processes *processes, int proc);
