/*
 * From init to a job's program. Init does not wait for the child: once it is vcap's, other processes of the container may stop it. What
 * fails before the program runs comes back through a pipe that its execution closes.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capabilities.h"
#include "seccomp.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define CLOSE_RANGE_MARK 4 /* CLOSE_RANGE_CLOEXEC */
#define LIMIT_COUNT 15

static const struct { int resource; const char *name; } limits[LIMIT_COUNT] = {
	{ RLIMIT_AS, "as" }, { RLIMIT_CORE, "core" }, { RLIMIT_CPU, "cpu" }, { RLIMIT_DATA, "data" }, { RLIMIT_FSIZE, "fsize" },
	{ RLIMIT_LOCKS, "locks" }, { RLIMIT_MEMLOCK, "memlock" }, { RLIMIT_MSGQUEUE, "msgqueue" }, { RLIMIT_NICE, "nice" },
	{ RLIMIT_NOFILE, "nofile" }, { RLIMIT_NPROC, "nproc" }, { RLIMIT_RSS, "rss" }, { RLIMIT_RTPRIO, "rtprio" },
	{ RLIMIT_SIGPENDING, "sigpending" }, { RLIMIT_STACK, "stack" },
};

struct launch {
	const struct program *program;
	struct init_failure *failure;
};

void init_failure_set(struct init_failure *failure, int code, const char *step, const char *path, const char *text)
{
	failure->code = code;
	strncpy(failure->step, step, sizeof(failure->step) - 1);
	strncpy(failure->path, path, sizeof(failure->path) - 1);
	strncpy(failure->text, text, sizeof(failure->text) - 1);
}

static bool fail(struct launch *launch, const char *step, const char *path, const char *text)
{
	init_failure_set(launch->failure, errno, step, path, text);
	return false;
}

static bool set_files(struct launch *launch)
{
	const struct program *program = launch->program;

	for (int i = 0; i < 3; i++) {
		if (dup2(program->files[i], i) < 0)
			return fail(launch, "files", "", "set the standard files");
	}
	if (program->terminal && ioctl(0, TIOCSCTTY, 0) < 0)
		return fail(launch, "terminal", "", "take the controlling terminal");

	/* Everything of init's is close-on-exec already; this is for what may ever be forgotten. Kernels before 5.11 do not have it. */
	syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_MARK);
	return true;
}

static bool set_limits(struct launch *launch)
{
	const uint64_t *values = launch->program->limits;

	for (int i = 0; values != NULL && i < LIMIT_COUNT; i++) {
		struct rlimit limit = { values[i], values[i] };

		if (prlimit(0, limits[i].resource, &limit, NULL) < 0)
			return fail(launch, "setrlimit", limits[i].name, "set the limit");
	}
	return true;
}

/*
 * The filter comes last where no_new_privs permits it, and while CAP_SYS_ADMIN still does where not. Without no_new_privs the bounding
 * set stays that of a privileged job: programs such as sudo get that much back.
 */
static bool set_rights(struct launch *launch)
{
	const struct program *program = launch->program;
	const struct account *account = program->account;
	bool locked = program->no_new_privs && !program->privileged;
	bool unconfined = program->nested && program->privileged;
	uint64_t keep = unconfined ? CAPABILITIES_ALL : program->privileged ? capabilities_privileged : 0;
	uint64_t bound = locked || unconfined ? keep : capabilities_privileged;

	if (capabilities_bound(bound) < 0)
		return fail(launch, "capabilities", "", "drop capabilities");
	if (!locked && !unconfined && seccomp_install() < 0)
		return fail(launch, "seccomp", "", "install the system call filter");
	if (syscall(SYS_setgroups, account->group_count, account->groups) < 0)
		return fail(launch, "setgroups", account->name, "set the groups of");
	if (syscall(SYS_setresgid, account->gid, account->gid, account->gid) < 0)
		return fail(launch, "setgid", account->name, "become the group of");
	if (syscall(SYS_setresuid, account->uid, account->uid, account->uid) < 0)
		return fail(launch, "setuid", account->name, "become");
	if (capabilities_set(keep) < 0)
		return fail(launch, "capabilities", "", "drop capabilities");
	if (locked && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(launch, "no_new_privs", "", "set no_new_privs");
	if (locked && seccomp_install() < 0)
		return fail(launch, "seccomp", "", "install the system call filter");
	return true;
}

static bool execute(struct launch *launch)
{
	const struct program *program = launch->program;

	execve(program->path, program->arguments, program->environment);
	if (errno == ENOENT && program->fallback != NULL)
		execve(program->fallback, program->fallback_arguments, program->environment);
	return fail(launch, "exec", program->path, "execute");
}

/* Returns when something failed. */
static void child(struct launch *launch)
{
	sigset_t none;

	setsid();
	umask(022);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	/* Of no importance where the kernel has no keyrings, no room for one more, or a filter that the child has inherited. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);

	if (set_files(launch) && set_limits(launch) && set_rights(launch)) {
		/* As the user: a home that the user may not enter is none. */
		if (chdir(launch->program->account->home) == 0 || chdir("/") == 0)
			execute(launch);
		else
			fail(launch, "chdir", "/", "change to the directory");
	}
}

pid_t program_start(const struct program *program, int *report, struct init_failure *failure)
{
	int ends[2];

	memset(failure, 0, sizeof(*failure));
	if (pipe2(ends, O_CLOEXEC) < 0) {
		init_failure_set(failure, errno, "fork", "", "start a process");
		return -1;
	}

	pid_t pid = fork();
	if (pid == 0) {
		struct launch launch = { program, failure };

		child(&launch);
		while (write(ends[1], failure, sizeof(*failure)) < 0 && errno == EINTR)
			;
		_exit(127);
	}
	if (pid < 0) {
		init_failure_set(failure, errno, "fork", "", "start a process");
		close(ends[0]);
	}
	close(ends[1]);
	*report = ends[0];
	return pid;
}
