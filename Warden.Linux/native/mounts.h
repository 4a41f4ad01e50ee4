#pragma once
#include "internal.h"

/* What a program expects to find mounted (proc, sys, devpts, shm, mqueue), in the container's own namespaces after the pivot. */
int mounts_make(const struct config *config, struct failure *why);

/* Hides and write-protects what of /proc and /sys tells of the host or changes it; not in a container that nests others. */
int mounts_mask(struct failure *why);

/* For a container that nests others: the cgroup hierarchies it is in, as its cgroup namespace shows them. */
int cgroups_mount(struct failure *why);

/* The null device of the container, which is no link and no other device; -1 with `why`. */
int mounts_open_null(int flags, struct failure *why);
