/*
 * `warden-helper attach SOCKET [root]`: lends this terminal to a shell in a container. SOCKET is the container's monitor.sock. Ends with
 * the shell's status, 128 and the number for a signal; 255 where there is no shell.
 */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

#define NO_SHELL 255

static void set_size(const struct attachment *attachment)
{
	struct winsize size;

	/* The kernel tells the shell's foreground process group with SIGWINCH. */
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(attachment->master, TIOCSWINSZ, &size);
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, data, length);

		if (count < 0 && errno == EAGAIN) {
			struct pollfd room = { .fd = fd, .events = POLLOUT };

			poll(&room, 1, -1);
			continue;
		}
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		data += count;
		length -= (size_t)count;
	}
	return true;
}

/* What the shell prints. False when its terminal has no other end any more. */
static bool copy_out(struct attachment *attachment)
{
	char buffer[16384];
	ssize_t count = read(attachment->master, buffer, sizeof(buffer));

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	return count > 0 && write_all(STDOUT_FILENO, buffer, (size_t)count);
}

/* What is typed: as much as the shell's terminal takes; the rest stays in `input` until it takes more. */
static void feed(struct attachment *attachment)
{
	while (attachment->input_start < attachment->input_end) {
		ssize_t count = write(attachment->master, attachment->input + attachment->input_start, attachment->input_end - attachment->input_start);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			break;
		attachment->input_start += (size_t)count;
	}
	if (attachment->input_start == attachment->input_end)
		attachment->input_start = attachment->input_end = 0;
}

/*
 * The end of a file that is no terminal, as a terminal tells it: Ctrl-D at the beginning of a line. Said again whenever the shell has
 * printed something, its prompt perhaps: what is typed before a line editor begins does not count.
 */
static void tell_end(struct attachment *attachment)
{
	attachment->input_over = true;
	attachment->input[0] = 4;
	attachment->input_end = 1;
	feed(attachment);
}

static void copy_in(struct attachment *attachment)
{
	ssize_t count = read(STDIN_FILENO, attachment->input, sizeof(attachment->input));

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		tell_end(attachment);
		return;
	}
	attachment->input_end = (size_t)count;
	feed(attachment);
}

/* Returns -1 to go on, or the status to end with. */
static int take_message(struct attachment *attachment)
{
	struct message_header header;
	void *body;
	int status = NO_SHELL;

	if (message_receive(attachment->socket, &header, &body, 1 << 20) <= 0)
		return NO_SHELL;
	if (header.type == MSG_SHELL_ENDED && header.length >= sizeof(struct shell_ended)) {
		status = ((const struct shell_ended *)body)->status;
		free(body);
		/* What it printed last is in the terminal still. */
		struct pollfd rest = { .fd = attachment->master, .events = POLLIN };
		while (poll(&rest, 1, 0) > 0 && (rest.revents & POLLIN) && copy_out(attachment))
			;
		return status;
	}
	free(body);
	return -1;
}

static int take_signal(struct attachment *attachment)
{
	struct signalfd_siginfo information;

	if (read(attachment->signals, &information, sizeof(information)) != sizeof(information))
		return -1;
	if (information.ssi_signo != SIGWINCH)
		return 128 + (int)information.ssi_signo;
	set_size(attachment);
	return -1;
}

static int serve(struct attachment *attachment)
{
	for (;;) {
		bool typed = attachment->input_end > 0;
		struct pollfd files[] = {
			{ .fd = attachment->signals, .events = POLLIN },
			{ .fd = attachment->master, .events = typed ? POLLIN | POLLOUT : POLLIN },
			{ .fd = typed || attachment->input_over ? -1 : STDIN_FILENO, .events = POLLIN },
			{ .fd = attachment->socket, .events = POLLIN },
		};
		int status = -1;

		if (attachment->hung_up)
			files[1].fd = -1;
		if (poll(files, 4, -1) < 0)
			continue;
		if (files[0].revents != 0 && (status = take_signal(attachment)) >= 0)
			return status;
		if (files[1].revents & POLLOUT)
			feed(attachment);
		if (files[1].revents & (POLLIN | POLLHUP | POLLERR)) {
			attachment->hung_up = !copy_out(attachment); /* nothing holds it open then; the shell's status is on its way */
			if (!attachment->hung_up && attachment->input_over && attachment->input_end == 0)
				tell_end(attachment);
		}
		if (files[2].revents != 0)
			copy_in(attachment);
		if (files[3].revents != 0 && !(files[1].revents & POLLIN) && (status = take_message(attachment)) >= 0)
			return status;
	}
}

static int say(const char *text)
{
	fprintf(stderr, "warden: %s\n", text);
	return NO_SHELL;
}

int attach_main(int argc, char **argv)
{
	static struct attachment attachment;
	sigset_t set;
	int status;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "root") != 0))
		return say("usage: warden-helper attach SOCKET [root]");

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (const int *number = (const int[]){ SIGWINCH, SIGHUP, SIGINT, SIGQUIT, SIGTERM, 0 }; *number != 0; number++)
		sigaddset(&set, *number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	attachment.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (attachment.signals < 0)
		return say(strerror(errno));

	if (!attachment_open(&attachment, argv[1], argc == 3))
		return NO_SHELL;
	terminal_make_raw(&attachment);
	status = serve(&attachment);
	terminal_restore(&attachment);
	return status;
}
