#include "mounts.h"
#include "cleanup.h"
#include "kernel.h"
#include <sys/stat.h>

static int make_mount(const char *type, const char *target, unsigned long flags, const char *options, struct failure *why)
{
	if (mkdir(target, 0755) < 0 && errno != EEXIST)
		return fail_errno(why, target, "make a directory in the container");
	if (mount(type, target, type, flags, options) < 0)
		return fail_errno(why, target, "mount %s in the container", type);
	return 0;
}

int mounts_make(const struct config *config, struct failure *why)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (make_mount("proc", "/proc", safe, NULL, why) < 0 ||
	    make_mount("sysfs", "/sys", safe | (config->nested ? 0 : MS_RDONLY), NULL, why) < 0 ||
	    /* An instance of its own: the container's terminals are its own, and group 5 is tty's in every distribution. */
	    make_mount("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5", why) < 0 ||
	    make_mount("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", why) < 0 ||
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

static int hide(const char *path, struct failure *why)
{
	struct stat status;
	int result;

	if (stat(path, &status) < 0)
		return errno == ENOENT ? 0 : fail_errno(why, path, "look in the container at what is");
	if (S_ISDIR(status.st_mode))
		result = mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,mode=0755");
	else
		result = mount("/dev/null", path, NULL, MS_BIND, NULL);
	return result < 0 ? fail_errno(why, path, "hide in the container what is") : 0;
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
