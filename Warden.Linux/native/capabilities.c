/*
 * The capability sets of jobs (capabilities(7)).
 */
#include "capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (UINT64_C(1) << (capability))

const uint64_t capabilities_privileged = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL)
	| BIT(CAP_SETGID) | BIT(CAP_SETUID) | BIT(CAP_SETFCAP) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_CHROOT)
	| BIT(CAP_MKNOD) | BIT(CAP_AUDIT_WRITE);

/* Drops everything else from the bounding set, so that no program's file capabilities and no set-user-ID root bring it back. */
int capabilities_bound(uint64_t keep)
{
	for (int capability = 0; capability < 64; capability++) {
		if (keep & BIT(capability))
			continue;

		int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
		if (present < 0)
			return 0; /* EINVAL: the kernel knows no more of them */
		if (present > 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -1;
	}
	return 0;
}

/* Permitted and effective become what is kept of the permitted ones; nothing is inheritable or ambient. */
int capabilities_set(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) < 0)
		return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -1;
	return 0;
}
