/*
 * A container's monitor: outside of the container, and longer-lived than the server. It keeps what jobs print and how they ended, the
 * console, and whether memory ran out, and passes on what servers want of init. One thread, one loop; it waits for nobody but the kernel.
 */
#include "cleanup.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWNER(source, member) ((struct monitor *)((char *)(source) - offsetof(struct monitor, member)))
#define FAREWELL_SECONDS 2 /* how long a server may take to read the last answers */

static int watch(struct monitor *monitor, struct source *source, int fd, void (*ready)(struct source *, uint32_t))
{
	*source = (struct source){ .fd = fd, .ready = ready };
	return fd < 0 ? -1 : loop_watch(&monitor->loop, source, EPOLLIN);
}

static void arm(struct monitor *monitor, time_t seconds)
{
	struct itimerspec time = { .it_value.tv_sec = seconds };

	timerfd_settime(monitor->timer.fd, 0, &time, NULL);
	monitor->timer_armed = true;
}

void monitor_retry_later(struct monitor *monitor)
{
	if (!monitor->timer_armed)
		arm(monitor, 1);
}

static void timer_ready(struct source *source, uint32_t events)
{
	struct monitor *monitor = OWNER(source, timer);
	uint64_t count;

	(void)events;
	if (read(source->fd, &count, sizeof(count)) < 0)
		return;
	monitor->timer_armed = false;
	if (monitor->terminating && !monitor->init_alive) {
		while (monitor->connections != NULL)
			connection_close(monitor->connections);
		return;
	}
	jobs_retry(monitor);
	loop_watch(&monitor->loop, &monitor->listener, EPOLLIN);
}

/* State and the ids of what runs; 0 when there is no memory for it. */
size_t monitor_state(struct monitor *monitor, struct state **state)
{
	uint32_t count = 0;
	uint32_t *ids;

	for (struct job *job = monitor->jobs; job != NULL; job = job->next)
		count += job->running;
	*state = calloc(1, sizeof(**state) + count * sizeof(*ids));
	if (*state == NULL)
		return 0;
	**state = (struct state){
		.version = WARDEN_PROTOCOL_VERSION, .monitor_pid = getpid(), .init_pid = monitor->setup->init_pid,
		.init_alive = monitor->init_alive, .out_of_memory = monitor->out_of_memory, .running_jobs = count,
	};
	ids = (uint32_t *)(*state + 1);
	for (struct job *job = monitor->jobs; job != NULL; job = job->next) {
		if (job->running)
			*ids++ = job->id;
	}
	return sizeof(**state) + count * sizeof(*ids);
}

/* Kills init, and with it everything in its pid namespace. The rest follows from its end. */
void monitor_terminate(struct monitor *monitor)
{
	monitor->terminating = true;
	if (monitor->init_alive)
		kill(monitor->setup->init_pid, SIGKILL); /* not reaped, so the pid is its own */
	else
		arm(monitor, FAREWELL_SECONDS);
}

static void init_ended(struct source *source, uint32_t events)
{
	struct monitor *monitor = OWNER(source, init_end);
	struct job_ended body = { 0 };
	int status = SIGKILL;

	(void)events;
	if (waitpid(monitor->setup->init_pid, &status, WNOHANG) == 0)
		return;
	loop_close(&monitor->loop, source);
	monitor->init_alive = false;
	body.status = exit_status(status);
	commands_drain(monitor);
	commands_fail_starts(monitor);
	jobs_end_all(monitor);
	connections_tell(monitor, MSG_INIT_ENDED, &body, sizeof(body));
	commands_finish(monitor);
	if (monitor->terminating)
		arm(monitor, FAREWELL_SECONDS);
}

/* The kernel also notifies when the cgroup is removed (the kernel's cgroup-v1/memory documentation). */
static void out_of_memory(struct source *source, uint32_t events)
{
	struct monitor *monitor = OWNER(source, out_of_memory_event);
	bool removed = access(monitor->setup->memory_cgroup, F_OK) < 0;
	int ran_out = 1;

	/* Of version 2 every kind of pressure is told of. */
	if (events & EPOLLPRI)
		ran_out = memory_ran_out(source->fd, monitor->setup->memory_cgroup);
	if (ran_out == 0)
		return;
	loop_close(&monitor->loop, source);
	if (removed || ran_out < 0)
		return;
	monitor->out_of_memory = true;
	if (monitor->jobs != NULL)
		memory_give_room(monitor);
	connections_tell(monitor, MSG_OUT_OF_MEMORY, NULL, 0);
}

static int watch_memory(struct monitor *monitor)
{
	uint32_t wanted = EPOLLIN;

	monitor->out_of_memory_event = (struct source){ .fd = memory_watch(monitor->setup->memory_cgroup, &wanted), .ready = out_of_memory };
	return monitor->out_of_memory_event.fd < 0 ? -1 : loop_watch(&monitor->loop, &monitor->out_of_memory_event, wanted);
}

/* An operator's kill ends the container in good order; what goes to a whole session or terminal is not meant. */
static void signalled(struct source *source, uint32_t events)
{
	struct signalfd_siginfo information;

	(void)events;
	if (read(source->fd, &information, sizeof(information)) == sizeof(information))
		monitor_terminate(OWNER(source, signals));
}

static int take_signals(struct monitor *monitor)
{
	static const int ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t set;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return -1;
	return watch(monitor, &monitor->signals, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), signalled);
}

/* A running job takes four descriptors. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int open_jobs_directory(struct monitor *monitor)
{
	if (mkdirat(monitor->setup->run_dir, "jobs", 0700) < 0 && errno != EEXIST)
		return -1;
	monitor->jobs_dir = openat(monitor->setup->run_dir, "jobs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return monitor->jobs_dir < 0 ? -1 : 0;
}

static int begin(struct monitor *monitor, struct failure *why)
{
	const struct monitor_setup *setup = monitor->setup;
	const struct config *config = setup->config;

	monitor->buffer = malloc(LOG_CHUNK);
	monitor->syslog_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (monitor->buffer == NULL || monitor->syslog_socket < 0 || loop_open(&monitor->loop) < 0)
		return fail_errno(why, NULL, "begin to watch over the container");
	if (open_jobs_directory(monitor) < 0)
		return fail_errno(why, config->run_dir, "make the directory of the jobs' logs");
	if (take_signals(monitor) < 0 || watch(monitor, &monitor->timer, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), timer_ready) < 0)
		return fail_errno(why, NULL, "begin to watch over the container");
	if (watch(monitor, &monitor->init_end, setup->init_pidfd, init_ended) < 0 || watch(monitor, &monitor->init_socket, setup->init_socket, commands_ready) < 0
		|| watch(monitor, &monitor->listener, setup->listener, connections_accept) < 0)
		return fail_errno(why, NULL, "begin to watch over the container's init");
	if (console_log_open(monitor) < 0)
		return fail_errno(why, config->console_log, "open the log of the console");
	if (setup->memory_cgroup != NULL && watch_memory(monitor) < 0)
		return fail_errno(why, setup->memory_cgroup, "be notified when the container is out of memory");
	if (run_file_write(setup->run_dir, "monitor.pid", getpid()) < 0 || run_file_write(setup->run_dir, "init.pid", setup->init_pid) < 0)
		return fail_errno(why, config->run_dir, "write the pids of monitor and init");
	return 0;
}

static void remove_run_files(const struct monitor *monitor)
{
	unlinkat(monitor->setup->run_dir, "monitor.sock", 0);
	unlinkat(monitor->setup->run_dir, "monitor.pid", 0);
	unlinkat(monitor->setup->run_dir, "init.pid", 0);
}

/* Ready: the server that waits for it becomes the first connection. */
static bool greet(struct monitor *monitor)
{
	struct connection *connection;
	struct state *state = NULL;

	if (fcntl(monitor->setup->connection, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return false;
	connection = connection_open(monitor, monitor->setup->connection);
	if (connection == NULL)
		return false;

	size_t length = monitor_state(monitor, &state);
	if (length == 0)
		return false;
	connection->greeted = true;
	connection_send(connection, MSG_READY, monitor->setup->tag, state, length);
	free(state);
	return true;
}

/* Nothing of the container is left when the server hears of it. */
static int give_up(const struct monitor *monitor, const struct failure *why)
{
	const struct monitor_setup *setup = monitor->setup;

	kill(setup->init_pid, SIGKILL);
	waitpid(setup->init_pid, NULL, 0);
	remove_run_files(monitor);
	if (why != NULL)
		failure_send(setup->connection, setup->tag, why);
	return 1;
}

/* Without init, and with no server that asks, nothing is left to do: a later one finds on disk all that there is to know. */
static bool is_over(const struct monitor *monitor)
{
	if (monitor->init_alive)
		return false;
	for (const struct connection *connection = monitor->connections; connection != NULL; connection = connection->next) {
		if (connection->first != NULL || !monitor->terminating)
			return false;
	}
	return true;
}

int monitor_run(struct monitor_setup *setup)
{
	static struct monitor monitor;
	static struct failure why;

	monitor = (struct monitor){ .setup = setup, .init_alive = true };
	monitor.commands_end = &monitor.commands;
	prctl(PR_SET_NAME, "warden-monitor");
	raise_file_limit();

	failure_step(&why, STEP_PARENT_AFTER_CLONE);
	if (begin(&monitor, &why) < 0)
		return give_up(&monitor, &why);
	if (!greet(&monitor))
		return give_up(&monitor, NULL);
	while (!is_over(&monitor)) {
		if (loop_turn(&monitor.loop) < 0) {
			kill(setup->init_pid, SIGKILL);
			return 1;
		}
	}
	remove_run_files(&monitor);
	return 0;
}
