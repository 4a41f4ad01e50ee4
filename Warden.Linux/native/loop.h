/* The monitor's event loop: sources on one epoll, each with the function that serves it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct loop {
	int epoll;
};

/* First in the structure that it belongs to. Zero `events` means that it is not in the loop. */
struct source {
	int fd;
	uint32_t events;
	void (*ready)(struct source *source, uint32_t events);
};

int loop_open(struct loop *loop);

/* Waits for these events from now on; 0 takes the source out. Returns 0, or -1 with errno. */
int loop_watch(struct loop *loop, struct source *source, uint32_t events);

/* Takes the source out and closes its descriptor. Events that were already fetched for it are dropped. */
void loop_close(struct loop *loop, struct source *source);

/* Waits once and serves what is ready. */
int loop_turn(struct loop *loop);

/* Frees memory that holds sources once no fetched event can name it any more. */
void loop_free_later(void *memory);
