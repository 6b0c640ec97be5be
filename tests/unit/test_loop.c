// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Deadlines, descriptors and signals in one place. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"

static int open_loop(void **state)
{
	static struct loop loop;

	*state = &loop;
	return loop__open(&loop);
}

static int close_loop(void **state)
{
	loop__close(*state);
	/* Twice is once. */
	loop__close(*state);
	return 0;
}

/* ---- deadlines ---- */

static void test_deadline(void **state)
{
	uint64_t until_ns = clock__now_ns() + 3 * NS_PER_MS;

	assert_int_equal(loop__wait(*state, until_ns), 0);
	assert_true(clock__now_ns() >= until_ns);
}

/* What is past, the beginning of time included, is no reason to wait; nor is the one before it. */
static void test_past(void **state)
{
	assert_int_equal(loop__wait(*state, 0), 0);
	assert_int_equal(loop__wait(*state, 1), 0);
	assert_int_equal(loop__wait(*state, clock__now_ns()), 0);
}

/* ---- descriptors ---- */

struct end {
	struct loop_source source;
	struct loop *loop;
	struct end *other; /* that it removes and closes when it is served */
	int writer;
	unsigned served;
};

static void serve(void *arg)
{
	struct end *end = arg;
	char byte;

	end->served++;
	assert_int_equal(read(end->source.fd, &byte, 1), 1);
	if (end->other) {
		loop__remove(end->loop, &end->other->source);
		close(end->other->source.fd);
	}
}

static void make_ready(struct end *end)
{
	assert_int_equal(write(end->writer, "", 1), 1);
}

static void add_end(struct loop *loop, struct end *end)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	*end = (struct end){
		.source = {.fd = fds[0], .ready = serve, .arg = end},
		.loop = loop,
		.writer = fds[1],
	};
	assert_int_equal(loop__add(loop, &end->source, EPOLLIN), 0);
}

static void close_end(struct end *end)
{
	loop__remove(end->loop, &end->source);
	close(end->source.fd);
	close(end->writer);
}

static void test_descriptor(void **state)
{
	struct end end;

	add_end(*state, &end);
	assert_int_equal(loop__wait(*state, clock__now_ns()), 0);
	assert_int_equal(end.served, 0);
	make_ready(&end);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(end.served, 1);
	/* A deadline that was left behind does not cut the next wait short. */
	make_ready(&end);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(end.served, 2);
	close_end(&end);
}

static void test_one_at_a_time(void **state)
{
	struct end a, b;

	add_end(*state, &a);
	add_end(*state, &b);
	make_ready(&a);
	make_ready(&b);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(a.served + b.served, 1);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(a.served, 1);
	assert_int_equal(b.served, 1);
	close_end(&a);
	close_end(&b);
}

/* Whoever is served first closes the other, which was ready as well. */
static void test_removed_meanwhile(void **state)
{
	struct end a, b;

	add_end(*state, &a);
	add_end(*state, &b);
	a.other = &b;
	b.other = &a;
	make_ready(&a);
	make_ready(&b);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop__wait(*state, 0), 0);
	assert_int_equal(a.served + b.served, 1);
	close(a.served ? a.source.fd : b.source.fd);
	close(a.writer);
	close(b.writer);
}

/* Without a callback it ends the wait, again and again while it is ready. */
static void test_no_callback(void **state)
{
	struct end end;

	add_end(*state, &end);
	end.source.ready = NULL;
	make_ready(&end);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	close_end(&end);
}

/* ---- signals ---- */

static volatile sig_atomic_t caught;

static void on_alarm(int number)
{
	caught = number;
}

static void test_signal_ends_wait(void **state)
{
	const struct itimerval often = {.it_interval.tv_usec = 5000, .it_value.tv_usec = 5000};
	const struct sigaction action = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(caught, SIGALRM);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	signal(SIGALRM, SIG_DFL);
}

static void count(void *arg)
{
	++*(unsigned *)arg;
}

static void test_signalfd(void **state)
{
	unsigned served = 0;
	struct loop_source source = {.ready = count, .arg = &served};
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &before);
	source.fd = signalfd(-1, &set, SFD_CLOEXEC);
	assert_int_equal(loop__add(*state, &source, EPOLLIN), 0);
	assert_int_equal(loop__wait(*state, 0), 0);
	assert_int_equal(served, 0);
	raise(SIGUSR1);
	assert_int_equal(loop__wait(*state, LOOP_NEVER), 0);
	assert_int_equal(served, 1);
	loop__remove(*state, &source);
	signal(SIGUSR1, SIG_IGN); /* throws away what is pending */
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(source.fd);
}

/* ---- failures ---- */

static void test_failures(void **state)
{
	struct loop_source closed = {.fd = -1};
	struct rlimit before, few = {0};
	struct loop loop;

	assert_int_equal(loop__add(*state, &closed, EPOLLIN), -EBADF);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(loop__open(&loop), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(loop.epoll_fd, -1);
	assert_int_equal(loop.timer_fd, -1);
}

#define LOOP_TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_deadline),          LOOP_TEST(test_past),
		LOOP_TEST(test_descriptor),        LOOP_TEST(test_one_at_a_time),
		LOOP_TEST(test_removed_meanwhile), LOOP_TEST(test_no_callback),
		LOOP_TEST(test_signal_ends_wait),  LOOP_TEST(test_signalfd),
		LOOP_TEST(test_failures),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
