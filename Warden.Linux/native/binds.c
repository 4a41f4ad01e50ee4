#include "binds.h"
#include "beneath.h"
#include "cleanup.h"
#include "kernel.h"
#include <string.h>
#include <sys/stat.h>

/* What is mounted beneath the source becomes read-only with it. */
static int copy_tree(int source, bool writable)
{
	const struct mount_attributes read_only = { .set = ATTRIBUTE_READ_ONLY };
	cleanup_close int tree = kernel_open_tree(source, "", TREE_CLONE | TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

	if (tree < 0 || (!writable && kernel_mount_setattr(tree, AT_RECURSIVE, &read_only) < 0))
		return -1;
	return take_fd(&tree);
}

static int bind_one(int root, const struct bind_mount *bind, struct failure *why)
{
	cleanup_close int source = -1, target = -1, tree = -1;
	struct stat status, top, place;
	const struct how_to_open no_links = { .flags = O_PATH | O_CLOEXEC, .resolve = BENEATH_NO_LINKS };

	/* The server has resolved the client's links: one that stands there now was put there since. */
	source = kernel_openat2(AT_FDCWD, bind->source, &no_links);
	if (source < 0 || fstat(source, &status) < 0)
		return fail_errno(why, bind->source, "find the source of a bind mount");
	target = beneath_make(root, bind->target, S_ISDIR(status.st_mode), why);
	if (target < 0)
		return fail(why, why->code, bind->target, "make the destination of the bind mount of %s", bind->source);
	/* What the pivot makes the root lies beneath such a mount: nobody would ever see it. */
	if (fstat(root, &top) < 0 || fstat(target, &place) < 0)
		return fail_errno(why, bind->target, "look at the place in the container");
	if (top.st_dev == place.st_dev && top.st_ino == place.st_ino)
		return fail(why, EINVAL, bind->target, "mount %s over the root of the container", bind->source);
	tree = copy_tree(source, bind->writable);
	if (tree < 0)
		return fail_errno(why, bind->source, "bind mount what is");
	if (kernel_move_mount(tree, target) < 0)
		return fail_errno(why, bind->target, "bind mount %s in the container", bind->source);
	return 0;
}

int binds_mount(int root, const struct config *config, struct failure *why)
{
	for (size_t i = 0; i < config->bind_count; i++)
		if (bind_one(root, &config->binds[i], why) < 0)
			return -1;
	return 0;
}
