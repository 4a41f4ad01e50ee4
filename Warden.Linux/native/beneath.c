#include "beneath.h"
#include "cleanup.h"
#include "kernel.h"
#include <string.h>
#include <sys/stat.h>

int beneath_open(int root, const char *path)
{
	struct how_to_open how = { .flags = O_PATH | O_CLOEXEC, .resolve = BENEATH_IN_ROOT | BENEATH_NO_MAGIC_LINKS };
	int fd;

	/* The kernel asks for another try when something was renamed meanwhile (openat2(2), EAGAIN). */
	do
		fd = kernel_openat2(root, path, &how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd;
}

static int make_entry(int parent, const char *name, bool directory)
{
	cleanup_close int file = -1;

	if (directory)
		return mkdirat(parent, name, 0755);
	file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return file < 0 ? -1 : 0;
}

int beneath_make(int root, const char *path, bool directory, struct failure *why)
{
	cleanup_free char *prefix = strdup(path);
	cleanup_close int at = beneath_open(root, "/");
	char *name = prefix, *end;

	if (!prefix || at < 0)
		return fail_errno(why, path, "find the container's root for what is to be");
	for (;;) {
		int next;
		char after;

		name += strspn(name, "/");
		if (!*name)
			return take_fd(&at);
		end = name + strcspn(name, "/");
		after = *end;
		*end = 0;
		next = beneath_open(root, prefix);
		if (next < 0 && errno == ENOENT) {
			bool last = !after || !end[1 + strspn(end + 1, "/")];

			/* A link that leads nowhere makes this EEXIST: what it should lead to is not ours to decide. */
			if (make_entry(at, name, directory || !last) < 0)
				return fail_errno(why, path, "make a place in the container");
			next = beneath_open(root, prefix);
		}
		if (next < 0)
			return fail_errno(why, path, "find the place in the container");
		close(at);
		at = next;
		*end = after;
		name = end;
	}
}
