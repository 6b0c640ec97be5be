// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of top: on a terminal, and as lines. */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"

#define LINES_FILE  "/tmp/live-top.lines"
#define ERRORS_FILE "/tmp/live-top.errors"
#define DEADLINE_S  60
#define CONNECTIONS 20

/* ---- a terminal, and who sits in front of it ---- */

struct seat {
	int fd;
	pid_t pid;
	char seen[1 << 18]; /* since the screen was last drawn anew */
	size_t len;
};

/* At a terminal of 80 by 24. */
static void sit_down(struct seat *s, const char *term, char *const argv[])
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	s->len = 0;
	s->pid = forkpty(&s->fd, NULL, NULL, &size);
	if (s->pid)
		return;
	setenv("TERM", term, 1);
	setenv("LC_ALL", "C", 1);
	execv(argv[0], argv);
	_exit(127);
}

/* Reads what comes within a moment; false: nothing will come any more. */
static bool read_on(struct seat *s)
{
	struct pollfd in = {.fd = s->fd, .events = POLLIN};
	ssize_t got;

	while (poll(&in, 1, 200) > 0) {
		got = read(s->fd, s->seen + s->len, sizeof(s->seen) - 1 - s->len);
		if (got <= 0)
			return false;
		s->len += got;
		s->seen[s->len] = '\0';
		if (s->len > sizeof(s->seen) / 2)
			break;
	}
	return true;
}

static void read_until(struct seat *s, const char *text)
{
	time_t deadline = time(NULL) + DEADLINE_S;

	while (!strstr(s->seen, text) && time(NULL) < deadline && read_on(s))
		;
	if (!strstr(s->seen, text))
		live__fail("never printed: %s", text);
}

static void type(struct seat *s, const char *keys)
{
	EXPECT_EQ("keys typed", write(s->fd, keys, strlen(keys)), (long long)strlen(keys));
}

/* ncurses writes what has changed only: Ctrl-L makes it write all. */
static void expect_on_screen(struct seat *s, const char *text)
{
	time_t deadline = time(NULL) + DEADLINE_S;

	do {
		s->len = 0;
		s->seen[0] = '\0';
		type(s, "\f");
		if (!read_on(s))
			break;
		if (strstr(s->seen, text))
			return;
	} while (time(NULL) < deadline);
	live__fail("not on the screen: %s", text);
}

/* To its end, and as the terminal was before. */
static int stand_up(struct seat *s, const struct termios *before)
{
	time_t deadline = time(NULL) + DEADLINE_S;
	struct termios after = {0};
	int status = 0;

	while (waitpid(s->pid, &status, WNOHANG) == 0 && time(NULL) < deadline)
		read_on(s);
	read_on(s);
	tcgetattr(s->fd, &after);
	EXPECT_EQ("input modes", after.c_iflag, before->c_iflag);
	EXPECT_EQ("output modes", after.c_oflag, before->c_oflag);
	EXPECT_EQ("local modes", after.c_lflag, before->c_lflag);
	close(s->fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Below what was there before, once the screen that top had for itself is gone. */
static void check_last_screen(const struct seat *s)
{
	const char *left = strstr(s->seen, "\33[?1049l");

	EXPECT_TRUE("it leaves its screen", left);
	EXPECT_TRUE("the last screen stays", left && strstr(left, "in all: 20 connections"));
	EXPECT_TRUE("sums at the end", left && strstr(left, "at the end: 20 connections, "));
}

static void connect_often(void)
{
	for (int i = 0; i < CONNECTIONS; i++)
		EXPECT_TRUE("a connection", live__connect_once());
}

static void test_screen(void)
{
	char *argv[] = {(char *)live__herdtrace(),
			"top",
			"-i0.5",
			"--",
			(char *)live__server("epoll-server"),
			"-w4",
			NULL};
	static struct seat s;
	struct termios before;

	live__begin("top on a terminal");
	sit_down(&s, "xterm", argv);
	tcgetattr(s.fd, &before);
	expect_on_screen(&s, "1 listener");
	live__wait_asleep("epoll-server", 5);
	connect_often();
	expect_on_screen(&s, "in all: 20 connections");
	expect_on_screen(&s, "HERD: ");
	type(&s, "l");
	expect_on_screen(&s, "127.0.0.1:8888");
	expect_on_screen(&s, "0/4096");
	type(&s, "t");
	expect_on_screen(&s, "mean: ");
	ioctl(s.fd, TIOCSWINSZ, &(struct winsize){.ws_row = 10, .ws_col = 40});
	expect_on_screen(&s, "herd ");
	type(&s, "h");
	expect_on_screen(&s, "h back");
	type(&s, "hp");
	expect_on_screen(&s, "PAUSED");
	s.len = 0;
	type(&s, "q");
	EXPECT_EQ("exit status", stand_up(&s, &before), 0);
	check_last_screen(&s);
	live__check_nothing_left();
	live__end();
}

/* It says so, and goes on with lines. */
static void test_no_screen(void)
{
	char *argv[] = {(char *)live__herdtrace(),
			"top",
			"-i0.5",
			"--",
			(char *)live__server("accept-server"),
			NULL};
	static struct seat s;
	struct termios before;

	live__begin("top on a terminal that is no screen");
	sit_down(&s, "dumb", argv);
	tcgetattr(s.fd, &before);
	read_until(&s, " herd=");
	EXPECT_TRUE("it says why", strstr(s.seen, "this terminal is no screen (TERM is dumb): "
						  "lines, as with --plain"));
	EXPECT_TRUE("nothing moves", !strchr(s.seen, '\33'));
	kill(s.pid, SIGINT);
	EXPECT_EQ("exit status", stand_up(&s, &before), 0);
	live__check_nothing_left();
	live__end();
}

/* ---- lines ---- */

/* Of the lines that have a mark: the sum of what stands behind a key, or how many there are. */
static long sum_up(const char *mark, const char *key)
{
	FILE *f = fopen(LINES_FILE, "re");
	char *line = NULL;
	size_t size = 0;
	long sum = 0;

	while (f && getline(&line, &size, f) > 0) {
		const char *at = key ? strstr(line, key) : NULL;

		if (strstr(line, mark))
			sum += at ? atol(at + strlen(key)) : !key;
	}
	free(line);
	if (f)
		fclose(f);
	return sum;
}

static void wait_for_sum(const char *mark, const char *key, long wanted)
{
	time_t deadline = time(NULL) + DEADLINE_S;

	while (sum_up(mark, key) < wanted && time(NULL) < deadline)
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	EXPECT_TRUE("lines in time", sum_up(mark, key) >= wanted);
}

/* Some connections are told of in time, the others with the end: none is lost, and none comes twice. */
static void test_lines(void)
{
	char pid_text[16];
	char *server[] = {(char *)live__server("accept-server"), "-w4", NULL};
	char *argv[] = {
		(char *)live__herdtrace(), "top", "-i0.5", "--by=worker", "-p", pid_text, NULL};
	pid_t server_pid, pid;

	live__begin("top as lines");
	unlink(LINES_FILE);
	server_pid = live__spawn(server, NULL, NULL);
	EXPECT_TRUE("the server listens", live__connect_when_ready());
	snprintf(pid_text, sizeof(pid_text), "%d", server_pid);
	pid = live__spawn(argv, LINES_FILE, ERRORS_FILE);
	wait_for_sum(" herd=", NULL, 1);
	connect_often();
	wait_for_sum(" herd=", " connections=", CONNECTIONS);
	connect_often();
	kill(pid, SIGINT);
	EXPECT_EQ("exit status", live__wait(pid), 0);
	EXPECT_EQ("connections", sum_up(" herd=", " connections="), 2 * CONNECTIONS);
	EXPECT_EQ("... of workers", sum_up(" worker=", " connections="), 2 * CONNECTIONS);
	EXPECT_EQ("wakes of workers", sum_up(" worker=", " wakes="), sum_up(" herd=", " wakes="));
	EXPECT_EQ("wasted ones", sum_up(" worker=", " wasted="), sum_up(" herd=", " wasted="));
	kill(server_pid, SIGTERM);
	live__wait(server_pid);
	live__check_nothing_left();
	live__end();
}

void live__suite_top(void)
{
	test_screen();
	test_no_screen();
	test_lines();
}
