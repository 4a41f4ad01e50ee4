/* The union mount of the root filesystem: overlayfs(5) by way of fsopen(2). */
#include "overlay.h"
#include "cleanup.h"
#include "idmap.h"
#include "kernel.h"
#include <stdio.h>
#include <string.h>

/* The kernel's own words on what it did not like about a file system's options: lines of "e message" (fsopen(2)). */
static int fail_with_log(int context, const char *path, const char *what, struct failure *why)
{
	int code = errno;
	char line[256];
	ssize_t length = read(context, line, sizeof line - 1);

	if (length <= 2)
		return fail(why, code, path, "%s", what);
	line[length] = 0;
	line[strcspn(line, "\n")] = 0;
	return fail(why, code, path, "%s (%s)", what, line + 2);
}

/* A layer is named by descriptor: such a name has no character with a meaning in the options, and is short enough for every kernel. */
static int set_layer(int context, const char *key, const char *what, const char *path, uint64_t resolve, int *layer,
		     struct failure *why)
{
	const struct how_to_open how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = resolve };
	char name[32];

	*layer = kernel_openat2(AT_FDCWD, path, &how);
	if (*layer < 0)
		return fail_errno(why, path, "open the %s", what);
	snprintf(name, sizeof name, "/proc/self/fd/%d", *layer);
	if (kernel_fsconfig(context, CONFIG_SET_STRING, key, name) < 0)
		return fail_with_log(context, path, "make a layer of the union of what is", why);
	return 0;
}

int overlay_mount(const struct config *config, const char *target, struct failure *why)
{
	/* Kernels before 6.5 look the layers' names up when the union is made: their descriptors stay open until then. */
	cleanup_close int lower = -1, upper = -1, work = -1, context = -1, mounted = -1, place = -1;

	if (config->maps_lower_uid && idmap_swap(config->lower, config->lower_uid, config->uid, why) < 0)
		return -1;
	context = kernel_fsopen("overlay");
	if (context < 0)
		return fail_errno(why, NULL, "use the kernel's overlay file system");
	/* The server has resolved the client's links on the way to the root filesystem. */
	if (set_layer(context, "lowerdir", "root filesystem", config->lower, BENEATH_NO_LINKS, &lower, why) < 0 ||
	    set_layer(context, "upperdir", "union's upper directory", config->upper, 0, &upper, why) < 0 ||
	    set_layer(context, "workdir", "union's work directory", config->work, 0, &work, why) < 0)
		return -1;
	/* Of two unions over one root filesystem none needs to know hard links apart, which is what an index is for. */
	if (kernel_fsconfig(context, CONFIG_SET_STRING, "index", "off") < 0 ||
	    kernel_fsconfig(context, CONFIG_SET_STRING, "source", "overlay") < 0 || kernel_fsconfig(context, CONFIG_CREATE, NULL, NULL) < 0)
		return fail_with_log(context, config->lower, "make the union over the root filesystem", why);
	mounted = kernel_fsmount(context, 0);
	place = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mounted < 0 || place < 0 || kernel_move_mount(mounted, place) < 0)
		return fail_errno(why, target, "mount the union of the root filesystem");
	return 0;
}
