#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 16

/* Memory that is freed after the batch: its first bytes link it. Every structure that comes here begins with a source or is longer than this. */
struct doomed {
	struct doomed *next;
};

static struct doomed *doomed;
static struct epoll_event batch[BATCH];
static int batch_count;

int loop_open(struct loop *loop)
{
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -1 : 0;
}

int loop_watch(struct loop *loop, struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };
	int operation = source->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

	if (source->events == events)
		return 0;
	if (epoll_ctl(loop->epoll, operation, source->fd, &event) < 0)
		return -1;
	source->events = events;
	return 0;
}

void loop_close(struct loop *loop, struct source *source)
{
	if (source->fd < 0)
		return;

	/* Explicitly: another process may hold the same open file, and epoll would go on watching it. */
	loop_watch(loop, source, 0);
	for (int i = 0; i < batch_count; i++) {
		if (batch[i].data.ptr == source)
			batch[i].data.ptr = NULL;
	}
	close(source->fd);
	source->fd = -1;
}

int loop_turn(struct loop *loop)
{
	int count = epoll_wait(loop->epoll, batch, BATCH, -1);

	if (count < 0)
		return errno == EINTR ? 0 : -1;
	batch_count = count;
	for (int i = 0; i < batch_count; i++) {
		struct source *source = batch[i].data.ptr;

		/* One that was taken out by an earlier event of this batch is not served. */
		if (source != NULL && source->events != 0)
			source->ready(source, batch[i].events);
	}
	batch_count = 0;

	while (doomed != NULL) {
		struct doomed *next = doomed->next;

		free(doomed);
		doomed = next;
	}
	return 0;
}

void loop_free_later(void *memory)
{
	struct doomed *item = memory;

	item->next = doomed;
	doomed = item;
}
