#include "console.h"
#include "beneath.h"
#include "cleanup.h"
#include "kernel.h"
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

int console_open(struct console *console, struct failure *why)
{
	cleanup_close int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
	struct termios terminal;
	struct stat status;

	if (master < 0 || unlockpt(master) < 0 || ptsname_r(master, console->name, sizeof console->name) != 0)
		return fail_errno(why, "/dev/ptmx", "open a pseudo-terminal for the console");
	slave = open(console->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || fstat(slave, &status) < 0 || tcgetattr(slave, &terminal) < 0)
		return fail_errno(why, console->name, "open the console's end of the pseudo-terminal");
	/* What is written arrives as it is: no carriage returns, and no echo into what is a log. */
	cfmakeraw(&terminal);
	if (tcsetattr(slave, TCSANOW, &terminal) < 0)
		return fail_errno(why, console->name, "set up the console");
	console->device = status.st_rdev;
	console->master = take_fd(&master);
	console->slave = take_fd(&slave);
	return 0;
}

int console_own(int root, const struct console *console, struct failure *why)
{
	cleanup_close int own = beneath_open(root, "dev/console");
	struct stat status;

	if (own < 0 || fstat(own, &status) < 0 || !S_ISCHR(status.st_mode))
		status = (struct stat){.st_mode = 0600};
	if (fchown(console->slave, status.st_uid, status.st_gid) < 0 || fchmod(console->slave, status.st_mode & 0777) < 0)
		return fail_errno(why, console->name, "give the console its owner and mode");
	return 0;
}

int console_bind(int root, const struct console *console, struct failure *why)
{
	cleanup_close int slave = open(console->name, O_PATH | O_CLOEXEC), tree = -1, target = -1;
	struct stat status;

	if (slave < 0 || fstat(slave, &status) < 0)
		return fail_errno(why, console->name, "find the console's pseudo-terminal");
	if (!S_ISCHR(status.st_mode) || status.st_rdev != console->device)
		return fail(why, ENXIO, console->name, "find the console's own pseudo-terminal");
	target = beneath_make(root, "dev/console", false, why);
	if (target < 0)
		return -1;
	tree = kernel_open_tree(slave, "", TREE_CLONE | TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0 || kernel_move_mount(tree, target) < 0)
		return fail_errno(why, "/dev/console", "mount the console");
	return 0;
}
