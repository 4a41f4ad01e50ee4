/*
 * The monitor's side of the conversation with init. Commands wait here until init has room for them, and until it has answered.
 */
#include "monitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct command *command_new(struct monitor *monitor, uint32_t kind, struct connection *connection, uint32_t tag, const char *text, size_t length)
{
	struct command *command = calloc(1, sizeof(*command) + length);

	if (command == NULL)
		return NULL;
	command->connection = connection;
	command->tag = tag;
	for (int i = 0; i < 3; i++)
		command->descriptors[i] = -1;
	command->body.serial = ++monitor->last_serial;
	command->body.kind = kind;
	command->body.text_length = (uint32_t)length;
	if (length > 0)
		memcpy(command->text, text, length);
	*monitor->commands_end = command;
	monitor->commands_end = &command->next;
	return command;
}

static void close_descriptors(struct command *command)
{
	for (int i = 0; i < 3; i++) {
		if (command->descriptors[i] >= 0)
			close(command->descriptors[i]);
		command->descriptors[i] = -1;
	}
}

void command_drop(struct monitor *monitor, struct command *command)
{
	struct command **link = &monitor->commands;

	while (*link != command)
		link = &(*link)->next;
	*link = command->next;
	if (*link == NULL)
		monitor->commands_end = link;
	close_descriptors(command);
	free(command);
}

/* Returns false when init has no room. Where init is gone the end of its process answers everything. */
static bool send_one(struct monitor *monitor, struct command *command)
{
	struct iovec parts[] = { { &command->body, sizeof(command->body) }, { command->text, command->body.text_length } };
	union { struct cmsghdr header; char space[CMSG_SPACE(3 * sizeof(int))]; } control = { 0 };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (command->descriptors[0] >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(3 * sizeof(int));
		memcpy(CMSG_DATA(&control.header), command->descriptors, 3 * sizeof(int));
	}
	while (sendmsg(monitor->init_socket.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EAGAIN)
			return false;
		if (errno != EINTR)
			break;
	}
	command->sent = true;
	close_descriptors(command);
	return true;
}

static void send_waiting(struct monitor *monitor)
{
	uint32_t events = EPOLLIN;

	if (monitor->init_socket.fd < 0)
		return;
	for (struct command *command = monitor->commands; command != NULL && events == EPOLLIN; command = command->next) {
		if (!command->sent && !send_one(monitor, command))
			events |= EPOLLOUT;
	}
	loop_watch(&monitor->loop, &monitor->init_socket, events);
}

void command_send(struct monitor *monitor, struct command *command)
{
	(void)command; /* those before it go first */
	send_waiting(monitor);
}

void commands_forget_connection(struct monitor *monitor, struct connection *connection)
{
	for (struct command *command = monitor->commands; command != NULL; command = command->next) {
		if (command->connection == connection)
			command->connection = NULL;
	}
}

static struct command *command_find(struct monitor *monitor, uint64_t serial)
{
	for (struct command *command = monitor->commands; command != NULL; command = command->next) {
		if (command->body.serial == serial)
			return command;
	}
	return NULL;
}

/* Init was without a child when it had read all of them. */
static void answer_idle(struct monitor *monitor, uint64_t serial)
{
	for (struct command *command = monitor->commands, *next; command != NULL; command = next) {
		next = command->next;
		if (command->body.kind != INIT_WAIT_IDLE || command->body.serial > serial)
			continue;
		if (command->connection != NULL)
			connection_send(command->connection, MSG_DONE, command->tag, NULL, 0);
		command_drop(monitor, command);
	}
}

static void answered(struct monitor *monitor, struct command *command, const struct init_report *report, int descriptor)
{
	struct connection *connection = command->connection;

	switch (command->body.kind) {
	case INIT_START_JOB:
		job_started(monitor, command->body.job, report->pid);
		if (connection != NULL)
			connection_send(connection, MSG_JOB_STARTED, command->tag, &(struct job_id){ command->body.job }, sizeof(struct job_id));
		break;
	case INIT_KILL_JOB:
		job_killed(monitor, command->body.job);
		break;
	case INIT_WAIT_IDLE:
		answer_idle(monitor, report->serial);
		return;
	case INIT_START_SHELL:
		if (connection != NULL && descriptor >= 0) {
			command->shell_started = true;
			connection_send_descriptor(connection, MSG_SHELL_STARTED, command->tag, descriptor);
			return; /* the command stays, for the shell's end */
		}
		break;
	default:
		if (connection != NULL)
			connection_send(connection, MSG_DONE, command->tag, NULL, 0);
	}
	command_drop(monitor, command);
	if (descriptor >= 0)
		close(descriptor);
}

static void refused(struct monitor *monitor, struct command *command, const struct init_failure *failure)
{
	if (command->body.kind == INIT_START_JOB)
		job_not_started(monitor, command->body.job);
	if (command->connection != NULL)
		connection_fail(command->connection, command->tag, failure);
	command_drop(monitor, command);
}

static void shell_ended(struct monitor *monitor, struct command *command, int status)
{
	/* As a shell tells it: 128 and the number for a signal. */
	struct shell_ended body = { .status = status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff };

	if (command->connection != NULL)
		connection_send(command->connection, MSG_SHELL_ENDED, command->tag, &body, sizeof(body));
	command_drop(monitor, command);
}

static void take(struct monitor *monitor, const struct init_report *report, int descriptor)
{
	struct command *command = command_find(monitor, report->serial);

	if (report->kind == INIT_JOB_ENDED)
		job_reaped(monitor, report->job, report->status);
	else if (command != NULL && report->kind == INIT_FAILED)
		refused(monitor, command, &report->failure);
	else if (command != NULL && report->kind == INIT_SHELL_ENDED)
		shell_ended(monitor, command, report->status);
	else if (command != NULL && report->kind == INIT_DONE) {
		answered(monitor, command, report, descriptor);
		return;
	}
	if (descriptor >= 0)
		close(descriptor);
}

/* One report. False when there is none at the moment, or no init. */
static bool receive(struct monitor *monitor)
{
	struct init_report report;
	struct iovec part = { &report, sizeof(report) };
	union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int descriptor = -1;
	ssize_t length = recvmsg(monitor->init_socket.fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (length < 0)
		return errno == EINTR;
	if (length < (ssize_t)sizeof(report)) {
		loop_close(&monitor->loop, &monitor->init_socket); /* its end comes by the pidfd */
		return false;
	}

	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(&descriptor, CMSG_DATA(header), sizeof(int));
	take(monitor, &report, descriptor);
	return true;
}

void commands_ready(struct source *source, uint32_t events)
{
	struct monitor *monitor = (struct monitor *)((char *)source - offsetof(struct monitor, init_socket));

	if (events & EPOLLOUT)
		send_waiting(monitor);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(monitor);
}

/* What init said before it ended. */
void commands_drain(struct monitor *monitor)
{
	while (monitor->init_socket.fd >= 0 && receive(monitor))
		;
	loop_close(&monitor->loop, &monitor->init_socket);
}

/* What an init that has ended will never start. */
void commands_fail_starts(struct monitor *monitor)
{
	struct init_failure failure = { .code = ESRCH, .step = "init", .text = "start a process in a container that has ended" };

	for (struct command *command = monitor->commands, *next; command != NULL; command = next) {
		next = command->next;
		if (command->body.kind == INIT_START_JOB || (command->body.kind == INIT_START_SHELL && !command->shell_started))
			refused(monitor, command, &failure);
		else if (command->body.kind == INIT_START_SHELL)
			shell_ended(monitor, command, SIGKILL);
	}
}

/* Everything else that was asked for is done by the end of init. */
void commands_finish(struct monitor *monitor)
{
	while (monitor->commands != NULL) {
		struct command *command = monitor->commands;

		if (command->connection != NULL)
			connection_send(command->connection, MSG_DONE, command->tag, NULL, 0);
		command_drop(monitor, command);
	}
}
