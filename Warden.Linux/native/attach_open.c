/*
 * How an attachment begins: the conversation with the monitor that ends with a terminal's master, and this end's terminal made raw.
 */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "internal.h"

#define TERM_MAX 256

/* By way of its directory, so that the length of the path does not matter. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *name = strrchr(path, '/');
	cleanup_free char *directory = name == NULL ? strdup(".") : strndup(path, (size_t)(name - path) + 1);
	cleanup_close int parent = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (directory == NULL || fd < 0)
		return -1;
	parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -1;
	name = name == NULL ? path : name + 1;
	if (snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", parent, name) >= (int)sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return take_fd(&fd);
}

static int ask_for_shell(int fd, bool root)
{
	struct { struct shell_start head; char term[TERM_MAX]; } request = { .head.flags = root ? JOB_PRIVILEGED : 0 };
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *term = getenv("TERM");
	size_t length;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (term == NULL || strlen(term) >= sizeof(request.term))
		term = "dumb";
	length = strlen(term);
	memcpy(request.term, term, length);
	request.head.rows = size.ws_row;
	request.head.columns = size.ws_col;
	request.head.term_length = (uint32_t)length;
	if (message_send(fd, MSG_HELLO, 1, NULL, 0) < 0)
		return -1;
	return message_send(fd, MSG_SHELL, 2, &request, sizeof(request.head) + length);
}

/* A header by recvmsg, for the descriptor that comes with the first byte of SHELL_STARTED. */
static int receive_header(int fd, struct message_header *header, int *descriptor)
{
	struct iovec part = { header, sizeof(*header) };
	union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *ancillary;
	ssize_t count;

	do
		count = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return -1;
	ancillary = CMSG_FIRSTHDR(&message);
	if (ancillary != NULL && ancillary->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(ancillary), sizeof(int));
	return read_all(fd, (char *)header + count, sizeof(*header) - (size_t)count) > 0 ? 0 : -1;
}

static bool tell_failure(const void *body, size_t length)
{
	static struct failure why;

	if (failure_decode(&why, body, length) == 0)
		fprintf(stderr, "warden: cannot %s%s%s: %s\n", why.text, why.path[0] ? " " : "", why.path, strerror(why.code));
	return false;
}

/* Reads until the shell has been started, or has not. */
static bool receive_shell(struct attachment *attachment)
{
	for (;;) {
		struct message_header header;
		cleanup_free char *body = NULL;

		attachment->master = -1;
		if (receive_header(attachment->socket, &header, &attachment->master) < 0 || header.length > 1 << 20)
			break;
		body = malloc(header.length + 1UL);
		if (body == NULL || read_all(attachment->socket, body, header.length) < (header.length > 0))
			break;
		if (header.tag == 2 && header.type == MSG_FAILED)
			return tell_failure(body, header.length);
		if (header.tag == 2 && header.type == MSG_SHELL_STARTED && attachment->master >= 0)
			return true;
	}
	fputs("warden: the container's monitor has gone away\n", stderr);
	return false;
}

bool attachment_open(struct attachment *attachment, const char *path, bool root)
{
	attachment->socket = connect_to(path);
	if (attachment->socket < 0 || ask_for_shell(attachment->socket, root) < 0) {
		fprintf(stderr, "warden: cannot reach the container's monitor at %s: %s\n", path, strerror(errno));
		return false;
	}
	if (!receive_shell(attachment))
		return false;
	if (fcntl(attachment->master, F_SETFL, O_RDWR | O_NONBLOCK) == 0)
		return true;
	fprintf(stderr, "warden: cannot use the shell's terminal: %s\n", strerror(errno));
	return false;
}

void terminal_make_raw(struct attachment *attachment)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &attachment->saved) < 0)
		return;
	raw = attachment->saved;
	cfmakeraw(&raw);
	attachment->raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void terminal_restore(struct attachment *attachment)
{
	if (attachment->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &attachment->saved);
}
