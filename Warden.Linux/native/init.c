/*
 * PID 1 of a container: reaps, starts jobs and shells when the monitor says so, and ends with it. The container's processes cannot
 * signal it (pid_namespaces(7)) nor look into it, and it waits for nothing that they control.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capabilities.h"
#include "internal.h"
#include "protocol.h"
#include "seccomp.h"

#define DESCRIPTORS_MAX 3

/* Blocks when the monitor is slow; where the monitor has gone, so has the container. */
void init_report(struct init *init, const struct init_report *report, int descriptor)
{
	struct iovec part = { (void *)report, sizeof(*report) };
	union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
	}
	while (sendmsg(init->channel, &message, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			_exit(1);
	}
}

void init_answer(struct init *init, const struct init_command *command, const struct init_failure *failure)
{
	struct init_report report = { .serial = command->serial, .kind = INIT_DONE, .job = command->job };

	if (failure != NULL) {
		report.kind = INIT_FAILED;
		report.failure = *failure;
	}
	init_report(init, &report, -1);
}

static void kill_job(struct init *init, const struct init_command *command)
{
	struct job_processes processes = { command->session, { command->pipes[0], command->pipes[1] } };

	/* The number of a bash that has ended belongs to its session as long as that has a member, and then to anybody. */
	if (children_has_other(init, command->session, command->job))
		processes.session = 0;
	job_processes_kill(&processes, init->proc);
	init_answer(init, command, NULL);
}

static void carry_out(struct init *init, const struct init_command *command, const char *text, const int *descriptors)
{
	switch (command->kind) {
	case INIT_START_JOB:
		init_start_job(init, command, text, descriptors);
		break;
	case INIT_START_SHELL:
		init_start_shell(init, command, text);
		break;
	case INIT_KILL_JOB:
		kill_job(init, command);
		break;
	case INIT_SIGNAL_ALL:
		kill(-1, command->signal); /* ESRCH: init is alone */
		init_answer(init, command, NULL);
		break;
	case INIT_WAIT_IDLE:
		init->idle_wanted = true;
		init->idle_serial = command->serial;
		children_reap(init);
		break;
	default:
		_exit(1);
	}
}

static void receive(struct init *init)
{
	static struct { struct init_command command; char text[INIT_TEXT_MAX + 1]; } packet;
	union { struct cmsghdr header; char space[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))]; } control;
	struct iovec part = { &packet, sizeof(packet) - 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int descriptors[DESCRIPTORS_MAX] = { -1, -1, -1 };

	ssize_t length = recvmsg(init->channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (length < (ssize_t)sizeof(packet.command))
		_exit(0); /* the monitor is gone */

	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(descriptors, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));

	packet.text[length - (ssize_t)sizeof(packet.command)] = '\0';
	carry_out(init, &packet.command, packet.text, descriptors);
	for (int i = 0; i < DESCRIPTORS_MAX; i++) {
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	}
}

/* Descriptors 0 to 2 are never anything else's: a job's files are put there one after the other. */
static void fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/*
 * Where nothing may gain privileges, the root says so too: a program with file capabilities (ping, for one) then runs without them,
 * which the kernel otherwise refuses to a job whose bounding set is empty.
 */
static void forbid_privileged_files(void)
{
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_RELATIME, NULL) < 0)
		return; /* what no_new_privs forbids stays forbidden */
}

/*
 * What holds for every process of the container is put on init, once, and inherited: the kernel takes longer to translate the filter than to
 * execute a program. Init itself needs nothing that the filter refuses, nor capabilities of a program that it will never execute. Where a
 * part is refused, each job tries it again, and its start says why it failed.
 */
static void confine(void)
{
	/* Jobs cannot reach a keyring, with the filter; the one that they share is not the server's. */
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (capabilities_bound(capabilities_privileged) == 0)
		seccomp_install();
}

static int await(const struct init *init, int fd)
{
	return epoll_ctl(init->events, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN, .data.fd = fd });
}

int init_run(struct init_setup *setup)
{
	static struct init init;
	sigset_t children;

	init = (struct init){ .channel = setup->socket, .uid = setup->uid, .no_new_privs = setup->no_new_privs, .nested = setup->nested };
	prctl(PR_SET_NAME, "warden-init");
	prctl(PR_SET_DUMPABLE, 0); /* nobody in the container looks into it */
	fill_standard_files();
	seccomp_prepare(setup->i386_sockets);
	if (init.no_new_privs && !init.nested)
		forbid_privileged_files();
	if (!init.nested)
		confine();

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL); /* the kernel drops what is not blocked */
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_SETMASK, &children, NULL);

	int ends = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	init.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	init.events = epoll_create1(EPOLL_CLOEXEC);
	if (ends < 0 || init.proc < 0 || init.events < 0 || await(&init, init.channel) < 0 || await(&init, ends) < 0)
		return 1;

	for (;;) {
		struct epoll_event event;

		if (epoll_wait(init.events, &event, 1, -1) <= 0)
			continue;
		if (event.data.fd == init.channel) {
			receive(&init);
		} else if (event.data.fd == ends) {
			struct signalfd_siginfo information;

			while (read(ends, &information, sizeof(information)) > 0)
				;
			children_reap(&init);
		} else {
			children_settle(&init, event.data.fd);
		}
	}
}
