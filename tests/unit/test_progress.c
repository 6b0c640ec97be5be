// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The line that shows that something is going on: on a terminal only, and not too often. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "print/progress.h"

/* Long after the start of the clock, as in any run. */
#define NOW (1000 * NS_PER_SEC)

struct terminal {
	int master;
	FILE *out;
};

static struct terminal open_terminal(void)
{
	struct terminal t = {.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)};

	assert_true(t.master >= 0 && !grantpt(t.master) && !unlockpt(t.master));
	t.out = fopen(ptsname(t.master), "w");
	assert_non_null(t.out);
	return t;
}

static void close_terminal(struct terminal *t)
{
	fclose(t->out);
	close(t->master);
}

/* It has got just this. */
static void assert_got(struct terminal *t, const char *expected)
{
	char text[256];
	ssize_t got;

	fflush(t->out);
	got = read(t->master, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	assert_string_equal(text, expected);
}

static void test_terminal(void **state)
{
	struct terminal t = open_terminal();
	struct progress p;

	(void)state;
	progress__begin(&p, t.out);
	assert_true(progress__is_due(&p, NOW));
	progress__show(&p, NOW, "%d of %s", 3, "ten");
	assert_got(&t, "\r\033[K3 of ten");
	assert_false(progress__is_due(&p, NOW + 199 * NS_PER_MS));
	assert_true(progress__is_due(&p, NOW + 200 * NS_PER_MS));
	progress__show(&p, NOW + 200 * NS_PER_MS, "four");
	assert_got(&t, "\r\033[Kfour");
	progress__end(&p);
	assert_got(&t, "\r\033[K");
	/* There is nothing left to take away. */
	progress__end(&p);
	assert_got(&t, "");
	close_terminal(&t);
}

/* One cell less than the terminal has: it goes to the next line after the last one. */
static void test_narrow(void **state)
{
	struct terminal t = open_terminal();
	struct winsize size = {.ws_col = 5};
	struct progress p;

	(void)state;
	assert_int_equal(ioctl(t.master, TIOCSWINSZ, &size), 0);
	progress__begin(&p, t.out);
	progress__show(&p, NOW, "abcdefgh");
	assert_got(&t, "\r\033[Kabcd");
	close_terminal(&t);
}

static void test_nothing_shown(void **state)
{
	struct terminal t = open_terminal();
	struct progress p;

	(void)state;
	progress__begin(&p, t.out);
	progress__end(&p);
	assert_got(&t, "");
	close_terminal(&t);
}

/* What is new is shown soon, and the time that goes by once a second. */
static void test_next(void **state)
{
	struct terminal t = open_terminal();
	FILE *file = tmpfile();
	struct progress p;

	(void)state;
	progress__begin(&p, t.out);
	progress__show(&p, NOW, "three");
	assert_int_equal(progress__next_ns(&p, true), NOW + 200 * NS_PER_MS);
	assert_true(progress__is_due(&p, progress__next_ns(&p, true)));
	assert_int_equal(progress__next_ns(&p, false), NOW + NS_PER_SEC);
	progress__begin(&p, file);
	assert_true(progress__next_ns(&p, true) == UINT64_MAX);
	fclose(file);
	close_terminal(&t);
}

static void test_dumb_terminal(void **state)
{
	struct terminal t = open_terminal();
	struct progress p;

	(void)state;
	setenv("TERM", "dumb", 1);
	progress__begin(&p, t.out);
	setenv("TERM", "xterm", 1);
	assert_false(progress__is_due(&p, NOW));
	progress__show(&p, NOW, "three");
	assert_got(&t, "");
	close_terminal(&t);
}

static void test_file(void **state)
{
	FILE *out = tmpfile();
	struct progress p;

	(void)state;
	assert_non_null(out);
	progress__begin(&p, out);
	assert_false(progress__is_due(&p, NOW));
	progress__end(&p);
	assert_int_equal(ftell(out), 0);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal),      cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_nothing_shown), cmocka_unit_test(test_next),
		cmocka_unit_test(test_dumb_terminal), cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
