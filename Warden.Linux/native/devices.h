#pragma once
#include "wire.h"

/* Mounts a /dev of the container's own beneath `root`, with the devices that every program may count on. */
int devices_mount(int root, struct failure *why);
