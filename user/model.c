// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "model_state.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int vector__grow(void **at, size_t *cnt, size_t *capacity, size_t size)
{
	size_t room = *capacity ? *capacity * 2 : 16;
	void *larger;

	if (*cnt == *capacity) {
		larger = reallocarray(*at, room, size);
		if (!larger)
			return -ENOMEM;
		*at = larger;
		*capacity = room;
	}
	memset((char *)*at + *cnt * size, 0, size);
	return 0;
}

struct model *model__new(void)
{
	return calloc(1, sizeof(struct model));
}

static void free_tasks(struct model *m)
{
	struct model_task *t, *next;

	HASH_ITER(hh, m->tasks, t, next)
	{
		HASH_DEL(m->tasks, t);
		free(t);
	}
}

static void free_selections(struct model *m)
{
	struct model_selection *s, *next;

	HASH_ITER(hh, m->selections, s, next)
	{
		HASH_DEL(m->selections, s);
		free(s);
	}
}

void model__free(struct model *m)
{
	if (!m)
		return;
	free_tasks(m);
	free_selections(m);
	HASH_CLEAR(by_arrival, m->by_arrival);
	HASH_CLEAR(by_child, m->by_child);
	HASH_CLEAR(hh, m->open_listeners);
	for (size_t i = 0; i < m->listeners.cnt; i++)
		free(m->listeners.at[i]);
	for (size_t i = 0; i < m->connections.cnt; i++) {
		free(m->connections.at[i]->waiters.at);
		free(m->connections.at[i]->elsewhere.at);
		free(m->connections.at[i]);
	}
	for (size_t i = 0; i < m->hooks.cnt; i++) {
		free(m->hooks.at[i].function);
		free(m->hooks.at[i].how);
	}
	for (size_t i = 0; i < m->command.cnt; i++)
		free(m->command.at[i]);
	for (size_t i = 0; i < m->notes.cnt; i++)
		free(m->notes.at[i]);
	free(m->hooks.at);
	free(m->command.at);
	free(m->notes.at);
	free(m->listeners.at);
	free(m->workers.at);
	free(m->connections.at);
	free(m->wakes.at);
	free(m->release);
	free(m->arch);
	free(m->mode);
	free(m->server_exit);
	free(m);
}

/* ---- tasks and workers ---- */

static struct model_task *find_task(struct model *m, uint32_t tid)
{
	struct model_task *t;

	HASH_FIND(hh, m->tasks, &tid, sizeof(tid), t);
	return t;
}

static struct model_task *get_task(struct model *m, uint32_t tid, uint32_t tgid)
{
	struct model_task *t = find_task(m, tid);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->tgid = tgid;
	t->worker = t->open_wake = t->woken_for = t->orphans = t->evidence.connection = NONE;
	HASH_ADD(hh, m->tasks, tid, sizeof(t->tid), t);
	if (!t->hh.tbl) {
		free(t);
		return NULL;
	}
	return t;
}

static void set_comm(struct model *m, struct model_task *t, const char *comm)
{
	memcpy(t->comm, comm, RECORD_COMM_LEN);
	t->comm[RECORD_COMM_LEN] = '\0';
	if (t->worker != NONE)
		memcpy(m->workers.at[t->worker].comm, t->comm, sizeof(t->comm));
}

/* Index of the task's row among the workers, made on first use; NONE when out of memory. */
static size_t get_worker(struct model *m, struct model_task *t)
{
	struct model_worker *w;

	if (t->worker != NONE)
		return t->worker;
	w = vector_add(&m->workers);
	if (!w)
		return NONE;
	w->pid = t->tgid;
	w->tid = t->tid;
	memcpy(w->comm, t->comm, sizeof(w->comm));
	return t->worker = m->workers.cnt - 1;
}

/* ---- closing wakes ---- */

static enum wake_outcome judge(const struct model_evidence *e, enum wake_outcome otherwise)
{
	if (e->accepted)
		return OUTCOME_ACCEPTED;
	if (e->eagain)
		return OUTCOME_EAGAIN;
	if (otherwise == OUTCOME_SWALLOWED && e->returned)
		return OUTCOME_IDLE;
	return otherwise;
}

/*
 * Decides all open wakes of a task. otherwise: the outcome where the task has shown no sign of
 * what it did. exec_ns: CPU time it has used by now, 0 unknown.
 */
static void close_wakes(struct model *m, struct model_task *t, enum wake_outcome otherwise,
			uint64_t exec_ns)
{
	enum wake_outcome outcome = judge(&t->evidence, otherwise);

	while (t->open_wake != NONE) {
		struct model_wake *w = &m->wakes.at[t->open_wake];

		w->outcome = outcome;
		w->accepted = outcome == OUTCOME_ACCEPTED ? t->evidence.connection : NONE;
		if (exec_ns >= w->exec_ns && exec_ns)
			w->cpu_ns = elapsed_ns(w->exec_ns, exec_ns);
		t->open_wake = w->older_open;
		m->open_wakes--;
	}
	t->woken_for = NONE;
	t->evidence = (struct model_evidence){.connection = NONE};
}

static void end_task(struct model *m, struct model_task *t)
{
	close_wakes(m, t, OUTCOME_EXITED, 0);
	HASH_DEL(m->tasks, t);
	free(t);
}

/* ---- records, one function each ---- */

static char **meta_slot(struct model *m, enum meta_key key)
{
	switch (key) {
	case META_RELEASE: return &m->release;
	case META_ARCH: return &m->arch;
	case META_MODE: return &m->mode;
	case META_SERVER_EXIT: return &m->server_exit;
	case META_ARGUMENT: return vector_add(&m->command);
	case META_NOTE: return vector_add(&m->notes);
	default: return NULL;
	}
}

/* "FUNCTION HOW" */
static int add_hook(struct model *m, char *text)
{
	struct report_hook *hook = vector_add(&m->hooks);
	char *space = strrchr(text, ' ');

	if (!hook)
		return -ENOMEM;
	hook->how = strdup(space ? space + 1 : "");
	if (space)
		*space = '\0';
	hook->function = strdup(text);
	return hook->how && hook->function ? 0 : -ENOMEM;
}

static int add_meta(struct model *m, const struct record_meta *r)
{
	char *text = strndup((const char *)(r + 1), r->text_len);
	char **slot;
	int err;

	if (!text)
		return -ENOMEM;
	if (r->key == META_HOOK) {
		err = add_hook(m, text);
		free(text);
		return err;
	}
	slot = meta_slot(m, r->key);
	if (!slot) {
		free(text);
		return -ENOMEM;
	}
	free(*slot);
	*slot = text;
	return 0;
}

static int add_task(struct model *m, const struct record_task *r)
{
	struct model_task *t = find_task(m, r->header.tid);

	if (r->event == TASK_EXITED) {
		if (t)
			end_task(m, t);
		return 0;
	}
	/* A number that is used again is a new task. */
	if (t && r->event == TASK_FORKED)
		end_task(m, t);
	t = get_task(m, r->header.tid, r->tgid);
	if (!t)
		return -ENOMEM;
	set_comm(m, t, r->comm);
	return 0;
}

/* An open listener. */
static struct model_listener *find_listener(const struct model *m, uint64_t handle)
{
	struct model_listener *l;

	HASH_FIND(hh, m->open_listeners, &handle, sizeof(handle), l);
	return l;
}

/* The same, made when it is not known; NULL when out of memory. */
static struct model_listener *get_listener(struct model *m, uint64_t handle,
					   const struct record_endpoint *local)
{
	struct model_listener *l = find_listener(m, handle), **slot;

	if (l)
		return l;
	slot = vector_add(&m->listeners);
	if (!slot)
		return NULL;
	l = *slot = calloc(1, sizeof(*l));
	if (!l) {
		m->listeners.cnt--;
		return NULL;
	}
	l->index = m->listeners.cnt - 1;
	l->handle = handle;
	l->local = *local;
	HASH_ADD(hh, m->open_listeners, handle, sizeof(l->handle), l);
	return l->hh.tbl ? l : NULL;
}

/* A first connection may have been faster: it made the listener known. */
static int add_listen(struct model *m, const struct record_listen *r)
{
	struct model_listener *l = get_listener(m, r->listener, &r->local);

	if (!l)
		return -ENOMEM;
	l->local = r->local;
	l->reuseport = r->reuseport;
	m->queued += r->queued;
	return 0;
}

/* What still waits in the queue of a closed listener is lost. */
static void add_unlisten(struct model *m, const struct record_unlisten *r)
{
	struct model_listener *l = find_listener(m, r->listener);

	if (!l)
		return;
	l->closed = true;
	HASH_DELETE(hh, m->open_listeners, l);
	for (struct model_connection *c = l->newest; c; c = c->older) {
		if (c->end == CONNECTION_WAITING && !c->refused) {
			c->end = CONNECTION_LOST;
			m->lost++;
		}
	}
}

/* The packet of an IPv4 client is IPv4, the socket that a dual-stack listener makes of it IPv6. */
static struct selection_key selection_key(const struct model_listener *l,
					  const struct record_endpoint *peer)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct selection_key key = {.listener = l->index, .peer = *peer};

	if (peer->family == AF_INET6 && !memcmp(peer->address, mapped, sizeof(mapped))) {
		key.peer = (struct record_endpoint){.family = AF_INET, .port = peer->port};
		memcpy(key.peer.address, peer->address + sizeof(mapped), 4);
	}
	return key;
}

static int add_select(struct model *m, const struct record_select *r)
{
	const struct model_listener *l = find_listener(m, r->listener);
	struct selection_key key;
	struct model_selection *s;

	if (!l)
		return 0;
	key = selection_key(l, &r->peer);
	HASH_FIND(hh, m->selections, &key, sizeof(key), s);
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->key = key;
		HASH_ADD(hh, m->selections, key, sizeof(s->key), s);
		if (!s->hh.tbl) {
			free(s);
			return -ENOMEM;
		}
	}
	s->what = (struct report_selection){
		.present = true,
		.hash = r->hash,
		.socks = r->socks,
		.index = r->index,
		.predicted = r->predicted,
		.program = r->program,
	};
	return 0;
}

/* The selection that led a peer to a listener, used up by its connection. */
static void take_selection(struct model *m, struct model_connection *c)
{
	struct selection_key key = selection_key(c->listener, &c->peer);
	struct model_selection *s;

	HASH_FIND(hh, m->selections, &key, sizeof(key), s);
	if (!s)
		return;
	c->selection = s->what;
	HASH_DEL(m->selections, s);
	free(s);
}

static struct model_connection *find_arrival(struct model *m, uint64_t arrival)
{
	struct model_connection *c;

	HASH_FIND(by_arrival, m->by_arrival, &arrival, sizeof(arrival), c);
	return c;
}

/* A socket's memory is used again: the newest connection has the handle. */
static int index_connection(struct model *m, struct model_connection *c)
{
	struct model_connection *old;

	if (find_arrival(m, c->arrival))
		m->contradictions++;
	HASH_FIND(by_child, m->by_child, &c->child, sizeof(c->child), old);
	if (old)
		HASH_DELETE(by_child, m->by_child, old);
	HASH_ADD(by_child, m->by_child, child, sizeof(c->child), c);
	HASH_ADD(by_arrival, m->by_arrival, arrival, sizeof(c->arrival), c);
	return c->by_child.tbl && c->by_arrival.tbl ? 0 : -ENOMEM;
}

/* A listener that no LISTEN record announced is known by its first connection. */
static int add_arrival(struct model *m, const struct record_arrival *r)
{
	struct model_listener *listener = get_listener(m, r->listener, &r->local);
	struct model_connection **slot, *c;

	if (!listener)
		return -ENOMEM;
	slot = vector_add(&m->connections);
	if (!slot)
		return -ENOMEM;
	c = *slot = calloc(1, sizeof(*c));
	if (!c) {
		m->connections.cnt--;
		return -ENOMEM;
	}
	c->index = m->connections.cnt - 1;
	c->arrival = r->arrival;
	c->child = r->child;
	c->time_ns = r->header.time_ns;
	c->listener = listener;
	c->older = listener->newest;
	listener->newest = c;
	c->first_wake = m->wakes.cnt;
	c->peer = r->peer;
	c->end = CONNECTION_WAITING;
	c->accepted_by = NONE;
	take_selection(m, c);
	m->arrivals++;
	return index_connection(m, c);
}

static void add_refused(struct model *m, const struct record_refused *r)
{
	struct model_connection *c = find_arrival(m, r->arrival);

	if (!c || c->refused || c->end == CONNECTION_ACCEPTED) {
		m->contradictions++;
		return;
	}
	/* Refused because its listener had closed: it never was in the queue. */
	m->lost -= c->end == CONNECTION_LOST;
	c->refused = true;
	m->refused++;
}

static int add_waiter(struct model *m, const struct record_waiter *r)
{
	struct model_connection *c = find_arrival(m, r->arrival);
	struct model_task *t = get_task(m, r->header.tid, r->tgid);
	size_t worker = t ? get_worker(m, t) : NONE, *slot;

	if (worker == NONE)
		return -ENOMEM;
	if (!c) {
		m->contradictions++;
		return 0;
	}
	slot = r->elsewhere ? vector_add(&c->elsewhere) : vector_add(&c->waiters);
	if (!slot)
		return -ENOMEM;
	*slot = worker;
	return 0;
}

/* A long queue is walked in several calls up to 6.5: one arrival all the same. */
static void add_walk(struct model *m, const struct record_walk *r)
{
	struct model_connection *c = find_arrival(m, r->arrival);

	if (!c) {
		m->contradictions++;
		return;
	}
	c->offers += r->offers;
	c->truncated |= r->truncated != 0;
}

/*
 * Which connection is a wake for? The walk says so, but for a lock hand-over, which is for what
 * the waker is after, and a chain wake, which is for what the waker was woken for. Once the waker
 * has returned, it is a later call that hands on (epoll_ctl() with EPOLLONESHOT, say), and what
 * the item was last offered for counts.
 */
static size_t wake_connection(struct model *m, const struct record_wake *r,
			      const struct model_task *waker)
{
	size_t own = waker ? waker->woken_for : NONE;
	struct model_connection *c;

	if (r->cause == CAUSE_LOCK)
		return own;
	if (r->cause == CAUSE_CHAIN && own != NONE && !waker->evidence.returned)
		return own;
	c = find_arrival(m, r->arrival);
	return c ? c->index : NONE;
}

static void count_wake(struct model *m, const struct model_wake *w)
{
	m->open_wakes++;
	if (w->cause == CAUSE_LOCK)
		return;
	m->herd_wakes++;
	if (w->connection == NONE)
		m->contradictions++;
	if (w->cause == CAUSE_OTHER)
		m->unknown_causes++;
}

/* Adds a wake, the newest open one of its task; NULL when out of memory. */
static struct model_wake *open_wake(struct model *m, struct model_task *t, size_t connection,
				    const struct record_wake *r)
{
	struct model_wake *w = vector_add(&m->wakes);

	if (!w)
		return NULL;
	w->connection = connection;
	w->worker = t->worker;
	w->waker_tid = r->waker_tid;
	w->cause = r->cause;
	w->outcome = OUTCOME_PENDING;
	w->accepted = NONE;
	w->time_ns = r->header.time_ns;
	w->exec_ns = r->exec_ns;
	w->run_ns = w->cpu_ns = REPORT_UNKNOWN_NS;
	w->older_open = t->open_wake;
	w->older_orphan = NONE;
	t->open_wake = m->wakes.cnt - 1;
	return w;
}

static int add_wake(struct model *m, const struct record_wake *r)
{
	struct model_task *t = get_task(m, r->header.tid, r->tgid);
	struct model_task *waker = find_task(m, r->waker_tid);
	size_t connection = wake_connection(m, r, waker);
	struct model_wake *w;

	if (!t)
		return -ENOMEM;
	set_comm(m, t, r->comm);
	if (get_worker(m, t) == NONE)
		return -ENOMEM;
	/* Woken again without a sleep in between that a switch would have shown: it was on its way
	 * to sleep. What it did until now is what came of the wake before. */
	if (r->cause != CAUSE_LOCK) {
		close_wakes(m, t, OUTCOME_SWALLOWED, r->exec_ns);
		t->woken_for = connection;
	}
	w = open_wake(m, t, connection, r);
	if (!w)
		return -ENOMEM;
	if (w->cause == CAUSE_LOCK && connection == NONE && waker) {
		w->older_orphan = waker->orphans;
		waker->orphans = m->wakes.cnt - 1;
	}
	count_wake(m, w);
	return 0;
}

static void add_run(struct model *m, const struct record_run *r)
{
	struct model_task *t = find_task(m, r->header.tid);
	size_t at = t ? t->open_wake : NONE;

	/* Wakes older than one that has run have run, too. */
	while (at != NONE && !m->wakes.at[at].ran) {
		struct model_wake *w = &m->wakes.at[at];

		w->ran = true;
		if (r->header.time_ns >= w->time_ns)
			w->run_ns = elapsed_ns(w->time_ns, r->header.time_ns);
		at = w->older_open;
	}
}

/*
 * The hand-overs that this task made on its way to the connection are for it; not those that it
 * made before the connection came, when it went to sleep in accept.
 */
static void adopt_orphans(struct model *m, struct model_task *t, const struct model_connection *c)
{
	size_t at = c ? t->orphans : NONE;

	while (at != NONE && at >= c->first_wake) {
		m->wakes.at[at].connection = c->index;
		at = m->wakes.at[at].older_orphan;
	}
	t->orphans = NONE;
}

static void accept_connection(struct model *m, struct model_task *t, const struct record_accept *r)
{
	struct model_connection *c;

	HASH_FIND(by_child, m->by_child, &r->child, sizeof(r->child), c);
	adopt_orphans(m, t, c);
	t->woken_for = NONE;
	if (t->open_wake != NONE && !t->evidence.accepted) {
		t->evidence.accepted = true;
		t->evidence.connection = c ? c->index : NONE;
	}
	if (!c) {
		m->accepted_untracked++;
		return;
	}
	HASH_DELETE(by_child, m->by_child, c);
	if (c->refused) {
		m->contradictions++;
		return;
	}
	/* Its listener closed, and another one of the group took it over (tcp_migrate_req). */
	m->lost -= c->end == CONNECTION_LOST;
	c->end = CONNECTION_ACCEPTED;
	c->accept_ns = r->header.time_ns;
	c->accepted_by = t->worker;
	m->workers.at[t->worker].accepted++;
	m->accepted++;
}

static int add_accept(struct model *m, const struct record_accept *r)
{
	struct model_task *t = get_task(m, r->header.tid, r->tgid);

	if (!t || get_worker(m, t) == NONE)
		return -ENOMEM;
	if (r->child) {
		accept_connection(m, t, r);
		return 0;
	}
	t->orphans = NONE;
	if (t->open_wake == NONE)
		return 0;
	t->evidence.returned = true;
	t->evidence.eagain |= r->error == -EAGAIN;
	return 0;
}

static void add_return(struct model *m, const struct record_return *r)
{
	struct model_task *t = find_task(m, r->header.tid);

	if (t && t->open_wake != NONE)
		t->evidence.returned = true;
}

static void add_sleep(struct model *m, const struct record_sleep *r)
{
	struct model_task *t = find_task(m, r->header.tid);

	if (t)
		close_wakes(m, t, OUTCOME_SWALLOWED, r->exec_ns);
}

static int add_record(struct model *m, const union record_any *r)
{
	switch (r->header.type) {
	case RECORD_META: return add_meta(m, &r->meta);
	case RECORD_TASK: return add_task(m, &r->task);
	case RECORD_LISTEN: return add_listen(m, &r->listen);
	case RECORD_UNLISTEN: add_unlisten(m, &r->unlisten); return 0;
	case RECORD_SELECT: return add_select(m, &r->select);
	case RECORD_ARRIVAL: return add_arrival(m, &r->arrival);
	case RECORD_REFUSED: add_refused(m, &r->refused); return 0;
	case RECORD_WAITER: return add_waiter(m, &r->waiter);
	case RECORD_WALK: add_walk(m, &r->walk); return 0;
	case RECORD_WAKE: return add_wake(m, &r->wake);
	case RECORD_RUN: add_run(m, &r->run); return 0;
	case RECORD_ACCEPT: return add_accept(m, &r->accept);
	case RECORD_RETURN: add_return(m, &r->ret); return 0;
	case RECORD_SLEEP: add_sleep(m, &r->sleep); return 0;
	case RECORD_END:
		m->end = r->end;
		m->ended = true;
		return 0;
	default: return 0;
	}
}

int model__add(struct model *m, const struct record_header *record)
{
	if (record->time_ns > m->last_ns)
		m->last_ns = record->time_ns;
	return add_record(m, (const union record_any *)record);
}

/* ---- where it stands ---- */

void model__progress(const struct model *m, struct model_progress *p)
{
	*p = (struct model_progress){
		.arrivals = m->arrivals,
		.accepted = m->accepted,
		.ended = m->accepted + m->refused + m->lost,
		.wakes = m->herd_wakes,
		.open_wakes = m->open_wakes,
		.live_tasks = HASH_COUNT(m->tasks),
	};
	for (size_t i = 0; i < m->listeners.cnt; i++)
		p->listeners += !m->listeners.at[i]->closed;
}

const struct record_endpoint *model__listener(const struct model *m, size_t index)
{
	for (size_t i = 0; i < m->listeners.cnt; i++)
		if (!m->listeners.at[i]->closed && index-- == 0)
			return &m->listeners.at[i]->local;
	return NULL;
}

void model__each_task(const struct model *m, model_task_visitor visit, void *arg)
{
	for (const struct model_task *t = m->tasks; t; t = t->hh.next)
		visit(arg, t->tid, t->tgid, t->open_wake != NONE);
}
