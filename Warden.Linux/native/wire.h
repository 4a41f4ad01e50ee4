/* Frames of protocol.h on a blocking socket, and how a failure travels. */
#pragma once
#include "protocol.h"
#include <errno.h>
#include <stddef.h>

/* What failed, as MSG_FAILED tells it. Big for the sake of a hook's output: there is one in a process, never one a call. */
struct failure {
	int32_t code;
	char step[32];
	char path[4096];
	char text[4608];
};

/* Fills all of it but the step, and returns -1, so that a caller can `return fail(…)`. `path` may be NULL. */
int fail(struct failure *why, int32_t code, const char *path, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same with errno as it stands. */
#define fail_errno(why, path, ...) fail((why), errno, (path), __VA_ARGS__)

/* Names the step that what follows belongs to. */
void failure_step(struct failure *why, const char *step);

/* The body of MSG_FAILED; `buffer` has FAILURE_BODY_MAX bytes. Returns its length. */
#define FAILURE_BODY_MAX (sizeof(struct failed) + sizeof(struct failure))
size_t failure_encode(const struct failure *why, void *buffer);

/* Returns -1 when `body` is no MSG_FAILED's. */
int failure_decode(struct failure *why, const void *body, size_t length);

/* 1 when all bytes were read, 0 at the end of the stream before that, -1 with errno. */
int read_all(int fd, void *buffer, size_t length);

/* 0, or -1 with errno; a peer that is gone is EPIPE and no signal. Needs a socket. */
int send_all(int socket, const void *buffer, size_t length);

/* Header and body in one; 0, or -1 with errno. */
int message_send(int socket, uint32_t type, uint32_t tag, const void *body, size_t length);

int failure_send(int socket, uint32_t tag, const struct failure *why);

/* 1, 0 at the end of the stream between two messages, -1 with errno (EPROTO: torn, or longer than `limit`). The body is the caller's to free and has a NUL behind it. */
int message_receive(int socket, struct message_header *header, void **body, size_t limit);
