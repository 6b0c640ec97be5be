// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "procfs.h"

#define MS UINT64_C(1000000)

/* A server that has not come to rest after this long is not going to: go on without. */
#define SETTLE_LIMIT_NS (2000 * MS)
/* How far two looks at the tasks lie apart that must both find them asleep. */
#define LOOK_AGAIN_NS (4 * MS)
/* Before the first connection the workers are still being made: look longer. */
#define FIRST_LOOK_NS (50 * MS)
/* A connection that is in flight for longer will not be accepted soon. */
#define FLIGHT_LIMIT_NS (5000 * MS)

struct flight {
	int fd;         /* -1: free */
	bool connected; /* and our side of it is shut down */
	uint64_t started_ns;
};

struct client {
	struct client_options options;
	struct flight *flights; /* as many as may be open at once */
	unsigned slots;
	unsigned opened, connected, failed;
	int error;
	uint64_t paused_since; /* when the last connection was made, or the listener found */
	uint64_t asleep_since; /* since when every look has found all tasks asleep, 0: not */
	uint64_t ended_before; /* arrivals that had ended when the client began */
	bool begun;
};

struct client *client__new(const struct client_options *options)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->options = *options;
	/* Room for connections that are accepted and not closed by us yet. */
	c->slots = options->concurrency * 2;
	c->flights = calloc(c->slots, sizeof(*c->flights));
	if (!c->flights) {
		free(c);
		return NULL;
	}
	for (unsigned i = 0; i < c->slots; i++)
		c->flights[i].fd = -1;
	return c;
}

void client__free(struct client *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->slots; i++)
		if (c->flights[i].fd >= 0)
			close(c->flights[i].fd);
	free(c->flights);
	free(c);
}

/* ---- connecting ---- */

static socklen_t make_address(const struct record_endpoint *to, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;

	memset(address, 0, sizeof(*address));
	if (to->family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(to->port);
		memcpy(&v4->sin_addr, to->address, 4);
		if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
			v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(to->port);
	memcpy(&v6->sin6_addr, to->address, 16);
	if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

/* One target after another; listeners of a reuseport group are one target, with one address. */
static const struct record_endpoint *choose_target(const struct model *model, unsigned turn)
{
	const struct record_endpoint *distinct[64], *e;
	size_t cnt = 0;

	for (size_t i = 0; cnt < 64 && (e = model__listener(model, i)); i++) {
		size_t seen = 0;

		while (seen < cnt && memcmp(distinct[seen], e, sizeof(*e)))
			seen++;
		if (seen == cnt)
			distinct[cnt++] = e;
	}
	return cnt ? distinct[turn % cnt] : NULL;
}

static void give_up(struct client *c, struct flight *f, int error)
{
	c->failed++;
	c->error = error;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

static void open_flight(struct client *c, struct flight *f, const struct model *model,
			uint64_t now_ns)
{
	const struct record_endpoint *target = choose_target(model, c->opened);
	struct sockaddr_storage address;
	socklen_t len;

	c->opened++;
	c->paused_since = now_ns;
	c->asleep_since = 0;
	f->connected = false;
	f->started_ns = now_ns;
	if (!target) {
		give_up(c, f, ECONNREFUSED);
		return;
	}
	len = make_address(target, &address);
	f->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->fd < 0 || (connect(f->fd, (struct sockaddr *)&address, len) && errno != EINPROGRESS))
		give_up(c, f, errno);
}

/*
 * A connection that is made says at once that nothing will come: a server that reads from it
 * sees the end and is not kept from its next accept.
 */
static void advance_flight(struct client *c, struct flight *f, uint64_t now_ns)
{
	struct pollfd p = {.fd = f->fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;

	if (f->connected || f->fd < 0)
		return;
	if (poll(&p, 1, 0) <= 0) {
		if (now_ns - f->started_ns > FLIGHT_LIMIT_NS)
			give_up(c, f, ETIMEDOUT);
		return;
	}
	if (getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		give_up(c, f, error ? error : errno);
		return;
	}
	shutdown(f->fd, SHUT_WR);
	f->connected = true;
	c->connected++;
}

static struct flight *find_flight(struct client *c, bool free_one)
{
	struct flight *oldest = NULL;

	for (unsigned i = 0; i < c->slots; i++) {
		struct flight *f = &c->flights[i];

		if (free_one ? f->fd < 0
			     : f->fd >= 0 && f->connected &&
				       (!oldest || f->started_ns < oldest->started_ns))
			oldest = f;
	}
	return oldest;
}

static unsigned count_flights(const struct client *c)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < c->slots; i++)
		cnt += c->flights[i].fd >= 0;
	return cnt;
}

/* ---- pacing ---- */

struct rest {
	bool all, nap_matters;
};

static void look_at_task(void *arg, uint32_t tid, uint32_t pid, bool woken)
{
	struct rest *rest = arg;
	enum task_rest state = procfs__rest(pid, tid);

	/* A worker naps on its way to accept; a master that naps between its rounds does not
	 * matter, once the workers have been seen to work. */
	if (state == TASK_RUNS || (state == TASK_NAPS && (woken || rest->nap_matters)))
		rest->all = false;
}

/* Have all tasks of the tree been asleep for so long? */
static bool all_asleep(struct client *c, const struct model *model, uint64_t now_ns,
		       uint64_t for_ns)
{
	struct rest rest = {.all = true, .nap_matters = !c->opened};

	model__each_task(model, look_at_task, &rest);
	if (!rest.all) {
		c->asleep_since = 0;
		return false;
	}
	if (!c->asleep_since)
		c->asleep_since = now_ns;
	return now_ns - c->asleep_since >= for_ns;
}

static uint64_t in_flight(const struct client *c, const struct model_progress *p)
{
	uint64_t ended = p->ended - c->ended_before;
	unsigned made = c->opened - c->failed;

	return ended < made ? made - ended : 0;
}

/*
 * Has the server come to rest: every connection is accepted, every woken task has gone back to
 * sleep, and nobody runs? Where that takes too long, it has to do without.
 */
static bool settled(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	if (now_ns - c->paused_since > SETTLE_LIMIT_NS)
		return true;
	model__progress(model, &p);
	if (in_flight(c, &p) || p.open_wakes) {
		c->asleep_since = 0;
		return false;
	}
	return all_asleep(c, model, now_ns, c->opened ? LOOK_AGAIN_NS : FIRST_LOOK_NS);
}

static bool may_open(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	if (!c->opened)
		return settled(c, model, now_ns);
	if (c->options.gap_ms >= 0 && now_ns - c->paused_since < c->options.gap_ms * MS)
		return false;
	if (c->options.concurrency == 1 && c->options.gap_ms < 0)
		return settled(c, model, now_ns);
	model__progress(model, &p);
	return in_flight(c, &p) < c->options.concurrency ||
	       now_ns - c->paused_since > FLIGHT_LIMIT_NS;
}

/* Closes what has been accepted: all but as many as are in flight, oldest first. */
static void close_flights(struct client *c, const struct model *model)
{
	struct model_progress p;
	struct flight *f;

	model__progress(model, &p);
	while (count_flights(c) > in_flight(c, &p) && (f = find_flight(c, false))) {
		close(f->fd);
		f->fd = -1;
	}
}

/* A free place; where waiting has come to an end without one, that of the oldest connection. */
static struct flight *free_flight(struct client *c)
{
	struct flight *f = find_flight(c, true);

	if (!f && (f = find_flight(c, false))) {
		close(f->fd);
		f->fd = -1;
	}
	return f;
}

static bool begin(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	model__progress(model, &p);
	if (!p.listeners)
		return false;
	c->begun = true;
	c->ended_before = p.ended;
	c->paused_since = now_ns;
	return true;
}

enum client_state client__step(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct flight *f;

	if (!c->begun && !begin(c, model, now_ns))
		return CLIENT_WAITS_FOR_LISTENER;
	for (unsigned i = 0; i < c->slots; i++)
		advance_flight(c, &c->flights[i], now_ns);
	close_flights(c, model);
	while (c->opened < c->options.connections && may_open(c, model, now_ns) &&
	       (f = free_flight(c))) {
		open_flight(c, f, model, now_ns);
		advance_flight(c, f, now_ns);
	}
	if (c->opened < c->options.connections || c->connected + c->failed < c->opened)
		return CLIENT_WORKS;
	return settled(c, model, now_ns) ? CLIENT_DONE : CLIENT_WORKS;
}

unsigned client__opened(const struct client *c)
{
	return c->opened;
}

unsigned client__failed(const struct client *c, int *error)
{
	*error = c->error;
	return c->failed;
}
