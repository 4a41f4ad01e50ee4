/* Kernel calls and constants that a C library may lack (open_tree(2), fsopen(2), mount_setattr(2), openat2(2), close_range(2)). */
#pragma once
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls since Linux 5.1 have one number on every architecture that .NET runs on. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

enum {
	TREE_CLONE = 1,               /* open_tree: a copy that is mounted nowhere yet */
	TREE_CLOEXEC = O_CLOEXEC,
	MOVE_EMPTY_PATHS = 0x4 | 0x40, /* move_mount: both ends are the descriptors themselves */
	CONFIG_SET_FLAG = 0,          /* fsconfig's commands */
	CONFIG_SET_STRING = 1,
	CONFIG_CREATE = 6,
	ATTRIBUTE_READ_ONLY = 0x1,    /* fsmount's and mount_setattr's attributes */
	ATTRIBUTE_NOSUID = 0x2,
	ATTRIBUTE_NODEV = 0x4,
	ATTRIBUTE_NOEXEC = 0x8,
	ATTRIBUTE_IDMAP = 0x100000,
	BENEATH_NO_MAGIC_LINKS = 0x02, /* openat2's resolve */
	BENEATH_NO_LINKS = 0x04,
	BENEATH_IN_ROOT = 0x10,
};

struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

struct mount_attributes {
	uint64_t set, clear, propagation, user_namespace;
};

struct how_to_open {
	uint64_t flags, mode, resolve;
};

static inline int kernel_open_tree(int directory, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, directory, path, flags);
}

static inline int kernel_move_mount(int from, int to)
{
	return (int)syscall(SYS_move_mount, from, "", to, "", MOVE_EMPTY_PATHS);
}

static inline int kernel_fsopen(const char *type)
{
	return (int)syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
}

static inline int kernel_fsconfig(int context, unsigned command, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, context, command, key, value, 0);
}

static inline int kernel_fsmount(int context, unsigned attributes)
{
	return (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, attributes);
}

static inline int kernel_mount_setattr(int mount, unsigned flags, const struct mount_attributes *attributes)
{
	return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | flags, attributes, sizeof *attributes);
}

static inline int kernel_openat2(int directory, const char *path, const struct how_to_open *how)
{
	return (int)syscall(SYS_openat2, directory, path, how, sizeof *how);
}

static inline int kernel_close_range(unsigned first, unsigned last)
{
	return (int)syscall(SYS_close_range, first, last, 0);
}

static inline int kernel_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}
