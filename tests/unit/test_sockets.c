// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which sockets /proc says that a process has. */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "target/sockets.h"
#include "tasks.h"

static int open_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static int bind_loopback(int family, int type)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = open_socket(family, type);

	assert_int_equal(family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
					   : bind(fd, (struct sockaddr *)&v6, sizeof(v6)),
			 0);
	return fd;
}

static void test_bound(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	(void)state;
	assert_false(sockets__take_udp(getpid()));
	for (size_t i = 0; i < 2; i++) {
		int fd = bind_loopback(families[i], SOCK_DGRAM);

		assert_true(sockets__take_udp(getpid()));
		close(fd);
		assert_false(sockets__take_udp(getpid()));
	}
}

/* A socket without a port, one that talks to somebody, one of another protocol. */
static void test_others(void **state)
{
	int unbound = open_socket(AF_INET, SOCK_DGRAM), tcp = bind_loopback(AF_INET, SOCK_STREAM);
	int connected = bind_loopback(AF_INET, SOCK_DGRAM);
	struct sockaddr_in to;
	socklen_t len = sizeof(to);

	(void)state;
	assert_int_equal(listen(tcp, 1), 0);
	assert_int_equal(getsockname(connected, (struct sockaddr *)&to, &len), 0);
	assert_int_equal(connect(connected, (struct sockaddr *)&to, len), 0);
	assert_false(sockets__take_udp(getpid()));
	close(unbound);
	close(tcp);
	close(connected);
}

/* What is closed by exec is nobody's, and what only could listen does not. */
static void test_inherited(void **state)
{
	int fd = bind_loopback(AF_INET, SOCK_STREAM);

	(void)state;
	assert_false(sockets__inherit_listener());
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_false(sockets__inherit_listener());
	assert_int_equal(listen(fd, 1), 0);
	assert_true(sockets__inherit_listener());
	assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	assert_false(sockets__inherit_listener());
	close(fd);
}

static void bind_and_sleep(void *unused)
{
	bind_loopback(AF_INET, SOCK_DGRAM);
	sleep_for_ever(unused);
}

static void sleep_without(void *unused)
{
	sleep_for_ever(unused);
}

/* Of a process below: of that, but not of its sibling. */
static void test_tree(void **state)
{
	pid_t with = start_child(bind_and_sleep, NULL), without = start_child(sleep_without, NULL);

	(void)state;
	await_rest(with, with, TASK_SLEEPS);
	assert_true(sockets__take_udp(with));
	assert_true(sockets__take_udp(getpid()));
	assert_false(sockets__take_udp(without));
	end_child(with);
	assert_false(sockets__take_udp(getpid()));
	assert_false(sockets__take_udp(NO_TASK));
	end_child(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
