/*
 * The processes that init started and has to account for: first whether they run, then how they ended.
 */
#include "init.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

/* Finds room before a process is started, so that none is ever lost track of. */
bool children_reserve(struct init *init)
{
	if (init->count < init->room)
		return true;

	size_t room = init->room == 0 ? 16 : init->room * 2;
	struct child *children = reallocarray(init->children, room, sizeof(*children));
	if (children == NULL)
		return false;
	init->children = children;
	init->room = room;
	return true;
}

/* Says whether it runs, which its report has told. */
static void settle(struct init *init, struct child *child)
{
	struct init_report report = { .serial = child->serial, .kind = INIT_DONE, .job = child->job, .pid = child->pid };

	child->failed = read(child->report, &report.failure, sizeof(report.failure)) == sizeof(report.failure);
	epoll_ctl(init->events, EPOLL_CTL_DEL, child->report, NULL); /* a child that has not executed yet may hold it open too */
	close(child->report);
	child->report = -1;
	if (child->failed)
		report.kind = INIT_FAILED;
	init_report(init, &report, child->failed ? -1 : child->master);
	if (child->master >= 0)
		close(child->master);
	child->master = -1;
}

void children_add(struct init *init, const struct child *child)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = child->report };

	init->children[init->count] = *child;
	/* Without the memory for it, init waits for this one. */
	if (epoll_ctl(init->events, EPOLL_CTL_ADD, child->report, &event) < 0)
		settle(init, &init->children[init->count]);
	init->count++;
}

/* Whether this pid is a child's that has nothing to do with the job. */
bool children_has_other(const struct init *init, pid_t pid, uint32_t job)
{
	for (size_t i = 0; i < init->count; i++) {
		if (init->children[i].pid == pid)
			return init->children[i].shell || init->children[i].job != job;
	}
	return false;
}

void children_settle(struct init *init, int report)
{
	for (size_t i = 0; i < init->count; i++) {
		if (init->children[i].report == report) {
			settle(init, &init->children[i]);
			return;
		}
	}
}

static void account_for(struct init *init, pid_t pid, int status)
{
	for (size_t i = 0; i < init->count; i++) {
		struct child child = init->children[i];

		if (child.pid != pid)
			continue;
		if (child.report >= 0)
			settle(init, &child);
		init->children[i] = init->children[--init->count];

		struct init_report report = {
			.serial = child.serial, .kind = child.shell ? INIT_SHELL_ENDED : INIT_JOB_ENDED, .job = child.job, .pid = pid, .status = status,
		};
		if (!child.failed)
			init_report(init, &report, -1);
		return;
	}
}

/* Everything that has ended; orphans of the container among it. */
void children_reap(struct init *init)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		account_for(init, pid, status);

	if (pid < 0 && errno == ECHILD && init->idle_wanted) {
		struct init_report report = { .serial = init->idle_serial, .kind = INIT_DONE };

		init->idle_wanted = false;
		init_report(init, &report, -1);
	}
}
