#include "child.h"
#include "binds.h"
#include "cleanup.h"
#include "devices.h"
#include "kernel.h"
#include "mounts.h"
#include "network.h"
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define SHELL "/bin/bash"

enum { SYNC_FD = 3, INIT_FD = 4 };

/* Nothing of the parent's stays open: neither the server's connection nor the console's master. */
static int keep_own_descriptors(const struct child_setup *setup, struct failure *why)
{
	int sync = fcntl(setup->sync, F_DUPFD_CLOEXEC, 10), init = fcntl(setup->init_socket, F_DUPFD_CLOEXEC, 10);

	if (sync < 0 || init < 0 || dup3(sync, SYNC_FD, O_CLOEXEC) < 0 || dup3(init, INIT_FD, O_CLOEXEC) < 0)
		return fail_errno(why, NULL, "keep the container's own descriptors");
	if (kernel_close_range(INIT_FD + 1, ~0u) < 0)
		return fail_errno(why, NULL, "close the descriptors that are not the container's");
	return 0;
}

/*
 * A process that has one thread and moves itself, as "0", needs no lock that all of the system's forks and exits share; the server would wait
 * for that one for milliseconds (an RCU grace period) at every container.
 */
static int join_cgroups(const struct config *config, struct failure *why)
{
	failure_step(why, STEP_PARENT_AFTER_CLONE);
	for (size_t i = 0; i < config->cgroup_count; i++) {
		cleanup_close int tasks = open(config->cgroup_tasks[i], O_WRONLY | O_CLOEXEC);

		if (tasks < 0 || write(tasks, "0", 1) < 0)
			return fail_errno(why, config->cgroup_tasks[i], "enter the control group");
	}
	if (message_send(SYNC_FD, SYNC_JOINED, 0, NULL, 0) < 0)
		return fail_errno(why, NULL, "tell the monitor of the control groups");
	return 0;
}

static int use_null(struct failure *why)
{
	cleanup_close int null = mounts_open_null(O_RDWR, why);

	if (null < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return fail_errno(why, "/dev/null", "have a standard descriptor");
	return 0;
}

/* Blocks until the parent says `type`; its end ends this process as well. */
static int await(uint32_t type, struct failure *why)
{
	struct message_header header;
	cleanup_free void *body = NULL;

	if (message_receive(SYNC_FD, &header, &body, 0) != 1 || header.type != type)
		return fail(why, EPROTO, NULL, "understand the monitor");
	return 0;
}

static int finish_step(const char *step, struct failure *why)
{
	if (message_send(SYNC_FD, SYNC_STEP, 0, step, strlen(step)) < 0)
		return fail_errno(why, NULL, "tell the monitor of the step's end");
	return await(SYNC_STEP_DONE, why);
}

static int before_pivot(const struct child_setup *setup, int *root, struct failure *why)
{
	/* The child is in its cgroups now: they become the root of what it sees. */
	if (unshare(CLONE_NEWCGROUP) < 0)
		return fail_errno(why, NULL, "make a cgroup namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail_errno(why, "/", "make the mounts private that lie");
	*root = open(setup->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*root < 0)
		return fail_errno(why, setup->rootfs, "open the container's root");
	if (devices_mount(*root, why) < 0 || console_bind(*root, setup->console, why) < 0)
		return -1;
	return binds_mount(*root, setup->config, why);
}

/* pivot_root(2), "pivot_root(".", ".")": the old root lies over the new one for a moment, and needs no directory in it. */
static int pivot(int *root, struct failure *why)
{
	if (fchdir(*root) < 0)
		return fail_errno(why, NULL, "enter the container's root");
	if (kernel_pivot_root(".", ".") < 0)
		return fail_errno(why, NULL, "pivot into the container's root");
	if (umount2(".", MNT_DETACH) < 0)
		return fail_errno(why, NULL, "detach the host's root");
	close(take_fd(root));
	return chdir("/") < 0 ? fail_errno(why, "/", "work in the container") : 0;
}

static int after_pivot(const struct config *config, struct failure *why)
{
	if (mounts_make(config, why) < 0)
		return -1;
	if (sethostname(config->id, strlen(config->id)) < 0)
		return fail_errno(why, config->id, "set the host name");
	/* /proc/sys is written to while it can be. */
	if (network_configure(config, why) < 0)
		return -1;
	if ((config->nested ? cgroups_mount(why) : mounts_mask(why)) < 0)
		return -1;
	return use_null(why);
}

static int prepare(const struct child_setup *setup, struct failure *why)
{
	cleanup_close int root = -1;

	failure_step(why, STEP_CHILD_BEFORE_PIVOT);
	if (await(SYNC_GO, why) < 0 || before_pivot(setup, &root, why) < 0 || finish_step(STEP_CHILD_BEFORE_PIVOT, why) < 0)
		return -1;
	failure_step(why, STEP_CHILD_AFTER_PIVOT);
	if (pivot(&root, why) < 0 || after_pivot(setup->config, why) < 0)
		return -1;
	/* Bind mounts, or the operator's hook before the pivot, may have brought it. */
	if (access(SHELL, X_OK) < 0)
		return fail(why, 0, NULL, "rootfs %s has no " SHELL " to run jobs with: %s", setup->config->lower, strerror(errno));
	return finish_step(STEP_CHILD_AFTER_PIVOT, why);
}

int child_main(const struct child_setup *setup)
{
	static struct failure why;
	struct init_setup init = {
		.socket = INIT_FD,
		.uid = setup->config->uid,
		.no_new_privs = setup->config->no_new_privs,
		.nested = setup->config->nested,
		.i386_sockets = setup->config->i386_sockets,
	};

	/* The end of the parent ends the container. Where it ended before this call, the first message that is awaited is the end of the stream. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "warden-init");
	failure_step(&why, STEP_CHILD_BEFORE_PIVOT);
	if (keep_own_descriptors(setup, &why) < 0 || join_cgroups(setup->config, &why) < 0 || prepare(setup, &why) < 0) {
		failure_send(SYNC_FD, 0, &why);
		return 1;
	}
	close(SYNC_FD);
	return init_run(&init);
}
