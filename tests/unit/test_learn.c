// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Lessons: values of what was printed, files, pages on a terminal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "learn/course.h"
#include "learn/page.h"
#include "learn/value.h"
#include "learn/wrap.h"

/* ---- values ---- */

#define REPORT                                                                      \
	"{\"summary\": {\"wakes\": 46, \"connections\": 20, \"none\": 0},"          \
	" \"workers\": [{\"accepted\": 2}, {\"accepted\": 0}, {\"accepted\": 18}]," \
	" \"verdict\": {\"herd\": \"proved\"}, \"advice\": null,"                   \
	" \"connections\": [{\"wakes\": [{\"run\": 3}, {\"run\": 5}]}, {\"wakes\": []}]}"

static bool holds(const char *what, struct lesson_bounds bounds, const char *expected)
{
	struct outcome o = {
		.document = json_loads(REPORT, 0, NULL),
		.output = (char *)"one HOLDS\ntwo\nthree HOLDS\n",
		.drawing = (char *)"a  woken: swallowed\nb  sleeps on\nc  sleeps on\n",
		.status = 4,
	};
	char measured[VALUE_SIZE];
	bool does = value__holds(what, &bounds, &o, measured);

	assert_non_null(o.document);
	assert_string_equal(measured, expected);
	json_decref(o.document);
	return does;
}

static void test_values(void **state)
{
	(void)state;
	assert_true(holds("summary.wakes", (struct lesson_bounds){.is = "46"}, "46"));
	assert_false(holds("summary.wakes", (struct lesson_bounds){.is = "47"}, "46"));
	assert_true(holds("summary.wakes / summary.connections",
			  (struct lesson_bounds){.is = "2.30"}, "2.30"));
	/* As many decimals as it was said with. */
	assert_true(holds("summary.wakes / summary.connections", (struct lesson_bounds){.is = "2"},
			  "2"));
	assert_true(holds("workers.accepted", (struct lesson_bounds){.is = "20"}, "20"));
	assert_true(holds("max workers.accepted", (struct lesson_bounds){.is = "18"}, "18"));
	assert_true(holds("min workers.accepted", (struct lesson_bounds){.is = "0"}, "0"));
	assert_true(holds("count workers.accepted", (struct lesson_bounds){.is = "2"}, "2"));
	assert_true(holds("connections.wakes.run", (struct lesson_bounds){.is = "8"}, "8"));
	assert_true(holds("verdict.herd", (struct lesson_bounds){.is = "proved"}, "proved"));
	assert_true(holds("status", (struct lesson_bounds){.is = "4"}, "4"));
	assert_true(holds("lines HOLDS$", (struct lesson_bounds){.is = "2"}, "2"));
	assert_true(holds("drawn sleeps on$", (struct lesson_bounds){.is = "2"}, "2"));
	assert_true(holds("drawn HOLDS$", (struct lesson_bounds){.is = "0"}, "0"));
}

static void test_ranges(void **state)
{
	(void)state;
	assert_true(holds("summary.wakes / summary.connections",
			  (struct lesson_bounds){.least = "2.3", .most = "2.3"}, "2.3"));
	assert_false(holds("summary.wakes", (struct lesson_bounds){.least = "47"}, "46"));
	assert_false(holds("summary.wakes", (struct lesson_bounds){.most = "45"}, "46"));
	assert_true(holds("summary.wakes", (struct lesson_bounds){.most = "46"}, "46"));
	/* What is no number is in no range. */
	assert_false(holds("verdict.herd", (struct lesson_bounds){.least = "0"}, "proved"));
}

static void test_what_is_not_there(void **state)
{
	(void)state;
	assert_false(holds("summary.herds", (struct lesson_bounds){.least = "0"}, "not there"));
	assert_true(holds("summary.herds", (struct lesson_bounds){.is = "not there"}, "not there"));
	assert_false(holds("advice", (struct lesson_bounds){.is = "0"}, "not there"));
	assert_false(holds("summary.wakes / summary.none", (struct lesson_bounds){.least = "0"},
			   "not there"));
	assert_false(holds("lines (", (struct lesson_bounds){.is = "0"}, "not there"));
}

/* ---- files ---- */

#define DIRECTORY "/tmp/test_learn.XXXXXX"

struct files {
	char directory[sizeof(DIRECTORY)];
	char path[64];
};

static void write_file(struct files *f, const char *name, const char *text)
{
	FILE *out;

	snprintf(f->path, sizeof(f->path), "%s/%s", f->directory, name);
	out = fopen(f->path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void setup(struct files *f)
{
	strcpy(f->directory, DIRECTORY);
	assert_non_null(mkdtemp(f->directory));
}

static void teardown(struct files *f)
{
	unlink(f->path);
	rmdir(f->directory);
}

/* NULL: it was read. Else what the error says. */
static const char *load(const char *steps)
{
	static struct error error;
	char text[512];
	struct lesson lesson;
	struct files f;
	int err;

	setup(&f);
	snprintf(text, sizeof(text), "{\"title\": {\"en\": \"a\", \"zh\": \"b\"}, \"steps\": %s}",
		 steps);
	write_file(&f, "lesson.json", text);
	error = (struct error){0};
	err = lesson__load(&lesson, f.directory, ".", &error);
	if (!err)
		lesson__free(&lesson);
	teardown(&f);
	return err ? error.text : NULL;
}

#define STEP(values) "[{\"name\": \"s\", \"command\": \"true\", \"values\": [" values "]}]"

static void assert_refused(const char *steps, const char *why)
{
	const char *text = load(steps);

	assert_non_null(text);
	assert_non_null(strstr(text, why));
}

static void test_lesson(void **state)
{
	(void)state;
	assert_null(load(STEP("{\"name\": \"v\", \"value\": \"status\", \"is\": \"0\"}")));
	assert_refused("[]", "no steps");
	assert_refused("[{\"name\": \"s\"}]", "without a name or a command");
	assert_refused(STEP(""), "asserts nothing");
	assert_refused(STEP("{\"name\": \"v\", \"value\": \"status\"}"), "wants either");
	assert_refused(STEP("{\"name\": \"v\", \"value\": \"status\", \"is\": \"0\", "
			    "\"needs\": \"luck\"}"),
		       "not known");
	assert_refused(STEP("{\"name\": \"v\", \"value\": \"status\", \"is\": \"0\", "
			    "\"needs\": \"migrate\"}"),
		       "without");
	assert_refused("x", "token");
}

static void test_language(void **state)
{
	(void)state;
	setenv("LC_ALL", "", 1);
	setenv("LC_MESSAGES", "zh_CN.UTF-8", 1);
	setenv("LANG", "de_DE.UTF-8", 1);
	assert_int_equal(course__language(), 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_int_equal(course__language(), 0);
	unsetenv("LC_ALL");
	unsetenv("LC_MESSAGES");
	assert_int_equal(course__language(), 0);
}

/* ---- pages ---- */

struct story {
	FILE *out;
	int stop_after; /* runs; -1: none */
};

static int tell_run(void *context, const char *step)
{
	struct story *s = context;

	fprintf(s->out, "[run %s]\n", step);
	return s->stop_after-- == 0 ? -EINTR : 0;
}

static int tell_pause(void *context)
{
	fprintf(((struct story *)context)->out, "[pause]\n");
	return 0;
}

static bool tell_drawing(void *context, const char *step)
{
	fprintf(((struct story *)context)->out, "[drawing %s]\n", step);
	return true;
}

static void assert_page(const char *text, bool pictures, int stop_after, const char *expected)
{
	char *printed = NULL;
	size_t size;
	struct story story = {open_memstream(&printed, &size), stop_after};
	struct page_reader reader = {
		.context = &story,
		.run = tell_run,
		.pause = tell_pause,
		.draw = pictures ? NULL : tell_drawing,
		.shows_pictures = pictures,
	};
	struct terminal terminal = {.width = 40};
	struct error error = {0};
	struct files f;

	setup(&f);
	write_file(&f, "en.md", text);
	assert_int_equal(page__show(f.path, &reader, story.out, &terminal, &error),
			 stop_after < 0 ? 0 : -EINTR);
	assert_int_equal(fclose(story.out), 0);
	assert_string_equal(printed, expected);
	free(printed);
	teardown(&f);
}

#define PAGE                                                                                    \
	"# A title\n\nIt **is** 4.00<!--own.woken--> wakes.\n<!-- a remark -->\n<!--pause-->\n" \
	"<!--run own-->\n```\n$ herdtrace\n```\n<!--picture own-->\n```\na   "                  \
	"b\n```\n\n\n<!--drawing own-->\n```\nc   d\n```\n- end\n"

static void test_page(void **state)
{
	(void)state;
	assert_page(PAGE, true, -1,
		    "# A title\n\nIt is 4.00 wakes.\n[pause]\n[run own]\na   b\n\nc   d\n- end\n");
	assert_page(PAGE, false, -1,
		    "# A title\n\nIt is 4.00 wakes.\n[pause]\n[run own]\n[drawing own]\n- end\n");
	assert_page(PAGE, false, 0, "# A title\n\nIt is 4.00 wakes.\n[pause]\n[run own]\n");
}

static void assert_wrapped(const char *line, const char *expected)
{
	struct terminal terminal = {.width = 20};
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_int_equal(wrap__print(out, &terminal, line), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, expected);
	free(printed);
}

static void test_wrapping(void **state)
{
	(void)state;
	assert_wrapped("four workers sleep in accept", "four workers sleep\nin accept\n");
	assert_wrapped("- four workers sleep in accept", "- four workers\n  sleep in accept\n");
	/* Between any two of these, which are two cells wide; but no mark begins a line. */
	assert_wrapped("四个进程都睡在同一个，套接字里", "四个进程都睡在同一\n个，套接字里\n");
	assert_wrapped("a \033[31m b", "a \\x1b[31m b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_lesson),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_wrapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
