#include "wire.h"
#include "cleanup.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void copy_text(char *to, size_t size, const char *from, size_t length)
{
	if (length >= size)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = 0;
}

int fail(struct failure *why, int32_t code, const char *path, const char *format, ...)
{
	va_list arguments;

	why->code = code;
	copy_text(why->path, sizeof why->path, path ? path : "", path ? strlen(path) : 0);
	va_start(arguments, format);
	vsnprintf(why->text, sizeof why->text, format, arguments);
	va_end(arguments);
	return -1;
}

void failure_step(struct failure *why, const char *step)
{
	copy_text(why->step, sizeof why->step, step, strlen(step));
}

size_t failure_encode(const struct failure *why, void *buffer)
{
	struct failed head = {
		.code = why->code,
		.step_length = (uint16_t)strlen(why->step),
		.path_length = (uint16_t)strlen(why->path),
		.text_length = (uint32_t)strlen(why->text),
	};
	char *at = buffer;

	memcpy(at, &head, sizeof head);
	at += sizeof head;
	memcpy(at, why->step, head.step_length);
	at += head.step_length;
	memcpy(at, why->path, head.path_length);
	at += head.path_length;
	memcpy(at, why->text, head.text_length);
	at += head.text_length;
	return (size_t)(at - (char *)buffer);
}

int failure_decode(struct failure *why, const void *body, size_t length)
{
	struct failed head;
	const char *at = body;

	if (length < sizeof head)
		return -1;
	memcpy(&head, at, sizeof head);
	if ((uint64_t)head.step_length + head.path_length + head.text_length != length - sizeof head)
		return -1;
	at += sizeof head;
	why->code = head.code;
	copy_text(why->step, sizeof why->step, at, head.step_length);
	at += head.step_length;
	copy_text(why->path, sizeof why->path, at, head.path_length);
	at += head.path_length;
	copy_text(why->text, sizeof why->text, at, head.text_length);
	return 0;
}

int read_all(int fd, void *buffer, size_t length)
{
	char *at = buffer;

	while (length > 0) {
		ssize_t count = read(fd, at, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		if (count == 0)
			return 0;
		at += count;
		length -= (size_t)count;
	}
	return 1;
}

static int send_vector(int socket, struct iovec *parts, size_t count)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };

	while (message.msg_iovlen > 0) {
		ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1;
		while (message.msg_iovlen > 0 && (size_t)sent >= message.msg_iov->iov_len) {
			sent -= (ssize_t)message.msg_iov->iov_len;
			message.msg_iov++;
			message.msg_iovlen--;
		}
		if (message.msg_iovlen > 0) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
			message.msg_iov->iov_len -= (size_t)sent;
		}
	}
	return 0;
}

int send_all(int socket, const void *buffer, size_t length)
{
	struct iovec part = { .iov_base = (void *)buffer, .iov_len = length };

	return send_vector(socket, &part, 1);
}

int message_send(int socket, uint32_t type, uint32_t tag, const void *body, size_t length)
{
	struct message_header header = { .length = (uint32_t)length, .type = type, .tag = tag };
	struct iovec parts[2] = {
		{ .iov_base = &header, .iov_len = sizeof header },
		{ .iov_base = (void *)body, .iov_len = length },
	};

	return send_vector(socket, parts, length > 0 ? 2 : 1);
}

int failure_send(int socket, uint32_t tag, const struct failure *why)
{
	char body[FAILURE_BODY_MAX];

	return message_send(socket, MSG_FAILED, tag, body, failure_encode(why, body));
}

int message_receive(int socket, struct message_header *header, void **body, size_t limit)
{
	cleanup_free char *content = NULL;
	ssize_t first;
	int got;

	do
		first = read(socket, header, sizeof *header);
	while (first < 0 && errno == EINTR);
	if (first <= 0)
		return (int)first;
	got = read_all(socket, (char *)header + first, sizeof *header - (size_t)first);
	if (got > 0 && header->length > limit)
		got = 0;
	if (got > 0) {
		content = malloc((size_t)header->length + 1);
		if (!content)
			return -1;
		content[header->length] = 0;
		got = read_all(socket, content, header->length);
	}
	if (got == 0)
		errno = EPROTO;
	if (got <= 0)
		return -1;
	*body = content;
	content = NULL;
	return 1;
}
