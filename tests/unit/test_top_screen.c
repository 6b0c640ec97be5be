// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The screen on a terminal: what is shown arrives there, keys and sizes come back, and it is left as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "top/screen.h"

#define DEADLINE_MS 10000

struct terminal_test {
	int fd; /* the other side of the terminal */
	pid_t pid;
	char seen[65536];
	size_t len;
	struct termios before;
};

/* ---- who has the screen ---- */

static void show_key(struct screen *screen, int key)
{
	struct top_page page = {0};
	struct top_line lines[2] = {{.style = TOP_REVERSE}, {.mark_len = 2, .mark_style = TOP_RED}};
	unsigned width, height;

	screen__measure(screen, &width, &height);
	snprintf(lines[0].text, TOP_LINE_SIZE, "<key %d at %ux%u>", key, width, height);
	snprintf(lines[1].text, TOP_LINE_SIZE, "12 \xc2\xb5s");
	page.at = lines;
	page.cnt = 2;
	screen__show(screen, &page);
}

/* In the child, whose stdin, stdout and stderr are the terminal. Status 0: it was left by q. */
static void serve(void)
{
	struct screen *screen = screen__is_possible() ? screen__open(true) : NULL;
	bool gone = false;
	sigset_t resized, none;
	int key = 0;

	if (!screen)
		_exit(3);
	/* Between the last look for a key and the wait it would not end the wait. */
	sigemptyset(&none);
	sigemptyset(&resized);
	sigaddset(&resized, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resized, NULL);
	show_key(screen, 0);
	while (key != 'q' && !gone) {
		struct pollfd in = {.fd = screen__fd(screen), .events = POLLIN};

		ppoll(&in, 1, NULL, &none);
		while (key != 'q' && (key = screen__key(screen, &gone)) >= 0)
			show_key(screen, key);
	}
	screen__close(screen);
	if (!gone)
		fputs("<left>\n", stdout);
	fflush(stdout);
	/* No leak check: ncurses keeps some of its own. */
	_exit(gone ? 4 : 0);
}

/* As a terminal is when nobody has done anything to it. */
static void learn_modes(struct termios *modes)
{
	int master, slave;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(slave, modes), 0);
	close(master);
	close(slave);
}

static void begin(struct terminal_test *t, const char *term, const char *locale)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	memset(t, 0, sizeof(*t));
	learn_modes(&t->before);
	t->pid = forkpty(&t->fd, NULL, &t->before, &size);
	assert_true(t->pid >= 0);
	if (t->pid)
		return;
	setenv("TERM", term, 1);
	setenv("LC_ALL", locale, 1);
	/* Older than the terminal. */
	setenv("COLUMNS", "33", 1);
	serve();
}

/* ---- who sits in front of it ---- */

static void wait_for(struct terminal_test *t, const char *text)
{
	while (!strstr(t->seen, text)) {
		struct pollfd in = {.fd = t->fd, .events = POLLIN};
		ssize_t got;

		if (poll(&in, 1, DEADLINE_MS) <= 0)
			fail_msg("\"%s\" was never seen", text);
		got = read(t->fd, t->seen + t->len, sizeof(t->seen) - 1 - t->len);
		if (got <= 0)
			fail_msg("the terminal was left before \"%s\" was seen", text);
		t->len += got;
		t->seen[t->len] = '\0';
	}
}

static void type(struct terminal_test *t, const char *keys)
{
	t->len = 0;
	t->seen[0] = '\0';
	assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

static int end(struct terminal_test *t)
{
	int status;

	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	close(t->fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void test_screen(void **state)
{
	struct terminal_test t;
	struct termios after;

	(void)state;
	begin(&t, "xterm", "C.UTF-8");
	wait_for(&t, "<key 0 at 80x24>");
	wait_for(&t, " \xc2\xb5s");
	/* ncurses writes what has changed only. */
	type(&t, "\033OB");
	wait_for(&t, "257");
	/* Another size is a key too. */
	t.len = 0;
	assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &(struct winsize){.ws_row = 10, .ws_col = 40}), 0);
	wait_for(&t, "at 40x10>");
	type(&t, "q");
	wait_for(&t, "<left>");
	tcgetattr(t.fd, &after);
	assert_int_equal(t.before.c_lflag, after.c_lflag);
	assert_int_equal(t.before.c_iflag, after.c_iflag);
	assert_int_equal(t.before.c_oflag, after.c_oflag);
	assert_int_equal(end(&t), 0);
}

/* A terminal that is not described, or cannot do it. */
static void test_no_screen(void **state)
{
	static const char *const terms[] = {"dumb", "there-is-none", ""};
	struct terminal_test t;

	(void)state;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		begin(&t, terms[i], "C.UTF-8");
		assert_int_equal(end(&t), 3);
	}
}

/* When the terminal goes away nobody waits for keys for ever. */
static void test_gone(void **state)
{
	struct terminal_test t;

	(void)state;
	begin(&t, "xterm", "C");
	wait_for(&t, "<key 0 at 80x24>");
	close(t.fd);
	assert_in_set(end(&t), ((uintmax_t[]){4, 128 + SIGHUP}), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_no_screen),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests_name("top_screen", tests, NULL, NULL);
}
