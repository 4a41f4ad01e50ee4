#pragma once
#include "internal.h"

/* Mounts the union of the root filesystem and the container's own layer on `target`, in the mount namespace of the caller. */
int overlay_mount(const struct config *config, const char *target, struct failure *why);
