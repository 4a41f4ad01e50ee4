#include "devices.h"
#include "beneath.h"
#include "cleanup.h"
#include "kernel.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const struct {
	const char *name;
	unsigned major, minor; /* Documentation/admin-guide/devices.txt of the kernel */
} devices[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 }, { "fuse", 10, 229 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "ptmx", "pts/ptmx" }, { "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
};

static const char *const directories[] = { "pts", "shm", "mqueue" };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int fill(int directory, struct failure *why)
{
	for (size_t i = 0; i < COUNT(devices); i++)
		if (mknodat(directory, devices[i].name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)) < 0)
			return fail_errno(why, devices[i].name, "make in the container's /dev a device");
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i].target, directory, links[i].name) < 0)
			return fail_errno(why, links[i].name, "make in the container's /dev a link");
	for (size_t i = 0; i < COUNT(directories); i++)
		if (mkdirat(directory, directories[i], 0755) < 0)
			return fail_errno(why, directories[i], "make in the container's /dev a directory");
	return 0;
}

int devices_mount(int root, struct failure *why)
{
	cleanup_close int context = kernel_fsopen("tmpfs"), mounted = -1, target = -1;

	if (context < 0 || kernel_fsconfig(context, CONFIG_SET_STRING, "source", "tmpfs") < 0 ||
	    kernel_fsconfig(context, CONFIG_SET_STRING, "mode", "0755") < 0 || kernel_fsconfig(context, CONFIG_SET_STRING, "size", "1m") < 0 ||
	    kernel_fsconfig(context, CONFIG_CREATE, NULL, NULL) < 0)
		return fail_errno(why, "/dev", "make the container's file system");
	mounted = kernel_fsmount(context, ATTRIBUTE_NOSUID);
	if (mounted < 0)
		return fail_errno(why, "/dev", "make the container's mount");
	if (fill(mounted, why) < 0)
		return -1;
	target = beneath_make(root, "dev", true, why);
	if (target < 0)
		return -1;
	return kernel_move_mount(mounted, target) < 0 ? fail_errno(why, "/dev", "mount the container's file system") : 0;
}
