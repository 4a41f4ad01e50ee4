/* The cgroup hierarchies inside, for a container that starts containers itself (cgroups(7), cgroup_namespaces(7)). */
#include "mounts.h"
#include "cleanup.h"
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int mount_one(const char *type, const char *directory, const char *options, struct failure *why)
{
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return fail_errno(why, directory, "make a directory in the container");
	if (mount(type, directory, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		return fail_errno(why, directory, "mount %s in the container", type);
	return 0;
}

/* A line of /proc/self/cgroup: "4:cpu,cpuacct:/…", "1:name=systemd:/…" or, for the second version, "0::/…". */
static int mount_line(char *line, struct failure *why)
{
	char directory[300], *controllers = strchr(line, ':'), *end = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!end)
		return 0;
	*end = 0;
	controllers++;
	if (!*controllers)
		return mount_one("cgroup2", "/sys/fs/cgroup/unified", NULL, why);
	snprintf(directory, sizeof directory, "/sys/fs/cgroup/%s", strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers);
	return mount_one("cgroup", directory, controllers, why);
}

int cgroups_mount(struct failure *why)
{
	char line[4096 + 300];
	FILE *file = fopen("/proc/self/cgroup", "re");
	int result = 0, lines = 0;

	if (!file)
		return fail_errno(why, "/proc/self/cgroup", "read the cgroups in the container");
	while (result == 0 && fgets(line, sizeof line, file)) {
		/* Version 2 alone is one hierarchy, at the place itself. The first line tells: version 2 comes last. */
		if (lines++ == 0) {
			result = strncmp(line, "0::", 3) == 0 ? mount_one("cgroup2", "/sys/fs/cgroup", NULL, why)
							      : mount_one("tmpfs", "/sys/fs/cgroup", "mode=0755", why);
			if (strncmp(line, "0::", 3) == 0)
				break;
		}
		if (result == 0)
			result = mount_line(line, why);
	}
	fclose(file);
	return result;
}
