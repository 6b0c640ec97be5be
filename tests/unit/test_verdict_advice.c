// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Advice: only what the data supports, nothing that is so already, always with its price. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "verdict_fixture.h"

static void assert_says(const struct report *r, const char *words)
{
	if (!strstr(r->verdicts.advice, words))
		fail_msg("\"%s\" does not say \"%s\"", r->verdicts.advice, words);
}

static void assert_does_not_say(const struct report *r, const char *words)
{
	if (strstr(r->verdicts.advice, words))
		fail_msg("\"%s\" says \"%s\"", r->verdicts.advice, words);
}

static const struct {
	enum wake_cause first, others;
	const char *function, *cure, *price;
} cures[] = {
	{CAUSE_EPOLL, CAUSE_EPOLL, "ep_poll_callback()", "EPOLLEXCLUSIVE",
	 "the first that registered"},
	{CAUSE_EPOLL, CAUSE_CHAIN, "ep_done_scan()", "EPOLLET", "accept until EAGAIN"},
	{CAUSE_POLL, CAUSE_POLL, "pollwake()", "EPOLLEXCLUSIVE", "for nothing else"},
	{CAUSE_EPOLL, CAUSE_POLL, "pollwake()", "SO_REUSEPORT", "strands its queue"},
	{CAUSE_POLL, CAUSE_EPOLL, "ep_poll_callback()", "SO_REUSEPORT", "tcp_migrate_req"},
	{CAUSE_IO_URING, CAUSE_IO_URING, "io_poll_wake()", "SO_REUSEPORT", "in the long run"},
	{CAUSE_SIGNAL, CAUSE_SIGNAL, "SIGIO", "EPOLLEXCLUSIVE", "price"},
	{CAUSE_ACCEPT, CAUSE_ACCEPT, "blocking accept", "SO_REUSEPORT", "in the long run"},
	/* A blocking accept beside them is not what there is too much of. */
	{CAUSE_EPOLL, CAUSE_ACCEPT, "blocking accept", "SO_REUSEPORT", "price"},
};

/* By the cause of the wakes that were too many, not of those that every connection needs. */
static void test_cures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned n = 1; n <= 3; n++) {
			arrive(&t, 10 + n, 4, 1, cures[i].first);
			tape__arrival(&t, n, LISTENER);
			tape__wake_by(&t, FIRST, 0, FIRST + 2, CAUSE_LOCK);
			tape__wake(&t, n, FIRST, cures[i].first);
			tape__wake_by(&t, FIRST, n, FIRST + 1, cures[i].others);
			tape__accept(&t, FIRST, n);
			tape__sleep(&t, FIRST + 1);
		}
		r = complete(&t);
		assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
		assert_says(r, "127.0.0.1:8888 (4 workers)");
		assert_says(r, cures[i].function);
		assert_says(r, cures[i].cure);
		assert_says(r, cures[i].price);
		report__free(r);
	}
}

/* The listener that it is about is the one with most wakes for nothing. */
static void test_names_the_worst_listener(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 80);
	tape__listen(&t, 2, 8080);
	arrive(&t, 1, 2, 2, CAUSE_POLL);
	tape__arrival(&t, 2, 2);
	for (unsigned i = 0; i < 3; i++)
		tape__wake(&t, 2, 21 + i, CAUSE_EPOLL);
	for (unsigned i = 0; i < 3; i++)
		tape__sleep(&t, 21 + i);
	r = complete(&t);
	assert_says(r, "127.0.0.1:8080 (3 workers): ep_poll_callback()");
	report__free(r);
}

/* reuseport option set, but the workers share one socket (gunicorn --reuse-port): 4 waiters, 4 woken. */
static void test_reuseport_group_of_one(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 8888)->reuseport = 1;
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 4, 4, CAUSE_POLL);
	r = complete(&t);
	assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
	assert_says(r, "SO_REUSEPORT is set, but the group has one member");
	assert_does_not_say(r, "with SO_REUSEPORT");
	report__free(r);
}

/* A group already: one listener for each is what is left to say, or nothing. */
static void test_reuseport_group_is_shared(void **state)
{
	(void)state;
	for (unsigned listeners = 2; listeners <= 4; listeners += 2) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 0; i < listeners; i++)
			tape__listen(&t, LISTENER + i, 8888)->reuseport = 1;
		for (unsigned i = 1; i <= 20; i++)
			arrive(&t, i, 4, 4, CAUSE_EPOLL);
		r = complete(&t);
		assert_says(r, "EPOLLEXCLUSIVE");
		assert_does_not_say(r, "with SO_REUSEPORT");
		if (listeners == 2)
			assert_says(r, "a listener for each of the 4 workers: the group has 2");
		else
			assert_does_not_say(r, "the group");
		report__free(r);
	}
}

static void test_exclusive_already(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		struct tape t = {0};
		struct report *r;

		for (unsigned i = 1; i <= 3; i++) {
			tape__arrival(&t, i, LISTENER);
			for (unsigned n = 0; n < 4; n++)
				tape__waiter(&t, i, FIRST + n)->flags =
					known ? WAITER_KNOWN | (n ? WAITER_EXCLUSIVE : 0) : 0;
			for (unsigned n = 0; n < 2; n++)
				tape__wake(&t, i, FIRST + n, CAUSE_EPOLL);
			for (unsigned n = 0; n < 2; n++)
				tape__sleep(&t, FIRST + n);
		}
		r = complete(&t);
		if (known) {
			assert_does_not_say(r, "register it with EPOLLEXCLUSIVE");
			assert_says(r, "look for those that do not");
		} else {
			assert_says(r, "register it with EPOLLEXCLUSIVE");
		}
		report__free(r);
	}
}

/* One-shot already: what re-arms a ready item is epoll_ctl(), after the return to user space. */
static void test_rearmed_item(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		tape__arrival(&t, i, LISTENER);
		tape__wake(&t, i, FIRST, CAUSE_EPOLL);
		tape__return(&t, FIRST);
		tape__wake_by(&t, FIRST, i, FIRST + 1, CAUSE_CHAIN);
		tape__accept(&t, FIRST, i);
		tape__sleep(&t, FIRST);
		tape__sleep(&t, FIRST + 1);
	}
	r = complete(&t);
	assert_says(r, "armed the listener's epoll item again");
	assert_says(r, "accept until EAGAIN");
	assert_does_not_say(r, "EPOLLET");
	report__free(r);
}

/* AF_UNIX has no SO_REUSEPORT. */
static void test_unix(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__listen(&t, LISTENER, 0)->local = (struct record_endpoint){.family = AF_UNIX};
	tape__path(&t, LISTENER, "/run/x.sock");
	arrive(&t, 1, 2, 2, CAUSE_EPOLL);
	r = complete(&t);
	assert_says(r, "/run/x.sock (2 workers)");
	assert_does_not_say(r, "SO_REUSEPORT");
	report__free(r);
}

/* ---- against skew ---- */

static struct report *skewed(bool reuseport, enum wake_cause cause)
{
	struct tape t = {0};
	struct report *r;

	tape__listen(&t, LISTENER, 8888)->reuseport = reuseport;
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 4, 1, cause);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	return r;
}

static void test_against_skew(void **state)
{
	struct report *epoll = skewed(false, CAUSE_EPOLL), *one = skewed(true, CAUSE_EPOLL),
		      *accept = skewed(false, CAUSE_ACCEPT);

	(void)state;
	assert_says(epoll, "127.0.0.1:8888 (4 workers): epoll serves the same idle worker first");
	assert_says(epoll, "with SO_REUSEPORT (price: even only in the long run");
	assert_says(one, "the group has one member");
	assert_string_equal(accept->verdicts.advice, "");
	report__free(epoll);
	report__free(one);
	report__free(accept);
}

static void test_nothing_is_wrong(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		arrive(&t, i, 1, 1, CAUSE_EPOLL);
	r = complete(&t);
	assert_string_equal(r->verdicts.advice, "");
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cures),
		cmocka_unit_test(test_names_the_worst_listener),
		cmocka_unit_test(test_reuseport_group_of_one),
		cmocka_unit_test(test_reuseport_group_is_shared),
		cmocka_unit_test(test_exclusive_already),
		cmocka_unit_test(test_rearmed_item),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_against_skew),
		cmocka_unit_test(test_nothing_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
