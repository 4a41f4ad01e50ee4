#pragma once

/* Puts the filter together, once. */
void seccomp_prepare(void);

/*
 * Installs it in the calling thread, which has CAP_SYS_ADMIN or no_new_privs; once is enough, for its children inherit it (seccomp(2)). 0, or
 * -1 with errno.
 */
int seccomp_install(void);
