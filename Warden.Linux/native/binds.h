#pragma once
#include "internal.h"

/* Shows the host's files and directories beneath `root`, in order, as the client asked. */
int binds_mount(int root, const struct config *config, struct failure *why);
