#include "mounts.h"
#include "cleanup.h"
#include "kernel.h"
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int make_mount(const char *type, const char *target, unsigned long flags, const char *options, struct failure *why)
{
	struct stat status;

	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		return fail_errno(why, target, "make a directory in the container");
	/* A link would have what is written to /proc later written elsewhere (CVE-2025-52881). */
	if (lstat(target, &status) < 0 || !S_ISDIR(status.st_mode))
		return fail(why, ENOTDIR, target, "mount %s in the container", type);
	if (mount(type, target, type, flags, options) < 0)
		return fail_errno(why, target, "mount %s in the container", type);
	return 0;
}

int mounts_make(const struct config *config, struct failure *why)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char shm[64] = "mode=1777";

	if (config->shm_size)
		snprintf(shm, sizeof shm, "mode=1777,size=%llu", (unsigned long long)config->shm_size);
	if (make_mount("proc", "/proc", safe, NULL, why) < 0 ||
	    make_mount("sysfs", "/sys", safe | (config->nested ? 0 : MS_RDONLY), NULL, why) < 0 ||
	    /* An instance of its own: the container's terminals are its own, and group 5 is tty's in every distribution. */
	    make_mount("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5", why) < 0 ||
	    make_mount("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, shm, why) < 0 ||
	    make_mount("mqueue", "/dev/mqueue", safe, NULL, why) < 0)
		return -1;
	return 0;
}

static int protect(const char *path, struct failure *why)
{
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno == ENOENT ? 0 : fail_errno(why, path, "write-protect in the container what is");
	if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return fail_errno(why, path, "write-protect in the container what is");
	return 0;
}

/*
 * The device of the container's own /dev, by descriptor: of a /dev that a client has mounted there, or a link in the place of the device, whatever
 * else it leads to would be shown in the masks' places (CVE-2025-31133).
 */
int mounts_open_null(int flags, struct failure *why)
{
	cleanup_close int null = open("/dev/null", flags | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (null < 0 || fstat(null, &status) < 0)
		return fail_errno(why, "/dev/null", "open a device in the container");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
		return fail(why, ENXIO, "/dev/null", "find the null device in the container");
	return take_fd(&null);
}

static int cover_with_null(const char *path, struct failure *why)
{
	cleanup_close int null = mounts_open_null(O_PATH, why), tree = -1, target = -1;

	if (null < 0)
		return -1;
	tree = kernel_open_tree(null, "", TREE_CLONE | TREE_CLOEXEC | AT_EMPTY_PATH);
	target = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (tree < 0 || target < 0 || kernel_move_mount(tree, target) < 0)
		return fail_errno(why, path, "hide in the container what is");
	return 0;
}

static int hide(const char *path, struct failure *why)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : fail_errno(why, path, "look in the container at what is");
	if (!S_ISDIR(status.st_mode))
		return cover_with_null(path, why);
	return mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,mode=0755") < 0 ? fail_errno(why, path, "hide in the container what is") : 0;
}

int mounts_mask(struct failure *why)
{
	static const char *const hidden[] = {
		"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
		"/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
	};
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (hide(hidden[i], why) < 0)
			return -1;
	for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
		if (protect(read_only[i], why) < 0)
			return -1;
	return 0;
}
