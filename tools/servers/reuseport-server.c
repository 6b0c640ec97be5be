// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * reuseport-server: SO_REUSEPORT, a listener of its own for each worker.
 *
 * The kernel chooses a listener by the hash of the connection's addresses and ports and puts the
 * connection on that listener's queue, where only one worker waits: one wake per connection. The
 * price is skew (a hash is not a turn) and stranding (a busy worker's queue is nobody else's).
 * --cbpf and --incoming-cpu choose by the CPU instead.
 *
 * SIGHUP is a hot restart: new workers with new listeners join the group, then the old ones are
 * ended. What waits in the queue of a listener that closes is reset, unless the sysctl
 * net.ipv4.tcp_migrate_req is 1 (from 5.14 on): then another member of the group gets it. --stall
 * makes the first generation fill its queues.
 */
#include "server.h"

#include <signal.h>
#include <stdio.h>

#include "reuseport-group.h"

static const char doc[] = "SO_REUSEPORT server: every worker sleeps on its own listener. SIGHUP "
			  "replaces the workers and their listeners by new ones.";

struct settings {
	bool epoll;
	bool pin;
	bool stall;
	unsigned int busy_ms; /* of the first worker, after each connection */
	struct group_options group;
	struct cpu_list *cpus;
	unsigned int generation; /* from 1 */
	int *listeners;          /* of this generation, one per worker */
};

enum { OPT_PIN = 0x200, OPT_CBPF, OPT_INCOMING_CPU, OPT_STALL, OPT_BUSY };

static const struct argp_option own_options[] = {
	{"epoll", 'e', NULL, 0, "Wait in epoll_wait, then accept without blocking", 0},
	{"pin", OPT_PIN, NULL, 0, "Worker i runs on the i-th CPU there is, modulo their number", 0},
	{"cbpf", OPT_CBPF, NULL, 0, "A BPF program chooses listener: CPU modulo workers", 0},
	{"incoming-cpu", OPT_INCOMING_CPU, NULL, 0, "SO_INCOMING_CPU: the CPU as with --pin", 0},
	{"stall", OPT_STALL, NULL, 0, "Until the first SIGHUP, no worker accepts", 0},
	{"busy", OPT_BUSY, "MS", 0, "The first worker sleeps MS ms after each connection", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case 'e': settings->epoll = true; break;
	case OPT_PIN: settings->pin = true; break;
	case OPT_CBPF: settings->group.cbpf = true; break;
	case OPT_INCOMING_CPU: settings->group.incoming_cpu = true; break;
	case OPT_BUSY: settings->busy_ms = server__number(state, arg, 0, 60000); break;
	case OPT_STALL: settings->stall = true; break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void handle(const struct settings *settings, struct worker *worker, int connection)
{
	worker__handle(worker, connection);
	if (settings->busy_ms && !worker->index)
		sleep_ms(settings->busy_ms);
}

static void work_accept(const struct settings *settings, struct worker *worker, int listener)
{
	for (;;)
		handle(settings, worker, worker__accept(listener));
}

static void work_epoll(const struct settings *settings, struct worker *worker, int listener)
{
	int epoll = epoll__watch(listener, EPOLLIN);
	struct epoll_event event;

	for (;;) {
		int connection;

		if (!epoll__wait(epoll, &event, -1))
			continue;
		connection = worker__accept(listener);
		if (connection >= 0)
			handle(settings, worker, connection);
	}
}

/* A listener with an owner must go when its owner dies, or connections go on to be queued there. */
static void close_others(const struct server_options *options, const int *listeners, int keep)
{
	for (unsigned int i = 0; i < options->workers; i++)
		if (!options->threads && listeners[i] != keep)
			close(listeners[i]);
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;

	worker->own_fd = settings->listeners[worker->index];
	close_others(worker->server->options, settings->listeners, worker->own_fd);
	if (settings->pin)
		cpu_list__pin_worker(settings->cpus, worker->index);
	while (settings->stall && settings->generation == 1)
		pause();
	if (settings->epoll)
		work_epoll(settings, worker, worker->own_fd);
	else
		work_accept(settings, worker, worker->own_fd);
}

static void listen_anew(struct settings *settings, const struct server_options *options)
{
	settings->generation++;
	group__listen(settings->listeners, options, settings->epoll ? LISTEN_NONBLOCK : 0,
		      &settings->group, settings->cpus);
}

/*
 * The order in which the old workers end keeps --cbpf right. The group is an array: new listeners
 * are added at its end, and the last one moves into the hole of one that leaves. So, if the old
 * ones leave last one first, each is replaced by its successor: new listener i ends up at index i.
 */
static void restart(struct server *server)
{
	struct settings *settings = server->arg;
	struct worker *old = server->workers;

	if (server->options->threads) {
		warnx("SIGHUP is ignored: a thread cannot be told to leave");
		return;
	}
	listen_anew(settings, server->options);
	server__start_generation(server);
	close_others(server->options, settings->listeners, -1);
	server__end_generation(old, server->worker_cnt);
	free(old);
	if (!server->options->quiet)
		dprintf(STDOUT_FILENO, "generation %u serves alone\n", settings->generation);
}

/* Only the server's main task takes SIGHUP, even when it is sent to the whole process group. */
static void hold_hangups(void)
{
	sigset_t hangup;

	signal(SIGHUP, SIG_DFL);
	sigemptyset(&hangup);
	sigaddset(&hangup, SIGHUP);
	sigprocmask(SIG_BLOCK, &hangup, NULL);
}

static void check_options(const struct settings *settings, const struct server_options *options)
{
	if (options->unix_path)
		errx(2, "--unix is not for this server: AF_UNIX has no SO_REUSEPORT");
	if (settings->stall && options->threads)
		errx(2, "--stall is not for --threads: a stalled thread cannot be replaced");
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {0};
	struct server_options options;
	struct server server;

	server__parse(&options, argc, argv, doc, &own, &settings);
	check_options(&settings, &options);
	hold_hangups();
	settings.cpus = cpu_list__of_process();
	settings.listeners = calloc(options.workers, sizeof(*settings.listeners));
	if (!settings.listeners)
		err(1, "cannot make %u listeners", options.workers);
	listen_anew(&settings, &options);
	server__start(&server, &options, options.workers, work, &settings);
	close_others(&options, settings.listeners, -1);
	server.hangup = restart;
	while (server__wait(&server))
		;
	exit(server__finish(&server));
}
