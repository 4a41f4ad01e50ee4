#pragma once
#include <stdint.h>

#define CAPABILITIES_ALL UINT64_MAX

/* What the installation of packages needs: owners, modes and file capabilities of any file, device nodes, other users' processes, low ports. */
extern const uint64_t capabilities_privileged;

/* Both return 0, or -1 with errno. They run between fork and exec. */
int capabilities_bound(uint64_t keep);
int capabilities_set(uint64_t keep);
