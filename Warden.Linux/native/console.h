#pragma once
#include "wire.h"
#include <sys/types.h>

/* The pty behind a container's /dev/console: a pty of the host's, so that its master needs nothing of the container. */
struct console {
	int master, slave;
	char name[64]; /* of the slave, in the host's file system */
	dev_t device;
};

int console_open(struct console *console, struct failure *why);

/* Gives the slave the owner and the mode of the root filesystem's own dev/console; where it has none, those of the kernel's: root, 0600. */
int console_own(int root, const struct console *console, struct failure *why);

/* Mounts the slave on dev/console beneath `root`, from the host's tree as the caller's mount namespace has it. */
int console_bind(int root, const struct console *console, struct failure *why);
