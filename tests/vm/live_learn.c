// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of herdtrace learn: a few lessons; 'make lessons' has all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_suites.h"

#define PRINTED "/tmp/live.learned"
#define ERRORS  "/tmp/live.err"

static char *read_printed(void)
{
	char *text = live__read_file(PRINTED);

	if (!*text)
		live__fail("nothing was printed");
	return text;
}

/* Returns what "herdtrace learn ARGUMENTS" has printed; the caller frees it. */
static char *learn(int status, const char *const arguments[])
{
	char *argv[LIVE_ARGS] = {(char *)live__herdtrace(), "learn"};

	for (size_t i = 0; arguments[i]; i++)
		argv[i + 2] = (char *)arguments[i];
	EXPECT_EQ("exit status", live__wait(live__spawn(argv, PRINTED, ERRORS)), status);
	return read_printed();
}

static unsigned count(const char *text, const char *what)
{
	unsigned cnt = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		cnt++;
	return cnt;
}

/* The chain, and what depends on the kernel. */
static void test_check(void)
{
	char *text;

	live__begin("learn --check: the numbers of two lessons come out");
	text = learn(0, (const char *[]){"--check", "shared-epoll", "13", NULL});
	EXPECT_EQ("numbers that did not", count(text, "not ok "), 0);
	EXPECT_TRUE("there are numbers", count(text, "ok ") >= 10);
	EXPECT_EQ("plans", count(text, "\n1.."), 1);
	if (live__has_failed())
		printf("%s", text);
	free(text);
	live__check_nothing_left();
	live__end();
}

static void test_show(void)
{
	char *text;

	live__begin("learn: a lesson is shown with what its commands print here");
	text = learn(0, (const char *[]){"1", "--lang=zh", NULL});
	EXPECT_EQ("runs", count(text, "THUNDERING HERD: REFUTED"), 2);
	EXPECT_TRUE("Chinese", count(text, "惊群") > 0);
	EXPECT_EQ("marks", count(text, "<!--"), 0);
	free(text);
	live__end();
}

/* A lesson that is told something else than happens: by a copy of all that belongs to it. */
static void test_wrong(void)
{
	static char *const copy[] = {
		"/bin/sh",
		"-c",
		"d=/tmp/live.course; rm -rf $d; "
		"mkdir -p $d/sbin $d/libexec $d/share/herdtrace/lessons/01-wrong && "
		"cp \"$1\" $d/sbin/herdtrace && cp -r \"$2\" $d/libexec/herdtrace && "
		"echo '{\"title\": {\"en\": \"a\", \"zh\": \"b\"}, \"steps\": [{\"name\": \"s\", "
		"\"command\": \"herdtrace -n 3 -- accept-server\", \"values\": [{\"name\": \"w\", "
		"\"value\": \"summary.wakes\", \"is\": \"4\"}]}]}' "
		">$d/share/herdtrace/lessons/01-wrong/lesson.json",
		"sh",
		NULL,
		NULL,
		NULL};
	char *argv[8], *text, servers[4096];
	char *installed[] = {"/tmp/live.course/sbin/herdtrace", "learn", "--check", NULL};

	live__begin("learn --check: what does not come out is told, also where it is installed");
	memcpy(argv, copy, sizeof(copy));
	snprintf(servers, sizeof(servers), "%s", live__server("."));
	argv[4] = (char *)live__herdtrace();
	argv[5] = servers;
	EXPECT_EQ("the copy", live__wait(live__spawn(argv, NULL, ERRORS)), 0);
	EXPECT_EQ("exit status", live__wait(live__spawn(installed, PRINTED, ERRORS)), 1);
	text = read_printed();
	EXPECT_EQ("numbers that did not", count(text, "not ok 1 - 01-wrong: s w 3 (4)\n"), 1);
	free(text);
	live__end();
}

void live__suite_learn(void)
{
	test_check();
	test_show();
	test_wrong();
}
