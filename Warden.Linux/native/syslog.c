/*
 * A tagged job's output as datagrams of syslog(3)'s form, a line each. Cut as Warden.Spec/Server/Syslog/SyslogLines.cs cuts, so that it
 * does not matter who sends them.
 */
#include "monitor.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_LONGEST (8 * 1024 - 256)

/* A path that is longer than an address has room for is reached by way of its directory. Returns -1 when there is none such. */
static int set_address(struct sockaddr_un *address, const char *path)
{
	char directory[PATH_MAX];
	const char *name = strrchr(path, '/');
	int fd = -1;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) < sizeof(address->sun_path)) {
		strcpy(address->sun_path, path);
		return -1;
	}
	if (name != NULL && name - path < PATH_MAX) {
		memcpy(directory, path, (size_t)(name - path));
		directory[name - path] = '\0';
		fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
		snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%.60s", fd, name + 1);
	}
	return fd;
}

/* To whoever listens there now. Never waits: what a slow or absent receiver misses is lost, as it is with syslog. */
static void send_line(struct stream *stream, const char *line, size_t length)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct job *job = stream->job;
	time_t now = time(NULL);
	struct tm local;
	char head[64];
	struct sockaddr_un address;

	localtime_r(&now, &local);
	int head_length = snprintf(head, sizeof(head), "<%d>%s %2d %02d:%02d:%02d warden.", stream->kind == LOG_STDOUT ? 14 : 11,
		months[local.tm_mon], local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
	struct iovec parts[] = {
		{ head, (size_t)head_length }, { job->tag, strlen(job->tag) }, { (void *)": ", 2 }, { (void *)line, length },
	};
	struct msghdr message = { .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = parts, .msg_iovlen = 4 };

	int directory = set_address(&address, job->syslog_path);
	sendmsg(job->monitor->syslog_socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (directory >= 0)
		close(directory);
}

static void flush(struct stream *stream)
{
	send_line(stream, stream->line, stream->line_length);
	stream->line_length = 0;
}

static void append(struct stream *stream, const char *data, size_t length)
{
	if (stream->line == NULL && (stream->line = malloc(LINE_LONGEST)) == NULL)
		return;
	while (stream->line_length + length > LINE_LONGEST) {
		size_t fits = LINE_LONGEST - stream->line_length;

		memcpy(stream->line + stream->line_length, data, fits);
		stream->line_length += fits;
		data += fits;
		length -= fits;
		flush(stream);
	}
	memcpy(stream->line + stream->line_length, data, length);
	stream->line_length += length;
}

void syslog_write(struct stream *stream, const char *data, size_t length)
{
	if (stream->job->tag == NULL)
		return;
	while (length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t part = end == NULL ? length : (size_t)(end - data);

		if (end != NULL && stream->line_length == 0 && part <= LINE_LONGEST) {
			send_line(stream, data, part);
		} else {
			append(stream, data, part);
			if (end != NULL)
				flush(stream);
		}
		if (end != NULL)
			part++;
		data += part;
		length -= part;
	}
}

void syslog_complete(struct stream *stream)
{
	if (stream->line_length > 0)
		flush(stream);
}
