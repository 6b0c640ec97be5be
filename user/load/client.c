// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "load/client.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "load/cpus.h"
#include "load/pace.h"
#include "load/turns.h"

/* A connection that is in flight for longer will not be accepted soon. */
#define FLIGHT_LIMIT_NS (5000 * NS_PER_MS)

/* What was due and did not happen is looked at again so much later. */
#define STEP_NS (2 * NS_PER_MS)

struct flight {
	struct client *client;
	struct loop_source source; /* its socket; fd is -1: free */
	bool awaited;              /* it is in the loop */
	bool connected;            /* and our side of it is shut down */
	unsigned number;           /* they are opened in this order, several at one time */
	uint64_t started_ns;
};

struct client {
	struct client_options options;
	struct loop *loop;
	struct flight *flights; /* as many as may be open at once */
	unsigned slots;
	unsigned opened, connected, failed;
	unsigned
		reset; /* of those that failed: maybe by a listener that closed when they had arrived */
	int error;
	struct pace pace;        /* since the last connection was opened, or the listener found */
	uint64_t ended_before;   /* arrivals that had ended when the client began */
	uint64_t arrived_before; /* that had taken place by then */
	uint64_t ended_last;     /* when the last of them were waited for */
	bool begun;
	struct cpus cpus;   /* with options.cpus */
	struct turns turns; /* of the addresses */
	int root;           /* of paths, -1: ours */
};

/* ---- where to ---- */

struct target {
	struct sockaddr_storage address;
	socklen_t len;
};

static socklen_t make_ipv4(const struct record_endpoint *to, struct sockaddr_in *v4)
{
	v4->sin_family = AF_INET;
	v4->sin_port = htons(to->port);
	memcpy(&v4->sin_addr, to->address, 4);
	if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*v4);
}

static socklen_t make_ipv6(const struct record_endpoint *to, struct sockaddr_in6 *v6)
{
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(to->port);
	memcpy(&v6->sin6_addr, to->address, 16);
	if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		v6->sin6_addr = in6addr_loopback;
	return sizeof(*v6);
}

/* '@' begins an abstract name, which has a NUL there and none at its end. */
static socklen_t make_unix(const char *path, struct sockaddr_un *un)
{
	size_t len = strnlen(path, sizeof(un->sun_path) - 1);

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len);
	if (path[0] != '@')
		return offsetof(struct sockaddr_un, sun_path) + len + 1;
	un->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + len;
}

/* The address of the index-th listener. False past the last. */
static bool make_target(const struct model *model, size_t index, struct target *to)
{
	const struct record_endpoint *e = model__listener(model, index);

	if (!e)
		return false;
	memset(to, 0, sizeof(*to));
	if (e->family == AF_UNIX)
		to->len = make_unix(model__listener_path(model, index), (void *)&to->address);
	else if (e->family == AF_INET)
		to->len = make_ipv4(e, (void *)&to->address);
	else
		to->len = make_ipv6(e, (void *)&to->address);
	return true;
}

/* Member by member: what is between them is nobody's. */
static bool is_same(const struct target *a, const struct target *b)
{
	return a->len == b->len && !memcmp(&a->address, &b->address, a->len);
}

/* One target after another; listeners of a reuseport group are one target, with one address. */
static bool choose_target(struct client *c, const struct model *model, struct target *chosen)
{
	struct target distinct[TURNS_MAX], next;
	size_t cnt = 0;

	for (size_t i = 0; cnt < TURNS_MAX && make_target(model, i, &next); i++) {
		size_t seen = 0;

		while (seen < cnt && !is_same(&distinct[seen], &next))
			seen++;
		if (seen == cnt)
			distinct[cnt++] = next;
	}
	if (cnt)
		*chosen = distinct[turns__next(&c->turns, cnt)];
	return cnt;
}

/* ---- connecting ---- */

static void stop_awaiting(struct flight *f)
{
	if (f->awaited)
		loop__remove(f->client->loop, &f->source);
	f->awaited = false;
}

static void close_flight(struct flight *f)
{
	stop_awaiting(f);
	if (f->source.fd >= 0)
		close(f->source.fd);
	f->source.fd = -1;
}

static void give_up(struct flight *f, int error)
{
	f->client->failed++;
	f->client->reset += error == ECONNRESET;
	f->client->error = error;
	close_flight(f);
}

/* The socket that the path is to somebody whose root is another one: a host may have one of its own there. */
static int connect_below(int root, int fd, const char *path)
{
	const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	struct sockaddr_un via = {.sun_family = AF_UNIX};
	int there = syscall(SYS_openat2, root, path, &how, sizeof(how)), err;

	if (there < 0)
		return -errno;
	snprintf(via.sun_path, sizeof(via.sun_path), "/proc/self/fd/%d", there);
	err = connect(fd, (struct sockaddr *)&via, sizeof(via)) ? -errno : 0;
	close(there);
	return err;
}

static int connect_to(const struct client *c, int fd, const struct target *to)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&to->address;

	if (un->sun_family == AF_UNIX && un->sun_path[0] == '/' && c->root >= 0)
		return connect_below(c->root, fd, un->sun_path);
	return connect(fd, (const struct sockaddr *)un, to->len) ? -errno : 0;
}

/*
 * Connects, from another CPU each time if so wanted: over loopback the SYN is handled on the CPU
 * that sends it.
 */
static int connect_from_cpu(struct client *c, int fd, const struct target *to)
{
	size_t cpus = c->options.cpus < c->cpus.cnt ? c->options.cpus : c->cpus.cnt;
	int err = 0;

	if (cpus)
		err = cpus__pin(&c->cpus, (c->opened - 1) % cpus);
	if (!err)
		err = connect_to(c, fd, to);
	if (cpus)
		cpus__unpin(&c->cpus);
	return err == -EINPROGRESS ? 0 : err;
}

/*
 * A connection that is made says at once that nothing will come: a server that reads from it
 * sees the end and is not kept from its next accept.
 */
static void connected_or_failed(void *flight)
{
	struct flight *f = flight;
	socklen_t len = sizeof(int);
	int error = 0;

	stop_awaiting(f);
	if (getsockopt(f->source.fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		give_up(f, error ? error : errno);
		return;
	}
	shutdown(f->source.fd, SHUT_WR);
	f->connected = true;
	f->client->connected++;
}

/* Is it decided by now? Then that is taken note of. */
static bool look_at(struct flight *f)
{
	struct pollfd p = {.fd = f->source.fd, .events = POLLOUT};

	if (poll(&p, 1, 0) <= 0)
		return false;
	connected_or_failed(f);
	return true;
}

/* Over loopback the connection is mostly made before connect() returns. */
static int await_flight(struct flight *f)
{
	int err;

	if (look_at(f))
		return 0;
	err = loop__add(f->client->loop, &f->source, EPOLLOUT);
	f->awaited = !err;
	return err;
}

static int start_flight(struct client *c, struct flight *f, const struct target *target)
{
	int err;

	f->source.fd =
		socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->source.fd < 0)
		return -errno;
	err = connect_from_cpu(c, f->source.fd, target);
	return err ? err : await_flight(f);
}

static void open_flight(struct client *c, struct flight *f, const struct model *model,
			uint64_t now_ns)
{
	struct target target;
	int err = -ECONNREFUSED;

	c->opened++;
	pace__begin(&c->pace, PACE_BETWEEN, now_ns);
	f->connected = false;
	f->number = c->opened;
	f->started_ns = now_ns;
	if (choose_target(c, model, &target))
		err = start_flight(c, f, &target);
	if (err)
		give_up(f, -err);
}

/* It may be us who are late: a busy machine, or a stopped process, and the loop has not told of it yet. */
static void end_late_flights(struct client *c, uint64_t now_ns)
{
	for (unsigned i = 0; i < c->slots; i++) {
		struct flight *f = &c->flights[i];

		if (f->source.fd >= 0 && !f->connected &&
		    now_ns - f->started_ns > FLIGHT_LIMIT_NS && !look_at(f))
			give_up(f, ETIMEDOUT);
	}
}

/* ---- the client ---- */

struct client *client__new(const struct client_options *options, struct loop *loop)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->options = *options;
	c->loop = loop;
	c->root = -1;
	/* Room for connections that are accepted and not closed by us yet. */
	c->slots = options->concurrency * 2;
	c->flights = calloc(c->slots, sizeof(*c->flights));
	if (!c->flights || (options->cpus && cpus__read(&c->cpus))) {
		free(c->flights);
		free(c);
		return NULL;
	}
	for (unsigned i = 0; i < c->slots; i++)
		c->flights[i] = (struct flight){
			.client = c,
			.source = {.fd = -1, .ready = connected_or_failed, .arg = &c->flights[i]},
		};
	return c;
}

void client__free(struct client *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->slots; i++)
		close_flight(&c->flights[i]);
	if (c->root >= 0)
		close(c->root);
	free(c->flights);
	free(c);
}

int client__set_root(struct client *c, const char *root)
{
	c->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return c->root < 0 ? -errno : 0;
}

static struct flight *find_flight(struct client *c, bool free_one)
{
	struct flight *oldest = NULL;

	for (unsigned i = 0; i < c->slots; i++) {
		struct flight *f = &c->flights[i];

		if (free_one ? f->source.fd < 0
			     : f->source.fd >= 0 && f->connected &&
				       (!oldest || f->number < oldest->number))
			oldest = f;
	}
	return oldest;
}

static unsigned count_flights(const struct client *c)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < c->slots; i++)
		cnt += c->flights[i].source.fd >= 0;
	return cnt;
}

/* ---- when the next may open ---- */

static uint64_t in_flight(const struct client *c, const struct model_progress *p)
{
	uint64_t ended = p->ended - c->ended_before;
	unsigned made = c->opened - c->failed;

	return ended < made ? made - ended : 0;
}

/* Must every connection be accepted before the server is at rest? */
static bool queue_matters(const struct client *c)
{
	return c->pace.phase == PACE_AFTER || !c->options.leaves_queued;
}

static bool settled(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	model__progress(model, &p);
	return pace__settled(&c->pace, model, queue_matters(c) && in_flight(c, &p), now_ns);
}

static bool may_open(struct client *c, const struct model *model, uint64_t now_ns)
{
	uint64_t waited_ns = now_ns - c->pace.since_ns;
	struct model_progress p;

	if (!c->opened)
		return settled(c, model, now_ns);
	if (c->options.gap_ms >= 0 && waited_ns < c->options.gap_ms * NS_PER_MS)
		return false;
	if (c->options.concurrency == 1 && c->options.gap_ms < 0)
		return settled(c, model, now_ns);
	model__progress(model, &p);
	return in_flight(c, &p) < c->options.concurrency || waited_ns > FLIGHT_LIMIT_NS;
}

/* With all of them made: who goes on accepting, however slowly, is waited for as from now. */
static void mind_progress(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	model__progress(model, &p);
	if (c->pace.phase == PACE_BETWEEN && !c->options.leaves_queued &&
	    p.ended != c->ended_last && in_flight(c, &p))
		c->pace.since_ns = now_ns;
	c->ended_last = p.ended;
}

/* Closes what has been accepted: all but as many as are in flight, oldest first. */
static void close_flights(struct client *c, const struct model *model)
{
	struct model_progress p;
	struct flight *f;

	model__progress(model, &p);
	while (count_flights(c) > in_flight(c, &p) && (f = find_flight(c, false)))
		close_flight(f);
}

/* A free place; where waiting has come to an end without one, that of the oldest connection. */
static struct flight *free_flight(struct client *c)
{
	struct flight *f = find_flight(c, true);

	if (!f && (f = find_flight(c, false)))
		close_flight(f);
	return f;
}

static uint64_t count_arrived(const struct model_progress *p)
{
	return p->arrivals - p->refused;
}

static bool begin(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct model_progress p;

	model__progress(model, &p);
	if (!p.listeners)
		return false;
	c->begun = true;
	c->ended_before = p.ended;
	c->arrived_before = count_arrived(&p);
	pace__begin(&c->pace, PACE_BEFORE, now_ns);
	return true;
}

enum client_state client__step(struct client *c, const struct model *model, uint64_t now_ns)
{
	struct flight *f;

	if (!c->begun && !begin(c, model, now_ns))
		return CLIENT_WAITS_FOR_LISTENER;
	end_late_flights(c, now_ns);
	close_flights(c, model);
	while (c->opened < c->options.connections && may_open(c, model, now_ns) &&
	       (f = free_flight(c)))
		open_flight(c, f, model, now_ns);
	if (c->opened < c->options.connections || c->connected + c->failed < c->opened)
		return CLIENT_WORKS;
	mind_progress(c, model, now_ns);
	return settled(c, model, now_ns) ? CLIENT_DONE : CLIENT_WORKS;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the next connection may open, or the last have come to rest, if no record says that it is sooner. */
static uint64_t next_turn_ns(const struct client *c, uint64_t now_ns)
{
	uint64_t gap_ends_ns = c->pace.since_ns + c->options.gap_ms * NS_PER_MS;

	if (c->opened == c->options.connections)
		return c->connected + c->failed < c->opened ? LOOP_NEVER : pace__next_ns(&c->pace);
	if (!c->opened || (c->options.concurrency == 1 && c->options.gap_ms < 0))
		return pace__next_ns(&c->pace);
	if (c->options.gap_ms > 0 && gap_ends_ns > now_ns)
		return gap_ends_ns;
	return c->pace.since_ns + FLIGHT_LIMIT_NS + 1;
}

/* When the first of those that are on their way is given up. */
static uint64_t next_failure_ns(const struct client *c)
{
	uint64_t next_ns = LOOP_NEVER;

	for (unsigned i = 0; i < c->slots; i++) {
		const struct flight *f = &c->flights[i];

		if (f->source.fd >= 0 && !f->connected)
			next_ns = earlier(next_ns, f->started_ns + FLIGHT_LIMIT_NS + 1);
	}
	return next_ns;
}

uint64_t client__next_ns(const struct client *c, uint64_t now_ns)
{
	uint64_t next_ns;

	if (!c->begun)
		return LOOP_NEVER;
	next_ns = earlier(next_turn_ns(c, now_ns), next_failure_ns(c));
	return next_ns > now_ns ? next_ns : now_ns + STEP_NS;
}

void client__await_rest(struct client *c, uint64_t now_ns)
{
	pace__begin(&c->pace, PACE_AFTER, now_ns);
}

unsigned client__opened(const struct client *c)
{
	return c->opened;
}

unsigned client__arrived(const struct client *c, const struct model *model)
{
	struct model_progress p;
	uint64_t arrived;
	unsigned may_have;

	model__progress(model, &p);
	arrived = c->begun ? count_arrived(&p) - c->arrived_before : 0;
	may_have = c->connected + c->reset;
	return arrived < may_have ? arrived : may_have;
}

unsigned client__failed(const struct client *c, int *error)
{
	*error = c->error;
	return c->failed;
}
