// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which connections the kernel side is made to forget, on maps that are arrays. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "bpf/listener_state.h"
#include "bpf/record.h"
#include "tracer/purge.h"

#define QUEUED_FD    3
#define LISTENERS_FD 4
#define ROOM         16

struct entry {
	uint64_t key;
	union {
		struct queued_connection connection;
		struct listener_state listener;
	};
};

struct map {
	struct entry at[ROOM];
	size_t cnt;
	int error; /* of looking into it */
};

static struct map queued, listeners;
static uint64_t closes_meanwhile; /* a connection that is gone after the first look at one */

static struct map *map_of(int fd)
{
	return fd == QUEUED_FD ? &queued : &listeners;
}

static struct entry *find(struct map *map, const uint64_t *key)
{
	for (size_t i = 0; i < map->cnt; i++)
		if (map->at[i].key == *key)
			return &map->at[i];
	return NULL;
}

/* ---- what libbpf would be ---- */

/* As the kernel: a key that is not there any more begins anew. */
int bpf_map_get_next_key(int fd, const void *key, void *next_key)
{
	struct map *map = map_of(fd);
	const struct entry *from = key ? find(map, key) : NULL;
	size_t next = from ? (size_t)(from - map->at) + 1 : 0;

	if (next >= map->cnt)
		return -ENOENT;
	memcpy(next_key, &map->at[next].key, sizeof(uint64_t));
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct map *map = map_of(fd);
	struct entry *e = find(map, key);

	if (!e)
		return -ENOENT;
	map->cnt--;
	memmove(e, e + 1, (char *)&map->at[map->cnt] - (char *)e);
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct map *map = map_of(fd);
	const struct entry *e = find(map, key);

	if (map->error)
		return map->error;
	if (!e)
		return -ENOENT;
	if (map == &queued)
		memcpy(value, &e->connection, sizeof(e->connection));
	else
		memcpy(value, &e->listener, sizeof(e->listener));
	if (closes_meanwhile)
		bpf_map_delete_elem(QUEUED_FD, &closes_meanwhile);
	closes_meanwhile = 0;
	return 0;
}

/* ---- the tests ---- */

static int setup(void **state)
{
	(void)state;
	queued = listeners = (struct map){0};
	closes_meanwhile = 0;
	return 0;
}

static void add_listener(uint64_t sock, uint64_t since_ns)
{
	struct entry *e = &listeners.at[listeners.cnt++];

	e->key = sock;
	e->listener = (struct listener_state){.since_ns = since_ns};
}

static void add_connection(uint64_t sock, uint64_t listener, uint64_t since_ns)
{
	struct entry *e = &queued.at[queued.cnt++];

	e->key = sock;
	e->connection = (struct queued_connection){.listener = listener, .since_ns = since_ns};
}

static void purge(void)
{
	purge__orphans(QUEUED_FD, LISTENERS_FD, ROOM);
}

static void test_nothing(void **state)
{
	(void)state;
	purge();
	assert_int_equal(queued.cnt, 0);
}

static void test_closed(void **state)
{
	(void)state;
	add_listener(0x10, 1);
	add_connection(0x100, 0x10, 1);
	add_connection(0x101, 0x20, 2);
	add_connection(0x102, 0x10, 1);
	purge();
	assert_int_equal(queued.cnt, 2);
	assert_int_equal(queued.at[0].key, 0x100);
	assert_int_equal(queued.at[1].key, 0x102);
}

/* A new listener lies where the closed one was: only the connections of the new one are left. */
static void test_same_address(void **state)
{
	(void)state;
	add_listener(0x10, 7);
	add_connection(0x100, 0x10, 1);
	add_connection(0x101, 0x10, 7);
	add_connection(0x102, 0x10, 1);
	purge();
	assert_int_equal(queued.cnt, 1);
	assert_int_equal(queued.at[0].key, 0x101);
}

/* Whether there is a listener was not answered. */
static void test_error(void **state)
{
	(void)state;
	add_connection(0x100, 0x10, 1);
	listeners.error = -EPERM;
	purge();
	assert_int_equal(queued.cnt, 1);
}

/* The key from which to go on is accepted meanwhile: the walk begins anew, finds all, and ends. */
static void test_changes_meanwhile(void **state)
{
	(void)state;
	add_listener(0x10, 1);
	for (uint64_t i = 0; i < 4; i++)
		add_connection(0x100 + i, 0x10, 1);
	add_connection(0x200, 0x20, 1);
	closes_meanwhile = 0x101;
	purge();
	assert_int_equal(queued.cnt, 3);
	assert_null(find(&queued, &(uint64_t){0x200}));
}

/* No more turns than there can be entries, whatever the kernel says comes next. */
static void test_ends(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		add_connection(0x100 + i, 0x20, 1);
	purge__orphans(QUEUED_FD, LISTENERS_FD, 3);
	assert_int_equal(queued.cnt, 1);
}

static void test_due(void **state)
{
	(void)state;
	struct record_unlisten r = {.header = {.type = RECORD_UNLISTEN, .len = sizeof(r)}};

	assert_true(purge__is_due(&r, sizeof(r)));
	assert_false(purge__is_due(&r, sizeof(r.header) - 1));
	r.header.type = RECORD_LISTEN;
	assert_false(purge__is_due(&r, sizeof(r)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing, setup),
		cmocka_unit_test_setup(test_closed, setup),
		cmocka_unit_test_setup(test_same_address, setup),
		cmocka_unit_test_setup(test_error, setup),
		cmocka_unit_test_setup(test_changes_meanwhile, setup),
		cmocka_unit_test_setup(test_ends, setup),
		cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
