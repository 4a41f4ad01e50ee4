/* The container's side of the start, and what it and its parent say to each other meanwhile: frames of wire.h with the types below, and MSG_FAILED. */
#pragma once
#include "console.h"
#include "internal.h"

enum sync_type {
	SYNC_GO = 1000,   /* from the parent: the child is in its cgroups and has its interface */
	SYNC_STEP = 1001, /* from the child: the step that the body names is done but for the operator's hook */
	SYNC_STEP_DONE = 1002, /* from the parent */
	SYNC_JOINED = 1003, /* from the child, first of all: it is in the cgroups that the start named */
};

struct child_setup {
	const struct config *config;
	const char *rootfs;             /* where the union is mounted */
	const struct console *console;
	int sync, init_socket;          /* the child's ends */
};

/* From the clone to the end of init; the process's exit status. */
int child_main(const struct child_setup *setup);
