#include "hooks.h"
#include "cleanup.h"
#include "kernel.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { HOOK_SECONDS = 60, KEPT_OUTPUT = 4096 };

/* The end of what a hook printed. */
struct tail {
	char text[KEPT_OUTPUT + 1];
	size_t length;
	bool cut;
};

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int enter_namespaces(const struct hook *hook)
{
	static const struct { int flag; const char *name; } kinds[] = {
		{ CLONE_NEWNET, "net" }, { CLONE_NEWUTS, "uts" }, { CLONE_NEWIPC, "ipc" }, { CLONE_NEWNS, "mnt" },
	};
	int opened[sizeof kinds / sizeof *kinds];
	char path[64];

	/* All are opened before one is entered: with the mounts, /proc may become another one. */
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		snprintf(path, sizeof path, "/proc/%d/ns/%s", hook->pid, kinds[i].name);
		opened[i] = hook->namespaces & kinds[i].flag ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (hook->namespaces & kinds[i].flag && setns(opened[i], kinds[i].flag) < 0)
			return -1;
	return 0;
}

/* In the forked process: what goes wrong here is told by an errno on `report`, which a successful exec closes. */
static void exec_hook(const struct hook *hook, const char *path, int output, int report)
{
	char id[64], directory[4096 + 16], rootfs[4096 + 16], pid[32];
	char *arguments[] = { (char *)path, NULL };
	char *environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", id, directory, rootfs,
				hook->pid ? pid : NULL, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int code;

	snprintf(id, sizeof id, "WARDEN_ID=%s", hook->config->id);
	snprintf(directory, sizeof directory, "WARDEN_PATH=%s", hook->config->path);
	snprintf(rootfs, sizeof rootfs, "WARDEN_ROOTFS=%s", hook->rootfs);
	snprintf(pid, sizeof pid, "WARDEN_PID=%d", hook->pid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	umask(0022);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0 && enter_namespaces(hook) == 0 && chdir("/") == 0)
		execve(path, arguments, environment);
	code = errno;
	if (write(report, &code, sizeof code) < 0)
		_exit(126);
	_exit(127);
}

static void keep(struct tail *tail, const char *text, size_t length)
{
	if (tail->length + length > KEPT_OUTPUT) {
		size_t drop = tail->length + length - KEPT_OUTPUT;

		tail->cut = true;
		memmove(tail->text, tail->text + drop, tail->length - drop);
		tail->length -= drop;
	}
	memcpy(tail->text + tail->length, text, length);
	tail->length += length;
}

/* Reads what is there; false when nothing will come any more. */
static bool drain(int output, struct tail *tail)
{
	char buffer[1024];
	ssize_t count;

	while ((count = read(output, buffer, sizeof buffer)) > 0)
		keep(tail, buffer, (size_t)count);
	return count < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Whole lines, where there is one. */
static const char *text_of(struct tail *tail)
{
	char *text = tail->text;
	const char *newline;

	while (tail->length > 0 && strchr(" \t\r\n", text[tail->length - 1]))
		tail->length--;
	for (size_t i = 0; i < tail->length; i++)
		if (!text[i])
			text[i] = ' ';
	text[tail->length] = 0;
	newline = tail->cut ? strchr(text, '\n') : NULL;
	return newline ? newline + 1 : text;
}

/* Waits for the hook's end, not for its output's: what it leaves running in the background may hold that. 0, or -1 when it had to be killed. */
static int wait_for_end(const struct hook *hook, const char *path, int pidfd, int output, struct tail *tail, struct failure *why)
{
	const int64_t deadline = milliseconds() + HOOK_SECONDS * 1000;
	struct pollfd watched[] = { { pidfd, POLLIN, 0 }, { output, POLLIN, 0 },
				    { hook->connection, POLLRDHUP, 0 }, { hook->pidfd, POLLIN, 0 } };

	for (;;) {
		int64_t left = deadline - milliseconds();

		if (left <= 0)
			return fail(why, ETIMEDOUT, path, "wait longer than a minute for the operator's hook");
		if (poll(watched, 4, (int)left) < 0 && errno != EINTR)
			return fail_errno(why, path, "watch the operator's hook");
		if (watched[2].revents)
			return fail(why, ECONNRESET, path, "reach the server while the operator's hook runs");
		if (watched[3].revents)
			return fail(why, 0, path, "the container's first process ended while the operator's hook ran");
		if (watched[1].revents && !drain(output, tail))
			watched[1].fd = -1;
		if (watched[0].revents)
			return 0;
	}
}

static int judge(const char *path, int status, struct tail *tail, struct failure *why)
{
	const char *text;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	text = text_of(tail);
	if (*text)
		return fail(why, 0, path, "%s", text);
	if (WIFSIGNALED(status))
		return fail(why, 0, path, "the operator's hook was killed by signal %d", WTERMSIG(status));
	return fail(why, 0, path, "the operator's hook ended with status %d", WEXITSTATUS(status));
}

static int run(const struct hook *hook, const char *path, struct failure *why)
{
	cleanup_close int output = -1, output_end = -1, report = -1, report_end = -1, pidfd = -1;
	int ends[2], pid, status = 0, code, result;
	struct tail tail = { .length = 0 };

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(why, path, "make a pipe for the operator's hook");
	output = ends[0], output_end = ends[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(why, path, "make a pipe for the operator's hook");
	report = ends[0], report_end = ends[1];
	pid = (int)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
	if (pid == 0)
		exec_hook(hook, path, output_end, report_end);
	if (pid < 0)
		return fail_errno(why, path, "fork for the operator's hook");
	close(take_fd(&output_end));
	close(take_fd(&report_end));
	if (read_all(report, &code, sizeof code) > 0)
		result = fail(why, code, path, "run the operator's hook");
	else if (fcntl(output, F_SETFL, O_NONBLOCK) < 0)
		result = fail_errno(why, path, "read from the operator's hook");
	else
		result = wait_for_end(hook, path, pidfd, output, &tail, why);
	if (result < 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result < 0)
		return -1;
	drain(output, &tail);
	return judge(path, status, &tail, why);
}

int hook_run(const struct hook *hook, struct failure *why)
{
	char path[4096];

	if (!hook->config->hooks)
		return 0;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", hook->config->hooks, hook->step) >= sizeof path)
		return fail(why, ENAMETOOLONG, hook->config->hooks, "run an operator's hook with so long a path");
	if (faccessat(AT_FDCWD, path, F_OK, 0) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail_errno(why, path, "look for the operator's hook");
	return run(hook, path, why);
}
