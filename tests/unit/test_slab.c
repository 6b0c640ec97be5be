// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Objects of a slab are apart from each other, zeros at first, and used again. */
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slab.h"

struct thing {
	void *link;
	char text[40];
};

/* More than a chunk has. */
#define MANY 1000

static void test_zeros_and_apart(void **state)
{
	struct slab s = {.size = sizeof(struct thing)};
	struct thing *things[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		things[i] = slab__take(&s);
		assert_non_null(things[i]);
		for (size_t at = 0; at < sizeof(struct thing); at++)
			assert_int_equal(((char *)things[i])[at], 0);
		memset(things[i], i % 251 + 1, sizeof(*things[i]));
	}
	for (int i = 0; i < MANY; i++)
		for (size_t at = 0; at < sizeof(struct thing); at++)
			assert_int_equal(((unsigned char *)things[i])[at], i % 251 + 1);
	slab__drop(&s);
	assert_null(s.chunks);
}

/* Nothing new while there is some, and what it begins with is another one's only. */
static void test_given_back_is_taken_again(void **state)
{
	struct slab s = {.size = sizeof(struct thing)};
	struct thing *things[MANY];
	bool seen[MANY] = {false};

	(void)state;
	assert_null(slab__take_given(&s));
	for (int i = 0; i < MANY; i++) {
		things[i] = slab__take(&s);
		snprintf(things[i]->text, sizeof(things[i]->text), "%d", i);
	}
	for (int i = 0; i < MANY; i++)
		slab__give(&s, things[i]);
	for (int i = 0; i < MANY; i++) {
		struct thing *thing = slab__take_given(&s);
		int which = atoi(thing->text);

		assert_ptr_equal(thing, things[which]);
		assert_false(seen[which]);
		seen[which] = true;
	}
	assert_null(slab__take_given(&s));
	slab__drop(&s);
}

/* What sanitizers find with malloc() they find here: use of what was given back, though others were taken since, and of
 * what is beside. */
static void test_wrong_use_is_found(void **state)
{
	struct slab s = {.size = sizeof(struct thing)};
	struct thing *first = slab__take(&s), *second = slab__take(&s);

	(void)state;
	assert_null(__asan_region_is_poisoned(first, sizeof(*first)));
	assert_int_equal(__asan_address_is_poisoned(first + 1), 1);
	assert_int_equal(__asan_address_is_poisoned((char *)second - 1), 1);
	slab__give(&s, first);
	slab__give(&s, second);
	for (int i = 0; i < 8; i++) {
		struct thing *other = slab__take(&s);

		assert_ptr_not_equal(other, first);
		for (size_t at = 0; at < sizeof(*first); at++)
			assert_int_equal(__asan_address_is_poisoned((char *)first + at), 1);
		slab__give(&s, other);
	}
	slab__drop(&s);
}

/* As much memory as there ever was at a time. */
static void test_does_not_grow(void **state)
{
	struct slab s = {.size = sizeof(struct thing)};
	struct slab_chunk *chunks;

	(void)state;
	slab__give(&s, slab__take(&s));
	chunks = s.chunks;
	for (int i = 0; i < MANY; i++)
		slab__give(&s, slab__take(&s));
	assert_ptr_equal(s.chunks, chunks);
	slab__drop(&s);
}

/* One that is larger than a chunk is one. */
static void test_large(void **state)
{
	struct slab s = {.size = 100000};
	char *a = slab__take(&s), *b = slab__take(&s);

	(void)state;
	memset(a, 1, s.size);
	memset(b, 2, s.size);
	assert_int_equal(a[s.size - 1], 1);
	slab__drop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeros_and_apart),
		cmocka_unit_test(test_given_back_is_taken_again),
		cmocka_unit_test(test_wrong_use_is_found),
		cmocka_unit_test(test_does_not_grow),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
