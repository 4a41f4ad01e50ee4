#pragma once
#include "internal.h"

/*
 * The operator's executable for a step: <hooks>/<step>, if it is there. It runs outside of the container's cgroups and pid namespace, with
 * WARDEN_ID, WARDEN_PATH, WARDEN_ROOTFS, PATH and, once there is one, WARDEN_PID in its environment. What it prints counts when it fails.
 */
struct hook {
	const struct config *config;
	const char *step;
	const char *rootfs; /* where the hook finds the container's tree */
	pid_t pid;          /* the container's child; 0 before it is there */
	int pidfd;          /* of the child, or -1: its end is the hook's */
	int namespaces;     /* of the child, for the hook to be in: CLONE_NEW… */
	int connection;     /* to the server: its end is the hook's */
};

int hook_run(const struct hook *hook, struct failure *why);
