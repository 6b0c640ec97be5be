// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* herdtrace-http and its end of the tracer: what clients get, and that nobody holds up the tracer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "metrics/endpoint.h"

#define PROGRAM     "build/herdtrace-http"
#define DEADLINE_NS (30 * NS_PER_SEC)
#define ANSWER_SIZE (1 << 20)

struct served {
	struct endpoint endpoint;
	struct loop loop;
	int port;
	unsigned texts; /* that were asked for */
	bool silent;    /* the tracer does not answer */
};

static int begin(void **state)
{
	struct served *s = calloc(1, sizeof(*s));
	struct error error = {0};

	*state = s;
	if (endpoint__open(&s->endpoint, "127.0.0.1:0", PROGRAM, &error))
		fail_msg("%s", error.text);
	assert_int_equal(sscanf(s->endpoint.url, "http://127.0.0.1:%d/metrics", &s->port), 1);
	assert_int_equal(loop__open(&s->loop), 0);
	return endpoint__add_to(&s->endpoint, &s->loop);
}

static int end(void **state)
{
	struct served *s = *state;

	endpoint__close(&s->endpoint);
	loop__close(&s->loop);
	free(s);
	return 0;
}

static void write_text(void *arg, FILE *out, enum http_format format)
{
	const struct served *s = arg;

	fprintf(out, "text %u in format %d\n", s->texts, format);
	/* More than a socket takes at once. */
	for (int i = 0; i < 10000; i++)
		fprintf(out, "# line %d\n", i);
}

static int connect_to(const struct served *s)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* What the tracer does all the time. */
static void turn(struct served *s)
{
	assert_int_equal(loop__wait(&s->loop, clock__now_ns() + NS_PER_MS), 0);
	if (!s->endpoint.wanted || s->silent)
		return;
	s->texts++;
	assert_int_equal(endpoint__send(&s->endpoint, write_text, s), 0);
}

/* All that comes until the other side closes. */
static char *read_answer(struct served *s, int fd)
{
	uint64_t end = clock__now_ns() + DEADLINE_NS;
	char *answer = malloc(ANSWER_SIZE);
	size_t used = 0;
	ssize_t got;

	do {
		turn(s);
		got = recv(fd, answer + used, ANSWER_SIZE - 1 - used, MSG_DONTWAIT);
		used += got > 0 ? got : 0;
		assert_true(clock__now_ns() < end);
	} while (got > 0 || (got < 0 && errno == EAGAIN));
	answer[used] = '\0';
	close(fd);
	return answer;
}

static char *ask(struct served *s, const char *request)
{
	int fd = connect_to(s);

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	return read_answer(s, fd);
}

#define REQUEST(line, more) line " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" more "\r\n"

static void expect_in(struct served *s, const char *request, const char *const words[])
{
	char *answer = ask(s, request);

	for (; *words; words++)
		if (!strstr(answer, *words))
			fail_msg("'%s' is not in: %.300s", *words, answer);
	free(answer);
}

#define EXPECT_IN(request, ...) expect_in(s, request, (const char *const[]){__VA_ARGS__, NULL})

/* ---- answers ---- */

static void test_metrics(void **state)
{
	struct served *s = *state;

	EXPECT_IN(REQUEST("GET /metrics", ""), "HTTP/1.1 200 ",
		  "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
		  "\r\n\r\ntext 1 in format 0\n", "# line 9999\n");
	EXPECT_IN(REQUEST("GET /metrics?x=y",
			  "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n"),
		  "HTTP/1.1 200 ",
		  "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n",
		  " in format 1\n", "# line 9999\n");
}

static void test_others(void **state)
{
	struct served *s = *state;
	char *head = ask(s, REQUEST("HEAD /metrics", ""));

	assert_true(strstr(head, "HTTP/1.1 200 ") && strstr(head, "Content-Length: "));
	assert_string_equal(head + strlen(head) - 4, "\r\n\r\n");
	free(head);
	EXPECT_IN(REQUEST("GET /", ""), "HTTP/1.1 200 ", "see /metrics");
	EXPECT_IN(REQUEST("GET /metrics/..", ""), "HTTP/1.1 404 ");
	EXPECT_IN(REQUEST("POST /metrics", "Content-Length: 99999999\r\n"), "HTTP/1.1 405 ",
		  "Allow: GET, HEAD\r\n");
	EXPECT_IN(REQUEST("DELETE /metrics", ""), "HTTP/1.1 405 ");
	assert_int_equal(s->texts, 1);
}

/* What comes at about the same time gets the same text: the tracer makes few. */
static void test_many(void **state)
{
	struct served *s = *state;
	int fds[40];

	for (size_t i = 0; i < 40; i++) {
		fds[i] = connect_to(s);
		send(fds[i], REQUEST("GET /metrics", ""), sizeof(REQUEST("GET /metrics", "")) - 1,
		     0);
	}
	for (size_t i = 0; i < 40; i++) {
		char *answer = read_answer(s, fds[i]);

		assert_non_null(strstr(answer, "# line 9999\n"));
		free(answer);
	}
	assert_in_range(s->texts, 1, 20);
}

/* ---- who is up to no good, or slow ---- */

static void test_slow(void **state)
{
	struct served *s = *state;
	int fds[60];

	for (size_t i = 0; i < 60; i++) {
		fds[i] = connect_to(s);
		assert_int_equal(send(fds[i], "GET /metr", i % 10, 0), i % 10);
	}
	EXPECT_IN(REQUEST("GET /metrics", ""), "HTTP/1.1 200 ", "# line 9999\n");
	for (size_t i = 0; i < 60; i++)
		close(fds[i]);
}

static void test_huge(void **state)
{
	struct served *s = *state;
	size_t size = 1 << 20;
	char *request = malloc(size + 1), *answer;
	int fd = connect_to(s);

	memset(request, 'x', size);
	memcpy(request, "GET /metrics HTTP/1.1\r\nA: ", 26);
	while (send(fd, request, size, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	shutdown(fd, SHUT_WR);
	answer = read_answer(s, fd);
	assert_null(strstr(answer, "HTTP/1.1 200 "));
	free(answer);
	free(request);
	EXPECT_IN("\x16\x03\x01\x02\r\n\r\n", "");
	EXPECT_IN(REQUEST("GET /metrics", ""), "HTTP/1.1 200 ", "# line 9999\n");
}

static void test_silent_tracer(void **state)
{
	struct served *s = *state;

	s->silent = true;
	EXPECT_IN(REQUEST("GET /metrics", ""), "HTTP/1.1 503 ", "does not answer");
	s->silent = false;
	EXPECT_IN(REQUEST("GET /metrics", ""), "HTTP/1.1 200 ", "# line 9999\n");
}

/* ---- the channel ---- */

static void test_nobody_reads(void **state)
{
	struct served s = {.endpoint = ENDPOINT_CLOSED};
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	s.endpoint.channel = pair[0];
	for (int i = 0; i < 300; i++)
		assert_int_equal(endpoint__send(&s.endpoint, write_text, &s), 0);
	close(pair[1]);
	assert_int_equal(endpoint__send(&s.endpoint, write_text, &s), 0);
	assert_int_equal(loop__open(&s.loop), 0);
	assert_int_equal(endpoint__add_to(&s.endpoint, &s.loop), 0);
	assert_int_equal(loop__wait(&s.loop, LOOP_NEVER), 0);
	assert_true(s.endpoint.gone && !s.endpoint.wanted);
	loop__close(&s.loop);
	endpoint__close(&s.endpoint);
}

/* It ends with the channel: then nobody has the address. */
static void test_end(void **state)
{
	struct served *s = *state;
	uint64_t end = clock__now_ns() + DEADLINE_NS;
	struct endpoint other;
	struct error error = {0};
	char address[32];

	snprintf(address, sizeof(address), "127.0.0.1:%d", s->port);
	assert_int_equal(endpoint__open(&other, address, PROGRAM, &error), -EADDRINUSE);
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_non_null(strstr(error.text, "somebody listens there already"));
	endpoint__close(&s->endpoint);
	do {
		assert_true(clock__now_ns() < end);
		error = (struct error){0};
	} while (endpoint__open(&other, address, PROGRAM, &error) == -EADDRINUSE);
	assert_string_equal(error.text, "");
	endpoint__close(&other);
}

static void test_bad_addresses(void **state)
{
	static const char *const bad[] = {"",           "9435",          "localhost:9435",
					  "127.0.0.1",  "1.2.3:x",       "::1:9435",
					  "[::1]",      "1.2.3.4:70000", "[]:1",
					  "1.2.3.4:-1", "1.2.3.4:"};
	struct endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error error = {0};

		if (endpoint__open(&e, bad[i], PROGRAM, &error) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(error.fault, FAULT_INPUT);
		assert_non_null(strstr(error.text, "--listen wants an address and a port"));
	}
}

static void test_no_program(void **state)
{
	struct endpoint e;
	struct error error = {0};

	(void)state;
	assert_true(endpoint__open(&e, "127.0.0.1:0", "build/no-such", &error) < 0);
	assert_int_equal(error.fault, FAULT_SYSTEM);
	error = (struct error){0};
	assert_true(endpoint__open(&e, "127.0.0.1:0", "/bin/true", &error) < 0);
	assert_non_null(strstr(error.text, "it does not begin to serve"));
	assert_int_equal(e.channel, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_metrics, begin, end),
		cmocka_unit_test_setup_teardown(test_others, begin, end),
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_slow, begin, end),
		cmocka_unit_test_setup_teardown(test_huge, begin, end),
		cmocka_unit_test_setup_teardown(test_silent_tracer, begin, end),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test_setup_teardown(test_end, begin, end),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_no_program),
	};

	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
