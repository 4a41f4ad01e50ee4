/*
 * The system call filter of jobs, of the strength that container hosts have by default: what reaches beyond a container, or offers
 * much kernel to attack for little use, is refused. As lists of what is denied, so that the kernel's cache of calls that are always
 * allowed makes the rest free; a call newer than the lists does not exist (ENOSYS), so that programs fall back.
 */
#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (n)) /* its low half: little endian */
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define FAIL(error) RETURN(SECCOMP_RET_ERRNO | (error))
#define EQUALS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define REFUSE(nr, error) EQUALS((nr), 0, 1), FAIL(error)
#define DENY(nr) REFUSE((nr), EPERM)

/* CLONE_NEWNS, CLONE_NEWCGROUP to CLONE_NEWNET: a user namespace of its own would give a job all capabilities in it. */
#define CLONE_NAMESPACES 0x7e020000
#define CLONE_RULE(nr) EQUALS((nr), 0, 4), LOAD_ARGUMENT(0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NAMESPACES, 0, 1), FAIL(EPERM), ALLOW

/* The personalities that change nothing of the address space's protection, and asking for the present one. */
#define PERSONALITY_RULE(nr) EQUALS((nr), 0, 8), LOAD_ARGUMENT(0), EQUALS(0x0, 5, 0), EQUALS(0x8, 4, 0), EQUALS(0x20000, 3, 0), \
	EQUALS(0x20008, 2, 0), EQUALS(0xffffffff, 1, 0), FAIL(EPERM), ALLOW

/* AF_VSOCK reaches the hypervisor and knows no network namespace; AF_ALG has the kernel load and run its cryptography for anyone. */
#define REFUSED_VSOCK 40
#define REFUSED_ALG 38
#define SOCKET_RULE(nr) EQUALS((nr), 0, 5), LOAD_ARGUMENT(0), EQUALS(REFUSED_VSOCK, 1, 0), EQUALS(REFUSED_ALG, 0, 1), FAIL(EPERM), ALLOW

/*
 * socketcall(2) of i386 is socket(2) and all its kin in one: the family of SYS_SOCKET (1) and SYS_SOCKETPAIR (8) is in memory, where a filter
 * cannot read it. Programs fall back to socket(2), or have no sockets. The rest works on sockets that are open already.
 */
#define SOCKETCALL_RULE(nr) EQUALS((nr), 0, 5), LOAD_ARGUMENT(0), EQUALS(1, 1, 0), EQUALS(8, 0, 1), FAIL(ENOSYS), ALLOW
#define SOCKETCALL_ANSWER 5 /* where its FAIL stands among the rules that it is the second of */

/* The numbers from 424 on are the same on every architecture. */
#define LAST_KNOWN 469
#define COMMON_RULES \
	DENY(425), DENY(426), DENY(427), /* io_uring_setup, _enter, _register */ \
	DENY(428), DENY(429), DENY(430), DENY(431), DENY(432), DENY(433), /* open_tree, move_mount, fsopen, fsconfig, fsmount, fspick */ \
	REFUSE(435, ENOSYS), /* clone3: its flags are in memory, where a filter cannot read them; libraries fall back to clone */ \
	DENY(438), /* pidfd_getfd */ \
	DENY(440), /* process_madvise */ \
	DENY(442), DENY(443), /* mount_setattr, quotactl_fd */ \
	DENY(450), /* set_mempolicy_home_node */ \
	DENY(457), DENY(458), DENY(467), /* statmount, listmount, open_tree_attr */ \
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN, 0, 1), FAIL(ENOSYS), \
	ALLOW

static const struct sock_filter native_rules[] = {
	LOAD(nr),
#ifdef __x86_64__
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), FAIL(ENOSYS), /* x32 */
	DENY(SYS_iopl), DENY(SYS_ioperm), DENY(SYS_uselib), DENY(SYS_ustat), DENY(SYS_sysfs), DENY(SYS__sysctl),
	DENY(SYS_create_module), DENY(SYS_get_kernel_syms), DENY(SYS_query_module), DENY(SYS_nfsservctl),
	DENY(SYS_getpmsg), DENY(SYS_putpmsg), DENY(SYS_afs_syscall), DENY(SYS_tuxcall), DENY(SYS_security), DENY(SYS_vserver),
#endif
	DENY(SYS_acct), DENY(SYS_add_key), DENY(SYS_bpf), DENY(SYS_clock_settime), DENY(SYS_delete_module), DENY(SYS_fanotify_init),
	DENY(SYS_finit_module), DENY(SYS_get_mempolicy), DENY(SYS_init_module), DENY(SYS_kcmp), DENY(SYS_kexec_load), DENY(SYS_keyctl),
	DENY(SYS_lookup_dcookie), DENY(SYS_mbind), DENY(SYS_migrate_pages), DENY(SYS_mount), DENY(SYS_move_pages), DENY(SYS_open_by_handle_at),
	DENY(SYS_perf_event_open), DENY(SYS_pivot_root), DENY(SYS_quotactl), DENY(SYS_reboot), DENY(SYS_request_key),
	DENY(SYS_set_mempolicy), DENY(SYS_setdomainname), DENY(SYS_sethostname), DENY(SYS_setns), DENY(SYS_settimeofday), DENY(SYS_swapoff),
	DENY(SYS_swapon), DENY(SYS_syslog), DENY(SYS_umount2), DENY(SYS_unshare), DENY(SYS_userfaultfd), DENY(SYS_vhangup),
#ifdef SYS_kexec_file_load
	DENY(SYS_kexec_file_load),
#endif
	CLONE_RULE(SYS_clone),
	PERSONALITY_RULE(SYS_personality),
	SOCKET_RULE(SYS_socket),
	SOCKET_RULE(SYS_socketpair),
	COMMON_RULES,
};

/* 32-bit programs of the same machine: i386's own numbers. Where a kernel also runs 32-bit arm, those programs get ENOSYS. */
#ifdef __x86_64__
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
static const struct sock_filter compat_rules[] = {
	LOAD(nr),
	SOCKETCALL_RULE(102),
	DENY(21), DENY(22), DENY(52), /* mount, umount, umount2 */
	DENY(25), DENY(79), DENY(264), DENY(404), /* stime, settimeofday, clock_settime, clock_settime64 */
	DENY(51), DENY(86), DENY(62), DENY(135), DENY(149), /* acct, uselib, ustat, sysfs, _sysctl */
	DENY(74), DENY(121), /* sethostname, setdomainname */
	DENY(87), DENY(115), DENY(88), DENY(283), /* swapon, swapoff, reboot, kexec_load */
	DENY(101), DENY(110), DENY(111), DENY(113), DENY(166), /* ioperm, iopl, vhangup, vm86old, vm86 */
	DENY(103), /* syslog */
	DENY(127), DENY(128), DENY(129), DENY(130), DENY(167), DENY(350), /* create_, init_, delete_module, get_kernel_syms, query_, finit_module */
	DENY(131), DENY(169), /* quotactl, nfsservctl */
	DENY(188), DENY(189), DENY(273), /* getpmsg, putpmsg, vserver */
	DENY(217), DENY(310), DENY(346), /* pivot_root, unshare, setns */
	DENY(253), DENY(342), DENY(336), DENY(338), DENY(357), /* lookup_dcookie, open_by_handle_at, perf_event_open, fanotify_init, bpf */
	DENY(274), DENY(275), DENY(276), DENY(294), DENY(317), /* mbind, get_mempolicy, set_mempolicy, migrate_pages, move_pages */
	DENY(286), DENY(287), DENY(288), /* add_key, request_key, keyctl */
	DENY(349), DENY(374), /* kcmp, userfaultfd */
	CLONE_RULE(120),
	PERSONALITY_RULE(136),
	SOCKET_RULE(359),
	SOCKET_RULE(360),
	COMMON_RULES,
};
#define COMPAT_RULES LENGTH(compat_rules)
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#define COMPAT_RULES 0
#else
#error "no system call filter is written for this architecture"
#endif

#define HEADER_RULES 6

static struct sock_filter filter[HEADER_RULES + LENGTH(native_rules) + COMPAT_RULES];

void seccomp_prepare(bool socketcall)
{
	const struct sock_filter header[HEADER_RULES] = {
		LOAD(arch),
		EQUALS(NATIVE_ARCHITECTURE, 3, 0),
#ifdef __x86_64__
		EQUALS(AUDIT_ARCH_I386, 0, 1),
		BPF_STMT(BPF_JMP | BPF_JA, HEADER_RULES - 4 + LENGTH(native_rules)),
#else
		FAIL(ENOSYS),
		FAIL(ENOSYS),
#endif
		FAIL(ENOSYS),
		BPF_STMT(BPF_JMP | BPF_JA, 0),
	};

	memcpy(filter, header, sizeof(header));
	memcpy(filter + HEADER_RULES, native_rules, sizeof(native_rules));
#ifdef __x86_64__
	memcpy(filter + HEADER_RULES + LENGTH(native_rules), compat_rules, sizeof(compat_rules));
	if (socketcall)
		filter[HEADER_RULES + LENGTH(native_rules) + SOCKETCALL_ANSWER] = (struct sock_filter)ALLOW;
#else
	(void)socketcall;
#endif
}

int seccomp_main(int argc, char **argv)
{
	seccomp_prepare(argc > 1 && strcmp(argv[1], "socketcall") == 0);
	return write(STDOUT_FILENO, filter, sizeof(filter)) == sizeof(filter) ? 0 : 1;
}

int seccomp_install(void)
{
	static bool installed;
	struct sock_fprog program = { .len = LENGTH(filter), .filter = filter };

	if (!installed && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return -1;
	installed = true;
	return 0;
}
