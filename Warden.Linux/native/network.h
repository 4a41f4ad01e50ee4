#pragma once
#include "internal.h"

/* In the container's network namespace, where the server has put the interface: addresses, default route, and what /proc/sys has on them. */
int network_configure(const struct config *config, struct failure *why);
