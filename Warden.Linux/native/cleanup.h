/* What a variable holds is given back when its scope ends: every return is a clean one, without labels. */
#pragma once
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_freep(void *pointer)
{
	int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

#define cleanup_close __attribute__((cleanup(cleanup_closep)))
#define cleanup_free __attribute__((cleanup(cleanup_freep)))

/* Hands the descriptor to the caller: its variable no longer closes it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}
