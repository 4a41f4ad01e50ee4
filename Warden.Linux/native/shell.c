/*
 * What init starts: jobs, which are a bash that reads its script from standard input, and shells, which are a bash at a terminal.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "protocol.h"

#define BASH "/bin/bash"
#define PRIVILEGED_PATH "/sbin:/bin:/usr/sbin:/usr/bin"
#define UNPRIVILEGED_PATH "/bin:/usr/bin"

/* The strings of an environment, and room for them. */
struct environment {
	char home[PATH_MAX + sizeof("HOME=")];
	char user[32];
	char path[sizeof("PATH=" PRIVILEGED_PATH)];
	char extra[INIT_TEXT_MAX + sizeof("LANG=")];
	char *strings[5];
};

static void find_account(const struct init *init, bool privileged, struct account *account)
{
	account->name = privileged ? "root" : "vcap";
	account->uid = account->gid = privileged ? 0 : init->uid;
	strcpy(account->home, privileged ? "/root" : "/home/vcap");
	account_look_up(account);
}

static void fill_environment(struct environment *environment, const struct account *account, const char *name, const char *value)
{
	snprintf(environment->home, sizeof(environment->home), "HOME=%s", account->home);
	snprintf(environment->user, sizeof(environment->user), "USER=%s", account->name);
	snprintf(environment->path, sizeof(environment->path), "PATH=%s", account->uid == 0 ? PRIVILEGED_PATH : UNPRIVILEGED_PATH);
	snprintf(environment->extra, sizeof(environment->extra), "%s=%s", name, value);
	environment->strings[0] = environment->home;
	environment->strings[1] = environment->user;
	environment->strings[2] = environment->path;
	environment->strings[3] = environment->extra;
	environment->strings[4] = NULL;
}

static void start(struct init *init, const struct init_command *command, const struct program *program, int master)
{
	struct child child = { .serial = command->serial, .job = command->job, .shell = command->kind == INIT_START_SHELL, .master = master };
	struct init_failure failure;

	child.pid = program_start(program, &child.report, &failure);
	if (child.pid >= 0) {
		children_add(init, &child);
		return;
	}
	init_answer(init, command, &failure);
	if (master >= 0)
		close(master);
}

static void refuse(struct init *init, const struct init_command *command, const char *step, const char *text)
{
	struct init_failure failure = { 0 };

	init_failure_set(&failure, errno, step, "", text);
	init_answer(init, command, &failure);
}

void init_start_job(struct init *init, const struct init_command *command, const char *language, const int *files)
{
	static char *const arguments[] = { BASH, NULL };
	struct account account;
	struct environment environment;
	bool privileged = (command->flags & JOB_PRIVILEGED) != 0;

	if (!children_reserve(init)) {
		refuse(init, command, "fork", "keep track of a job");
		return;
	}
	find_account(init, privileged, &account);
	fill_environment(&environment, &account, "LANG", language);
	start(init, command, &(struct program){
		.account = &account, .path = BASH, .arguments = arguments, .environment = environment.strings, .limits = command->limits,
		.files = { files[0], files[1], files[2] }, .privileged = privileged, .nested = init->nested, .no_new_privs = init->no_new_privs,
	}, -1);
}

/* A terminal of the container's own /dev/pts, so that programs in it find its name. Returns the master; -1 with errno. */
static int open_terminal(const struct init_command *command, uid_t owner, int *slave)
{
	struct winsize size = { .ws_row = command->rows, .ws_col = command->columns };
	int unlocked = 0;
	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (master < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0 || (*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
		close(master);
		return -1;
	}
	ioctl(master, TIOCSWINSZ, &size);
	if (fchown(*slave, owner, 5) < 0) { /* the group tty, which the mount of devpts names */
		close(*slave);
		close(master);
		return -1;
	}
	return master;
}

void init_start_shell(struct init *init, const struct init_command *command, const char *term)
{
	static char *const arguments[] = { "-bash", NULL };
	static char *const fallback[] = { "-sh", NULL };
	struct account account;
	struct environment environment;
	bool privileged = (command->flags & JOB_PRIVILEGED) != 0;
	int slave = -1;

	if (!children_reserve(init)) {
		refuse(init, command, "fork", "keep track of a shell");
		return;
	}
	find_account(init, privileged, &account);
	fill_environment(&environment, &account, "TERM", term);

	int master = open_terminal(command, account.uid, &slave);
	if (master < 0) {
		refuse(init, command, "terminal", "open a terminal");
		return;
	}
	start(init, command, &(struct program){
		.account = &account, .path = BASH, .arguments = arguments, .fallback = "/bin/sh", .fallback_arguments = fallback,
		.environment = environment.strings, .files = { slave, slave, slave }, .terminal = true,
		.privileged = privileged, .nested = init->nested, .no_new_privs = init->no_new_privs,
	}, master);
	close(slave);
}
