// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * mutex-epoll-server: nginx's accept mutex. Every worker has an epoll of its own, but the listener
 * is in it only while the worker holds a lock that all share.
 *
 * Only the holder waits on the listener: one wake per connection. Nobody sleeps for the lock: it is
 * tried, and tried again after 500 ms, so the others wake for their timer, not for the listener.
 * The price is skew: the holder tries again before anyone else does. To share at all, a worker
 * stands back while it has more than 7/8 of its connection slots in use.
 */
#include "server.h"

#include <errno.h>
#include <sys/mman.h>

#define RETRY_MS 500 /* nginx: accept_mutex_delay */

static const char doc[] = "Accept mutex server: the listener is in one worker's epoll at a time.";

struct settings {
	int listener;
	unsigned int slots;
	pthread_mutex_t *mutex;
};

struct state {
	const struct settings *settings;
	int epoll;
	bool watching;     /* the listener is in our epoll */
	unsigned int used; /* connection slots */
};

static const struct argp_option own_options[] = {
	{"slots", 's', "N", 0, "Connections a worker may hold (default 512)", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	if (key != 's')
		return ARGP_ERR_UNKNOWN;
	settings->slots = server__number(state, arg, 1, 65536);
	return 0;
}

static pthread_mutex_t *make_mutex(void)
{
	pthread_mutex_t *mutex = mmap(NULL, sizeof(*mutex), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;

	if (mutex == MAP_FAILED)
		err(1, "cannot map the mutex");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	/* The holder sleeps with it: if it is killed then, the next to try must get it. */
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &attr);
	return mutex;
}

static bool try_mutex(pthread_mutex_t *mutex)
{
	int err = pthread_mutex_trylock(mutex);

	if (err == EOWNERDEAD)
		pthread_mutex_consistent(mutex);
	return !err || err == EOWNERDEAD;
}

static void watch(int epoll, int operation, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, operation, fd, &event))
		err(1, "cannot change what epoll watches");
}

static void watch_listener(struct state *state, bool on)
{
	if (state->watching != on)
		watch(state->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, state->settings->listener);
	state->watching = on;
}

static void accept_one(struct state *state)
{
	int connection = worker__accept(state->settings->listener);

	if (connection < 0)
		return;
	watch(state->epoll, EPOLL_CTL_ADD, connection);
	state->used++;
}

static void turn(struct worker *worker, struct state *state)
{
	const struct settings *settings = state->settings;
	bool full = state->used * 8 > settings->slots * 7;
	bool held = !full && try_mutex(settings->mutex);
	struct epoll_event event;
	bool ready;

	watch_listener(state, held);
	ready = epoll__wait(state->epoll, &event, held || full ? -1 : RETRY_MS);
	if (ready && event.data.fd == settings->listener)
		accept_one(state);
	if (held)
		pthread_mutex_unlock(settings->mutex);
	if (ready && event.data.fd != settings->listener) {
		state->used--;
		worker__handle(worker, event.data.fd); /* closes it, so epoll forgets it */
	}
}

static void work(struct worker *worker, void *arg)
{
	struct state state = {.settings = arg, .epoll = epoll_create1(EPOLL_CLOEXEC)};

	if (state.epoll < 0)
		err(1, "cannot make an epoll");
	for (;;)
		turn(worker, &state);
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {.slots = 512};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	if (options.threads) /* a thread that ends would leave its connections open */
		errx(2, "--threads is not for this server: its workers are processes");
	settings.mutex = make_mutex();
	settings.listener = server__listen(&options, LISTEN_NONBLOCK);
	return server__run(&options, work, &settings);
}
