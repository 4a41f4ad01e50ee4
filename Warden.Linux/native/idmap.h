#pragma once
#include "wire.h"
#include <sys/types.h>

/* Shows files of user and group `from` in `directory` as those of `to`, and the other way round, by a mount of the directory over itself. */
int idmap_swap(const char *directory, uid_t from, uid_t to, struct failure *why);
