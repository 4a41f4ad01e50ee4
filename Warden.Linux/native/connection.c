/*
 * Connections of servers. They take turns with the jobs' output in one loop, so nothing here ever waits for a peer.
 */
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE_STOP (256 << 10) /* no more requests are read from a peer that leaves this much unread */
#define QUEUE_MAX (4 << 20)    /* and this much makes it a dead one */

struct outgoing {
	struct outgoing *next;
	int descriptor;             /* goes with the first byte; -1: none */
	size_t length, sent;
	char bytes[];
};

static void update(struct connection *connection)
{
	uint32_t events = connection->queued < QUEUE_STOP ? EPOLLIN : 0;

	if (connection->first != NULL)
		events |= EPOLLOUT;
	if (loop_watch(&connection->monitor->loop, &connection->source, events) < 0)
		connection->doomed = true;
}

static ssize_t send_part(int fd, const struct outgoing *item)
{
	struct iovec part = { (char *)item->bytes + item->sent, item->length - item->sent };
	union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (item->descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &item->descriptor, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void drop_first(struct connection *connection)
{
	struct outgoing *item = connection->first;

	connection->first = item->next;
	if (connection->first == NULL)
		connection->last = &connection->first;
	if (item->descriptor >= 0)
		close(item->descriptor);
	connection->queued -= item->length;
	free(item);
}

static void flush(struct connection *connection)
{
	while (connection->first != NULL) {
		struct outgoing *item = connection->first;
		ssize_t sent = send_part(connection->source.fd, item);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			if (errno != EAGAIN)
				connection->doomed = true;
			break;
		}
		if (sent > 0 && item->descriptor >= 0) {
			close(item->descriptor);
			item->descriptor = -1;
		}
		item->sent += (size_t)sent;
		if (item->sent == item->length)
			drop_first(connection);
	}
}

static void enqueue(struct connection *connection, uint32_t type, uint32_t tag, const void *body, size_t length, int descriptor)
{
	struct message_header header = { .length = (uint32_t)length, .type = type, .tag = tag };
	struct outgoing *item = connection->doomed || connection->queued > QUEUE_MAX ? NULL : malloc(sizeof(*item) + sizeof(header) + length);

	if (item == NULL) {
		if (descriptor >= 0)
			close(descriptor);
		connection->doomed = true; /* a gap in what it is told would be worse than a new connection */
		shutdown(connection->source.fd, SHUT_RDWR);
		return;
	}
	*item = (struct outgoing){ .descriptor = descriptor, .length = sizeof(header) + length };
	memcpy(item->bytes, &header, sizeof(header));
	if (length > 0)
		memcpy(item->bytes + sizeof(header), body, length);
	*connection->last = item;
	connection->last = &item->next;
	connection->queued += item->length;
	if (connection->first == item)
		flush(connection);
	if (connection->doomed)
		shutdown(connection->source.fd, SHUT_RDWR); /* its next event closes it; a caller may still be using it */
	update(connection);
}

void connection_send(struct connection *connection, uint32_t type, uint32_t tag, const void *body, size_t length)
{
	enqueue(connection, type, tag, body, length, -1);
}

void connection_send_descriptor(struct connection *connection, uint32_t type, uint32_t tag, int descriptor)
{
	enqueue(connection, type, tag, NULL, 0, descriptor);
}

void connection_fail(struct connection *connection, uint32_t tag, const struct init_failure *failure)
{
	struct {
		struct failed head;
		char text[sizeof(failure->step) + sizeof(failure->path) + sizeof(failure->text)];
	} body;
	size_t step = strnlen(failure->step, sizeof(failure->step)), path = strnlen(failure->path, sizeof(failure->path));
	size_t text = strnlen(failure->text, sizeof(failure->text));

	body.head = (struct failed){ .code = failure->code, .step_length = (uint16_t)step, .path_length = (uint16_t)path, .text_length = (uint32_t)text };
	memcpy(body.text, failure->step, step);
	memcpy(body.text + step, failure->path, path);
	memcpy(body.text + step + path, failure->text, text);
	connection_send(connection, MSG_FAILED, tag, &body, sizeof(body.head) + step + path + text);
}

void connection_fail_errno(struct connection *connection, uint32_t tag, const char *step, const char *path, const char *text)
{
	struct init_failure failure = { .code = errno };

	strncpy(failure.step, step, sizeof(failure.step) - 1);
	strncpy(failure.path, path, sizeof(failure.path) - 1);
	strncpy(failure.text, text, sizeof(failure.text) - 1);
	connection_fail(connection, tag, &failure);
}

void connections_tell(struct monitor *monitor, uint32_t type, const void *body, size_t length)
{
	for (struct connection *connection = monitor->connections; connection != NULL; connection = connection->next) {
		if (connection->greeted)
			connection_send(connection, type, 0, body, length);
	}
}

/* Reads what is missing of the present message. Returns 1 when it is complete, 0 when more must come, -1 at the end. */
static int receive(struct connection *connection)
{
	size_t head = sizeof(connection->header);

	for (;;) {
		bool in_head = connection->received < head;
		size_t end = in_head ? head : head + connection->header.length;
		char *to = in_head ? (char *)&connection->header + connection->received : connection->body + (connection->received - head);

		if (connection->received < end) {
			ssize_t count = recv(connection->source.fd, to, end - connection->received, MSG_DONTWAIT);

			if (count < 0 && (errno == EAGAIN || errno == EINTR))
				return 0;
			if (count <= 0)
				return -1;
			connection->received += (size_t)count;
			if (connection->received < end)
				continue;
		}
		if (!in_head)
			return 1;
		if (connection->header.length > MESSAGE_MAX || (connection->body = malloc(connection->header.length + 1UL)) == NULL)
			return -1;
		if (connection->header.length == 0)
			return 1;
	}
}

static void ready(struct source *source, uint32_t events)
{
	struct connection *connection = (struct connection *)source;

	if (events & EPOLLOUT) {
		flush(connection);
		update(connection);
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !connection->doomed) {
		int state = receive(connection);

		if (state > 0) {
			request_handle(connection);
			free(connection->body);
			connection->body = NULL;
			connection->received = 0;
		} else if (state < 0) {
			connection->doomed = true;
		}
	}
	if (connection->doomed)
		connection_close(connection);
}

struct connection *connection_open(struct monitor *monitor, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		close(fd);
		return NULL;
	}
	connection->source = (struct source){ .fd = fd, .ready = ready };
	connection->monitor = monitor;
	connection->last = &connection->first;
	if (loop_watch(&monitor->loop, &connection->source, EPOLLIN) < 0) {
		close(fd);
		free(connection);
		return NULL;
	}
	connection->next = monitor->connections;
	monitor->connections = connection;
	return connection;
}

void connection_close(struct connection *connection)
{
	struct monitor *monitor = connection->monitor;
	struct connection **link = &monitor->connections;

	while (*link != connection)
		link = &(*link)->next;
	*link = connection->next;
	commands_forget_connection(monitor, connection);
	jobs_forget_connection(monitor, connection);
	while (connection->first != NULL)
		drop_first(connection);
	free(connection->body);
	loop_close(&monitor->loop, &connection->source);
	loop_free_later(connection);
}

void connections_accept(struct source *source, uint32_t events)
{
	struct monitor *monitor = (struct monitor *)((char *)source - offsetof(struct monitor, listener));
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0) {
		connection_open(monitor, fd);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		/* No descriptor is free: who connects waits until one may be. */
		loop_watch(&monitor->loop, source, 0);
		monitor_retry_later(monitor);
	}
}
