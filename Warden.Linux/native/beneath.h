/* Paths that a container's files decide on, resolved beneath its root: no link and no ".." leads out of it. */
#pragma once
#include "wire.h"
#include <stdbool.h>

/* An O_PATH descriptor of what `path` is beneath `root`, or -1 with errno. */
int beneath_open(int root, const char *path);

/* The same; where it lacks, it is made with the directories above it: a directory, or an empty file. -1 with `why`. */
int beneath_make(int root, const char *path, bool directory, struct failure *why);
