/*
 * What a server asks of the monitor.
 */
#include "monitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The body as a structure, or NULL when it is too short for one; that is a peer that speaks something else. */
static const void *body_of(struct connection *connection, size_t size)
{
	if (connection->header.length >= size)
		return connection->body;
	connection->doomed = true;
	return NULL;
}

static void hello(struct connection *connection)
{
	struct state *state;
	size_t length = monitor_state(connection->monitor, &state);

	if (length == 0) {
		connection->doomed = true;
		return;
	}
	connection->greeted = true;
	connection_send(connection, MSG_STATE, connection->header.tag, state, length);
	free(state);
}

/* Asks init, or answers in its place when there is none: what was to be signalled or waited for has ended with it. */
static void ask_init(struct connection *connection, uint32_t kind, int signal)
{
	struct monitor *monitor = connection->monitor;
	struct command *command;

	if (!monitor->init_alive) {
		connection_send(connection, MSG_DONE, connection->header.tag, NULL, 0);
		return;
	}
	command = command_new(monitor, kind, connection, connection->header.tag, NULL, 0);
	if (command == NULL) {
		connection_fail_errno(connection, connection->header.tag, "memory", "", "ask init");
		return;
	}
	command->body.signal = signal;
	command_send(monitor, command);
}

static void signal_all(struct connection *connection)
{
	const struct signal_all *request = body_of(connection, sizeof(*request));

	if (request == NULL)
		return;
	ask_init(connection, INIT_SIGNAL_ALL, request->signal);
}

static void start_shell(struct connection *connection)
{
	const struct shell_start *request = body_of(connection, sizeof(*request));
	struct monitor *monitor = connection->monitor;
	struct command *command;

	if (request == NULL)
		return;
	if (!monitor->init_alive) {
		errno = ESRCH;
		connection_fail_errno(connection, connection->header.tag, "init", "", "start a shell in a container that has ended");
		return;
	}
	errno = EMSGSIZE;
	command = request->term_length > INIT_TEXT_MAX || request->term_length > connection->header.length - sizeof(*request)
		? NULL
		: command_new(monitor, INIT_START_SHELL, connection, connection->header.tag, (const char *)(request + 1), request->term_length);
	if (command == NULL) {
		connection_fail_errno(connection, connection->header.tag, "shell", "", "start a shell");
		return;
	}
	command->body.flags = request->flags;
	command->body.rows = request->rows;
	command->body.columns = request->columns;
	command_send(monitor, command);
}

static void start_job(struct connection *connection)
{
	char *body = connection->body;

	/* The script stays where it was received. */
	connection->body = NULL;
	job_start(connection, body, connection->header.length, connection->header.tag);
}

static void watch_job(struct connection *connection)
{
	const struct job_watch *request = body_of(connection, sizeof(*request));

	if (request != NULL)
		job_watch(connection, request, connection->header.tag);
}

static void forget_job(struct connection *connection)
{
	const struct job_id *request = body_of(connection, sizeof(*request));

	if (request != NULL)
		job_forget(connection, request->job, connection->header.tag);
}

static void terminate(struct connection *connection)
{
	struct monitor *monitor = connection->monitor;
	struct command *command;

	if (monitor->init_alive) {
		/* It stands in the list of what init has not answered; init's end answers it. */
		command = command_new(monitor, 0, connection, connection->header.tag, NULL, 0);
		if (command != NULL)
			command->sent = true;
	} else {
		connection_send(connection, MSG_DONE, connection->header.tag, NULL, 0);
	}
	monitor_terminate(monitor);
}

void request_handle(struct connection *connection)
{
	switch (connection->header.type) {
	case MSG_HELLO:
		hello(connection);
		break;
	case MSG_JOB_START:
		start_job(connection);
		break;
	case MSG_JOB_WATCH:
		watch_job(connection);
		break;
	case MSG_JOB_FORGET:
		forget_job(connection);
		break;
	case MSG_SIGNAL_ALL:
		signal_all(connection);
		break;
	case MSG_WAIT_IDLE:
		ask_init(connection, INIT_WAIT_IDLE, 0);
		break;
	case MSG_TERMINATE:
		terminate(connection);
		break;
	case MSG_SHELL:
		start_shell(connection);
		break;
	default:
		connection->doomed = true;
	}
}
