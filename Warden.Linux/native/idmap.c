/* An id-mapped mount (mount_setattr(2)): a user namespace tells which id on disk is shown as which. */
#include "idmap.h"
#include "cleanup.h"
#include "kernel.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static int write_file(const char *path, const char *text)
{
	cleanup_close int file = open(path, O_WRONLY | O_CLOEXEC);

	return file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
}

/* Every id stays what it is but the two, which change places: a mapping has to be one to one. */
static void describe_swap(char *text, size_t size, uid_t one, uid_t other)
{
	unsigned long long low = one < other ? one : other, high = one < other ? other : one;
	struct { unsigned long long inside, outside, count; } extents[] = {
		{ 0, 0, low }, { low, high, 1 }, { low + 1, low + 1, high - low - 1 }, { high, low, 1 }, { high + 1, high + 1, UINT32_MAX - 1 - high },
	};

	*text = 0;
	for (size_t i = 0; i < sizeof extents / sizeof *extents; i++)
		if (extents[i].count > 0) {
			size_t used = strlen(text);

			snprintf(text + used, size - used, "%llu %llu %llu\n", extents[i].inside, extents[i].outside, extents[i].count);
		}
}

/* A user namespace lives as long as a process in it or a descriptor of it: a child lends its own and ends. */
static int open_namespace(uid_t one, uid_t other)
{
	char path[64], map[256];
	int hold[2], namespace = -1, saved;
	pid_t child;

	if (pipe2(hold, O_CLOEXEC) < 0)
		return -1;
	child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		char end;

		close(hold[1]);
		_exit(read(hold[0], &end, 1) < 0);
	}
	if (child > 0) {
		describe_swap(map, sizeof map, one, other);
		snprintf(path, sizeof path, "/proc/%d/uid_map", child);
		if (write_file(path, map) == 0) {
			snprintf(path, sizeof path, "/proc/%d/gid_map", child);
			if (write_file(path, map) == 0) {
				snprintf(path, sizeof path, "/proc/%d/ns/user", child);
				namespace = open(path, O_RDONLY | O_CLOEXEC);
			}
		}
	}
	saved = errno;
	close(hold[0]);
	close(hold[1]);
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	errno = saved;
	return namespace;
}

int idmap_swap(const char *directory, uid_t from, uid_t to, struct failure *why)
{
	cleanup_close int namespace = -1, tree = -1, target = -1;
	struct mount_attributes attributes = { .set = ATTRIBUTE_IDMAP };

	if (from == to)
		return 0;
	namespace = open_namespace(from, to);
	if (namespace < 0)
		return fail_errno(why, directory, "make a user namespace that maps user %u to %u", from, to);
	target = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	tree = kernel_open_tree(AT_FDCWD, directory, TREE_CLONE | TREE_CLOEXEC);
	if (target < 0 || tree < 0)
		return fail_errno(why, directory, "open the root filesystem");
	attributes.user_namespace = (uint64_t)namespace;
	if (kernel_mount_setattr(tree, 0, &attributes) < 0)
		return fail_errno(why, directory, "map user %u to %u in the root filesystem", from, to);
	/* Older kernels take only what is mounted as a union's layer (fs/namespace.c, clone_private_mount). */
	if (kernel_move_mount(tree, target) < 0)
		return fail_errno(why, directory, "mount the root filesystem with mapped users");
	return 0;
}
