/* warden-helper: makes a container and stays as its monitor; lends a terminal to one; prints the filter of jobs. See protocol.h. */
#include "internal.h"
#include <stdio.h>
#include "seccomp.h"
#include <string.h>

int main(int argc, char **argv)
{
	/* Further arguments of `start` are for who reads a list of processes: the container's id. */
	if (argc >= 2 && strcmp(argv[1], "start") == 0)
		return start_main();
	if (argc >= 2 && strcmp(argv[1], "attach") == 0)
		return attach_main(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "filter") == 0)
		return seccomp_main(argc - 1, argv + 1);
	fputs("warden-helper is started by warden; it does nothing on its own.\n", stderr);
	return 2;
}
