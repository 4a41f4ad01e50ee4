#pragma once
#include <stdbool.h>

/* Puts the filter together, once. `socketcall`: 32-bit programs make sockets by socketcall(2), whose families cannot be filtered. */
void seccomp_prepare(bool socketcall);

/* Prints the filter, as bpf(4) instructions, for who wants to know what it does. */
int seccomp_main(int argc, char **argv);

/*
 * Installs it in the calling thread, which has CAP_SYS_ADMIN or no_new_privs; once is enough, for its children inherit it (seccomp(2)). 0, or
 * -1 with errno.
 */
int seccomp_install(void);
