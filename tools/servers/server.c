// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The part that all reference servers share; server.h says what each function is for. */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "listener.h"

#define MESSAGE_MAX     1024 /* with the PID still below PIPE_BUF: a line is never torn */
#define READ_TIMEOUT_MS 1000

/* ---- options ---- */

enum {
	OPT_THREADS = 0x100,
	OPT_ADDRESS,
	OPT_UNIX,
	OPT_MPTCP,
	OPT_BACKLOG,
	OPT_LATE,
	OPT_DAEMON,
	OPT_DIE_AFTER,
	OPT_RENAME,
	OPT_FROM,
	OPT_EACH,
	OPT_REUSEPORT,
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Common to all servers:", 1},
	{"workers", 'w', "N", 0, "Number of workers (default 4)", 1},
	{"threads", OPT_THREADS, NULL, 0, "Workers are threads, not processes", 1},
	{"port", 'p', "P", 0, "TCP port (default 8888)", 1},
	{"ipv6", '6', NULL, 0, "Listen on ::1 unless --address says otherwise", 1},
	{"address", OPT_ADDRESS, "ADDR", 0, "Numeric address (default 127.0.0.1)", 1},
	{"unix", OPT_UNIX, "PATH", 0, "AF_UNIX instead of TCP; '@NAME' is an abstract address", 1},
	{"mptcp", OPT_MPTCP, NULL, 0, "MPTCP instead of TCP, as Go's net does since 1.24", 1},
	{"from", OPT_FROM, "PID:FD", 0, "Take a listener from another process (pidfd_getfd)", 1},
	{"backlog", OPT_BACKLOG, "N", 0, "Length of the accept queue", 1},
	{"quiet", 'q', NULL, 0, "Do not print the messages", 1},
	{"reuseport", OPT_REUSEPORT, NULL, 0,
	 "Set SO_REUSEPORT on the listener, which all workers inherit all the same", 1},
	{"each", OPT_EACH, NULL, 0, "Print a line also for connections that say nothing", 1},
	{"late", OPT_LATE, "MS", 0, "Start the workers MS ms after listening", 1},
	{"daemon", OPT_DAEMON, NULL, 0, "Go to the background before listening; keep stdio", 1},
	{"die-after", OPT_DIE_AFTER, "N", 0, "The first worker exits after N connections", 1},
	{"rename", OPT_RENAME, "NAME", 0, "Workers call themselves NAME (PR_SET_NAME)", 1},
	{0},
};

unsigned int server__number(struct argp_state *state, const char *text, unsigned int min,
			    unsigned int max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < (long)min || value > (long)max)
		argp_error(state, "'%s' is not a number from %u to %u", text, min, max);
	return value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct server_options *options = ((void **)state->input)[0];

	switch (key) {
	case ARGP_KEY_INIT:
		if (((void **)state->input)[1])
			state->child_inputs[0] = ((void **)state->input)[1];
		break;
	case 'w': options->workers = server__number(state, arg, 1, 4096); break;
	case 'p':
		server__number(state, arg, 1, 65535);
		options->port = arg;
		break;
	case '6': options->family = AF_INET6; break;
	case 'q': options->quiet = true; break;
	case OPT_THREADS: options->threads = true; break;
	case OPT_ADDRESS: options->host = arg; break;
	case OPT_UNIX: options->unix_path = arg; break;
	case OPT_FROM: options->from = arg; break;
	case OPT_REUSEPORT: options->reuseport = true; break;
	case OPT_EACH: options->each = true; break;
	case OPT_MPTCP: options->mptcp = true; break;
	case OPT_BACKLOG: options->backlog = server__number(state, arg, 0, 65535); break;
	case OPT_LATE: options->late_ms = server__number(state, arg, 0, 600000); break;
	case OPT_DAEMON: options->daemonise = true; break;
	case OPT_DIE_AFTER: options->die_after = server__number(state, arg, 1, INT32_MAX); break;
	case OPT_RENAME: options->worker_name = arg; break;
	case ARGP_KEY_END: listener__check_address(options, state); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* The signals that the main task waits for. Workers that are processes get them unblocked. */
static void server_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGCHLD);
}

void server__parse(struct server_options *options, int argc, char **argv, const char *doc,
		   const struct argp *own, void *own_input)
{
	const struct argp_child children[] = {{own, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = doc,
		.children = own ? children : NULL,
	};
	void *inputs[] = {options, own_input};
	sigset_t signals;

	*options = (struct server_options){.workers = 4, .backlog = SOMAXCONN, .port = "8888"};
	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, inputs);

	/* A shell may have started us with these ignored; a worker must die of them. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	server_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* The path of a socket may be relative: then stay here. */
	if (options->daemonise && daemon(options->unix_path != NULL, 1))
		err(1, "cannot go to the background");
}

/* ---- workers ---- */

void sleep_ms(unsigned int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void server__be_late(const struct server_options *options)
{
	struct timespec late = {options->late_ms / 1000, options->late_ms % 1000 * 1000000L};
	sigset_t signals;

	server_signals(&signals);
	sigdelset(&signals, SIGCHLD);
	if (options->late_ms && sigtimedwait(&signals, NULL, &late) > 0)
		exit(0);
}

static void work(struct worker *worker)
{
	const char *name = worker->server->options->worker_name;

	if (name)
		prctl(PR_SET_NAME, name);
	worker->server->run(worker, worker->server->arg);
}

static void *thread_main(void *arg)
{
	work(arg);
	return NULL;
}

static void start_thread(struct worker *worker)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	errno = pthread_create(&thread, &attr, thread_main, worker);
	if (errno)
		err(1, "cannot start a thread");
	pthread_attr_destroy(&attr);
}

static void start_process(struct worker *worker)
{
	pid_t parent = getpid();
	sigset_t signals;

	worker->pid = fork();
	if (worker->pid < 0)
		err(1, "cannot fork"); /* the workers there are die of PR_SET_PDEATHSIG */
	if (worker->pid > 0)
		return;
	/* The parent may have died before the prctl: then no signal will come. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	server_signals(&signals);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	work(worker);
	_exit(0);
}

void server__start_worker(struct worker *worker)
{
	worker->accepted = 0;
	worker->own_fd = -1;
	atomic_fetch_add(&worker->server->alive_cnt, 1);
	if (worker->server->options->threads)
		start_thread(worker);
	else
		start_process(worker);
}

void server__start_generation(struct server *server)
{
	server->workers = calloc(server->worker_cnt, sizeof(*server->workers));
	if (!server->workers)
		err(1, "cannot start %u workers", server->worker_cnt);
	for (unsigned int i = 0; i < server->worker_cnt; i++) {
		server->workers[i].server = server;
		server->workers[i].index = i;
		server__start_worker(&server->workers[i]);
	}
}

void server__start(struct server *server, const struct server_options *options,
		   unsigned int worker_cnt, worker_fn run, void *arg)
{
	*server = (struct server){
		.options = options, .run = run, .arg = arg, .worker_cnt = worker_cnt};
	server__be_late(options);
	server__start_generation(server);
}

/* Returns whether the worker has ended. By its pid: other children are not ours to reap. */
static bool reap(struct worker *worker, int flags)
{
	int status;

	if (!worker->pid || waitpid(worker->pid, &status, flags) != worker->pid)
		return false;
	worker->pid = 0;
	atomic_fetch_sub(&worker->server->alive_cnt, 1);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		worker->server->failed = true;
	return true;
}

struct worker *server__wait(struct server *server)
{
	sigset_t signals;

	server_signals(&signals);
	if (server->hangup)
		sigaddset(&signals, SIGHUP);
	while (atomic_load(&server->alive_cnt)) {
		int sig;

		/* One SIGCHLD may stand for several workers: look at all before sleeping. */
		for (unsigned int i = 0; i < server->worker_cnt; i++)
			if (reap(&server->workers[i], WNOHANG))
				return server->failed ? NULL : &server->workers[i];
		sig = sigwaitinfo(&signals, NULL);
		if (sig == SIGTERM || sig == SIGINT)
			break;
		if (sig == SIGHUP)
			server->hangup(server);
	}
	return NULL;
}

static void tell_to_end(const struct worker *worker)
{
	if (!worker->pid)
		return;
	kill(worker->pid, SIGTERM);
	kill(worker->pid, SIGCONT); /* it may be stopped */
}

void server__end_generation(struct worker *workers, unsigned int worker_cnt)
{
	for (unsigned int i = worker_cnt; i-- > 0;) {
		tell_to_end(&workers[i]);
		reap(&workers[i], 0);
	}
}

int server__finish(struct server *server)
{
	/* Threads end with the process; they have no pid. */
	for (unsigned int i = 0; i < server->worker_cnt; i++)
		tell_to_end(&server->workers[i]);
	for (unsigned int i = 0; i < server->worker_cnt; i++)
		reap(&server->workers[i], 0);
	return server->failed;
}

int server__run(const struct server_options *options, worker_fn run, void *arg)
{
	struct server server;
	int status;

	server__start(&server, options, options->workers, run, arg);
	while (server__wait(&server))
		;
	status = server__finish(&server);
	exit(status); /* not return: threads still look at this stack frame */
}

static _Noreturn void end_worker(struct worker *worker)
{
	if (!worker->server || !worker->server->options->threads)
		_exit(0);
	if (worker->own_fd >= 0)
		close(worker->own_fd);
	/* The last thread wakes the main thread, as the last process would. */
	if (atomic_fetch_sub(&worker->server->alive_cnt, 1) == 1)
		kill(getpid(), SIGCHLD);
	pthread_exit(NULL);
}

/* ---- connections ---- */

int worker__accept(int listener)
{
	for (;;) {
		/* cppcheck-suppress nullPointer ; who does not ask for the address gives none */
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (connection >= 0 || errno == EAGAIN)
			return connection;
		/* The peer gave up, or a signal came: not a reason to think the queue empty. */
		if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
			err(1, "cannot accept");
	}
}

/* Returns the bytes read, newline included; not more than one timeout goes by for all of them. */
static size_t read_line(int connection, char *line, size_t size)
{
	int64_t deadline_ms = now_ms() + READ_TIMEOUT_MS;
	size_t len = 0;

	while (len < size) {
		int64_t left_ms = deadline_ms - now_ms();
		struct timeval timeout = {left_ms / 1000, left_ms % 1000 * 1000};
		ssize_t n;

		if (left_ms <= 0)
			break;
		setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
		n = recv(connection, line + len, size - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += n;
		if (memchr(line + len - n, '\n', n))
			break;
	}
	return len;
}

/* The message is a stranger's: only printable ASCII may reach the terminal. */
static void print_message(const char *message, size_t len)
{
	char line[MESSAGE_MAX + 64];
	int n = snprintf(line, sizeof(line), "%d received: ", (int)gettid());

	for (size_t i = 0; i < len && message[i] != '\n'; i++)
		line[n++] = message[i] >= ' ' && message[i] <= '~' ? message[i] : '?';
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, n) != n)
		warn("cannot print a message");
}

void worker__handle(struct worker *worker, int connection)
{
	const struct server_options *options = worker->server->options;
	char message[MESSAGE_MAX];
	size_t len = read_line(connection, message, sizeof(message));

	close(connection);
	if ((len || options->each) && !options->quiet)
		print_message(message, len);
	worker->accepted++;
	if (worker->index == 0 && worker->accepted == options->die_after)
		end_worker(worker);
}

/* ---- epoll ---- */

int epoll__watch(int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "cannot watch the listener with epoll");
	return epoll;
}

bool epoll__wait(int epoll, struct epoll_event *event, int timeout_ms)
{
	int n = epoll_wait(epoll, event, 1, timeout_ms);

	/* Unlike accept, epoll_wait is not restarted after a stop and continue. */
	if (n < 0 && errno != EINTR)
		err(1, "cannot wait with epoll");
	return n == 1;
}
