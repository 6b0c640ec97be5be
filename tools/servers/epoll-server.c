// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * epoll-server: workers in epoll_wait on one non-blocking listener.
 *
 * --shared: one epoll instance, made before the workers. The epoll is one entry of the listener's
 * wait queue and wakes one of its sleepers. Level-triggered, that worker puts the listener back on
 * the ready list and so wakes the next one, until one of them finds the accept queue empty; with
 * --busy, nobody empties it and the chain goes through all. Edge-triggered there is no chain.
 *
 * --nested, --polled: nobody sleeps in that epoll, but in another one that watches it, or in poll. Its
 * callback wakes who waits for the instance to become readable, too.
 *
 * --own: an epoll instance per worker. Each is an entry that does not end the walk: all are woken.
 * EPOLLEXCLUSIVE makes the entry one that ends it, if that epoll had a sleeper.
 *
 * --edge --one: what many forget. An edge tells of a queue that was empty or not; who takes one connection of two
 * leaves the other to the next edge, which may never come.
 *
 * --deaf: so a worker keeps its listener that takes no connections for a while (EPOLL_CTL_MOD with no
 * events): its entry is called, and wakes nobody.
 *
 * --add-ready: the shared epoll watches the listener only while a connection waits. The first worker
 * adds it then: epoll_ctl() finds it ready, and wakes. Who has accepted takes it out again.
 */
#include "server.h"

#include <poll.h>
#include <sys/eventfd.h>

static const char doc[] = "epoll server: every worker sleeps in epoll_wait on one listener.";

struct settings {
	int listener;
	int epoll;       /* the shared one, or -1 */
	int taken;       /* an eventfd: the connection is accepted, with --add-ready */
	uint32_t events; /* of EPOLL_CTL_ADD */
	unsigned int busy_ms;
	unsigned int deaf;
	bool own;
	bool nested;
	bool polled;
	bool spin;
	bool adds_ready;
	bool anew;
	bool one; /* accept for each event, whatever the trigger */
};

enum {
	OPT_SHARED = 0x200,
	OPT_OWN,
	OPT_EDGE,
	OPT_EXCLUSIVE,
	OPT_ONESHOT,
	OPT_BUSY,
	OPT_SPIN,
	OPT_NESTED,
	OPT_POLLED,
	OPT_ADD_READY,
	OPT_ANEW,
	OPT_ONE,
	OPT_DEAF
};

static const struct argp_option own_options[] = {
	{"shared", OPT_SHARED, NULL, 0, "One epoll, made before the workers (the default)", 0},
	{"own", OPT_OWN, NULL, 0, "One epoll per worker", 0},
	{"edge", OPT_EDGE, NULL, 0, "Edge-triggered (EPOLLET); default: level-triggered", 0},
	{"one", OPT_ONE, NULL, 0, "With --edge: accept once for an event, which is wrong", 0},
	{"deaf", OPT_DEAF, "N", 0, "With --own: N workers watch the listener for no events", 0},
	{"exclusive", OPT_EXCLUSIVE, NULL, 0, "EPOLLEXCLUSIVE; makes a difference with --own", 0},
	{"oneshot", OPT_ONESHOT, NULL, 0, "EPOLLONESHOT, armed again after the accept", 0},
	{"busy", OPT_BUSY, "MS", 0, "Sleep MS ms between epoll_wait and accept", 0},
	{"nested", OPT_NESTED, NULL, 0, "Each worker watches that epoll with one of its own", 0},
	{"anew", OPT_ANEW, NULL, 0, "With --nested: another one for each wait, of 1 ms", 0},
	{"polled", OPT_POLLED, NULL, 0, "Each worker waits for that epoll in poll", 0},
	{"add-ready", OPT_ADD_READY, NULL, 0, "The first worker adds the listener when it is ready",
	 0},
	{"spin", OPT_SPIN, NULL, 0, "With --busy: use the CPU, do not sleep", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case OPT_SHARED: settings->own = false; break;
	case OPT_OWN: settings->own = true; break;
	case OPT_EDGE: settings->events |= EPOLLET; break;
	case OPT_EXCLUSIVE: settings->events |= EPOLLEXCLUSIVE; break;
	case OPT_ONESHOT: settings->events |= EPOLLONESHOT; break;
	case OPT_BUSY: settings->busy_ms = server__number(state, arg, 0, 60000); break;
	case OPT_DEAF: settings->deaf = server__number(state, arg, 0, 60000); break;
	case OPT_SPIN: settings->spin = true; break;
	case OPT_NESTED: settings->nested = true; break;
	case OPT_POLLED: settings->polled = true; break;
	case OPT_ANEW: settings->anew = true; break;
	case OPT_ONE: settings->one = true; break;
	case OPT_ADD_READY: settings->adds_ready = true; break;
	case ARGP_KEY_END:
		if (settings->events & EPOLLEXCLUSIVE && settings->events & EPOLLONESHOT)
			argp_error(state, "the kernel refuses --exclusive with --oneshot");
		break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void be_busy(const struct settings *settings)
{
	int64_t end_ms = now_ms() + settings->busy_ms;

	if (!settings->spin && settings->busy_ms)
		sleep_ms(settings->busy_ms);
	while (settings->spin && now_ms() < end_ms)
		;
}

static void rearm(const struct settings *settings, int epoll)
{
	struct epoll_event event = {.events = settings->events};

	if (settings->events & EPOLLONESHOT &&
	    epoll_ctl(epoll, EPOLL_CTL_MOD, settings->listener, &event))
		err(1, "cannot arm the listener again");
}

/* Ends when the server is ended, or fails. */
static void add_when_ready(const struct settings *settings)
{
	struct epoll_event event = {.events = settings->events};
	eventfd_t cnt;

	do
		poll(&(struct pollfd){.fd = settings->listener, .events = POLLIN}, 1, -1);
	while (!epoll_ctl(settings->epoll, EPOLL_CTL_ADD, settings->listener, &event) &&
	       !eventfd_read(settings->taken, &cnt));
	err(1, "cannot add the listener");
}

static void take_out(const struct settings *settings)
{
	if (epoll_ctl(settings->epoll, EPOLL_CTL_DEL, settings->listener, NULL) ||
	    eventfd_write(settings->taken, 1))
		err(1, "cannot take the listener out");
}

static int watch_anew(int outer, int epoll)
{
	close(outer);
	return epoll__watch(epoll, EPOLLIN);
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;
	int epoll = settings->epoll, outer;
	struct epoll_event event;
	int connection;

	if (settings->adds_ready && !worker->index)
		add_when_ready(settings);
	if (settings->own)
		epoll = epoll__watch(settings->listener,
				     worker->index < settings->deaf ? 0 : settings->events);
	outer = settings->nested ? epoll__watch(epoll, EPOLLIN) : epoll;
	for (;;) {
		if (settings->nested && settings->anew)
			outer = watch_anew(outer, epoll);
		if (settings->polled)
			poll(&(struct pollfd){.fd = epoll, .events = POLLIN}, 1, -1);
		else if (!epoll__wait(outer, &event, settings->anew ? 1 : -1))
			continue;
		be_busy(settings);
		/* An edge tells of the queue, not of each connection: take all there are. */
		do {
			connection = worker__accept(settings->listener);
			rearm(settings, epoll);
			if (connection >= 0 && settings->adds_ready)
				take_out(settings);
			if (connection >= 0)
				worker__handle(worker, connection);
		} while (connection >= 0 && settings->events & EPOLLET && !settings->adds_ready &&
			 !settings->one);
	}
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {.epoll = -1, .events = EPOLLIN};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	settings.listener = server__listen(&options, LISTEN_NONBLOCK);
	if (settings.adds_ready) {
		settings.epoll = epoll_create1(EPOLL_CLOEXEC);
		settings.taken = eventfd(0, EFD_CLOEXEC);
	} else if (!settings.own) {
		settings.epoll = epoll__watch(settings.listener, settings.events);
	}
	return server__run(&options, work, &settings);
}
