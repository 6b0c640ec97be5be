// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Comparing documents: which are refused, what differs, and that their texts do no harm. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compare/rows.h"

#define CLAIMS(RELEASE, MEASURED, RESULT)                                                  \
	"{\"schema\": \"herdtrace-verify/1\", \"kernel\": {\"release\": \"" RELEASE "\"}," \
	"\"claims\": [{\"id\": \"accept\", \"measured\": \"1\", \"result\": \"HOLDS\"},"   \
	"{\"id\": \"uring\", \"measured\": " MEASURED ", \"result\": \"" RESULT "\"}]}"

#define RUN(RELEASE, COMMAND, WAKES)                                                \
	"{\"schema\": \"herdtrace/1\", \"kernel\": {\"release\": \"" RELEASE "\"}," \
	"\"command\": [\"" COMMAND "\", \"-w4\"],"                                  \
	"\"summary\": {\"connections\": 20, \"wakes\": " WAKES "},"                 \
	"\"loss\": {\"incomplete\": false}, \"verdict\": {\"herd\": \"refuted\"}}"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *document = json_loads(text, 0, &error);

	assert_non_null(document);
	return document;
}

/* Of two or three documents; the last may be NULL. */
static struct comparison *compare_three(const char *a, const char *b, const char *third)
{
	static const char *const names[] = {"dir/a.json", "b.json", "c.json"};
	json_t *documents[] = {parse(a), parse(b), third ? parse(third) : NULL};
	size_t cnt = third ? 3 : 2;
	enum compare_kind kind, other;
	char why[COMPARE_WHY_SIZE];
	struct comparison *c;

	assert_int_equal(compare_document__check(documents[0], &kind, why), 0);
	for (size_t i = 1; i < cnt; i++) {
		assert_int_equal(compare_document__check(documents[i], &other, why), 0);
		assert_int_equal(kind, other);
	}
	c = comparison__make(kind, documents, names, cnt);
	assert_non_null(c);
	for (size_t i = 0; i < cnt; i++)
		json_decref(documents[i]);
	return c;
}

static struct comparison *compare(const char *a, const char *b)
{
	return compare_three(a, b, NULL);
}

static char *table(const struct comparison *c, bool all, bool color)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(compare_table__write(f, c, all, &(struct terminal){.color = color}), 0);
	fclose(f);
	return text;
}

/* Gives up the comparison. */
static void expect_table(struct comparison *c, bool all, const char *wanted)
{
	char *text = table(c, all, false);

	assert_string_equal(text, wanted);
	free(text);
	comparison__free(c);
}

/* ---- what is refused ---- */

static void expect_refused(const char *text, const char *part)
{
	json_t *document = parse(text);
	char why[COMPARE_WHY_SIZE] = "";
	enum compare_kind kind;

	assert_int_equal(compare_document__check(document, &kind, why), -EBADMSG);
	assert_non_null(strstr(why, part));
	json_decref(document);
}

static void test_refused(void **state)
{
	(void)state;
	expect_refused("[]", "no JSON document of");
	expect_refused("{}", "no JSON document of");
	expect_refused("{\"schema\": 7}", "no JSON document of");
	expect_refused("{\"schema\": \"herdtrace/2\"}", "no JSON document of");
	expect_refused("{\"schema\": \"herdtrace/1\"}", "no summary");
	expect_refused("{\"schema\": \"herdtrace/1\", \"summary\": 1}", "no summary");
	expect_refused("{\"schema\": \"herdtrace-verify/1\"}", "no list of claims");
	expect_refused("{\"schema\": \"herdtrace-verify/1\", \"claims\": [3]}", "claim 1 has no");
	expect_refused("{\"schema\": \"herdtrace-verify/1\", \"claims\": [{\"id\": \"x\"}]}",
		       "claim 1 has no");
}

/* ---- claims ---- */

static void test_claims(void **state)
{
	const char *const old = CLAIMS("5.10.0", "\"n\"", "HOLDS");
	const char *const new = CLAIMS("6.1.0", "\"1\"", "HOLDS");

	(void)state;
	expect_table(compare(old, new), false,
		     "   claim  5.10.0  6.1.0\n"
		     "*  uring  n       1\n"
		     "\n1 of 2 claims differ\n");
	expect_table(compare(old, new), true,
		     "   claim   5.10.0  6.1.0\n"
		     "   accept  1       1\n"
		     "*  uring   n       1\n"
		     "\n1 of 2 claims differ\n");
	expect_table(compare(old, old), false, "0 of 2 claims differ\n");
}

/* The cell that is unlike the others has a mark of its own. */
static void test_odd_cells(void **state)
{
	const char *const n = CLAIMS("5.10", "\"n\"", "HOLDS");
	const char *const one = CLAIMS("6.1", "\"1\"", "HOLDS");
	const char *const two = CLAIMS("7.2", "\"2\"", "HOLDS");

	(void)state;
	expect_table(compare_three(n, one, one), true,
		     "   claim   5.10  6.1  6.1\n"
		     "   accept  1     1    1\n"
		     "*  uring   n *   1    1\n"
		     "\n1 of 2 claims differ\n");
	expect_table(compare_three(n, one, two), false,
		     "   claim  5.10  6.1  7.2\n"
		     "*  uring  n     1    2\n"
		     "\n1 of 2 claims differ\n");
}

static void test_claims_that_do_not_hold(void **state)
{
	struct comparison *c =
		compare(CLAIMS("a", "\"n\"", "BROKEN"), CLAIMS("b", "null", "INCONCLUSIVE"));

	(void)state;
	assert_int_equal(comparison__differing(c), 1);
	assert_string_equal(c->rows[1].cells[0], "n, BROKEN");
	assert_string_equal(c->rows[1].cells[1], "INCONCLUSIVE");
	comparison__free(c);
	/* The same value, but only one of them holds. */
	c = compare(CLAIMS("a", "\"n\"", "BROKEN"), CLAIMS("b", "\"n\"", "HOLDS"));
	assert_int_equal(comparison__differing(c), 1);
	comparison__free(c);
}

/* A claim that only one of them has. */
static void test_claims_missing(void **state)
{
	struct comparison *c = compare("{\"schema\": \"herdtrace-verify/1\", \"claims\": []}",
				       CLAIMS("6.1.0", "\"1\"", "HOLDS"));

	(void)state;
	assert_int_equal(c->row_cnt, 2);
	assert_int_equal(comparison__differing(c), 2);
	assert_null(c->rows[0].cells[0]);
	assert_string_equal(c->heads[0], "dir/a.json");
	expect_table(c, false,
		     "   claim   a.json  6.1.0\n"
		     "*  accept  -       1\n"
		     "*  uring   -       1\n"
		     "\n2 of 2 claims differ\n");
}

/* ---- runs ---- */

static void test_runs(void **state)
{
	(void)state;
	expect_table(compare(RUN("6.1.0", "./a", "20"), RUN("6.1.0", "./b", "46")), false,
		     "   what                  a.json   b.json\n"
		     "*  command               ./a -w4  ./b -w4\n"
		     "*  wakes per connection  1.00     2.30\n"
		     "*  summary.wakes         20       46\n"
		     "\n3 of 27 lines differ\n");
	expect_table(compare(RUN("6.1.0", "./a", "20"), RUN("6.1.0", "./a", "20")), false,
		     "0 of 27 lines differ\n");
}

/* The last line stands apart from the sentences above it, also where nothing differs. */
static void test_nothing_differs(void **state)
{
	static const char run[] =
		"{\"schema\": \"herdtrace/1\", \"kernel\": {\"release\": \"6.1.0\"}, "
		"\"command\": [\"./a\"], \"summary\": {\"connections\": 6}, "
		"\"loss\": {\"incomplete\": false}, \"verdict\": {\"herd_sample\": "
		"{\"herds\": 0, \"opportunities\": 6}}}";
	struct comparison *c = compare(run, run);
	char *text = table(c, false, false);

	(void)state;
	assert_non_null(strstr(text, "\n\n0 of 27 lines differ\n"));
	free(text);
	comparison__free(c);
}

/* Numbers that are none, or absurd: told as they are, or not at all. */
static void test_odd_runs(void **state)
{
	struct comparison *c = compare("{\"schema\": \"herdtrace/1\", \"summary\": {},"
				       "\"command\": [1, {}]}",
				       RUN("6.1.0", "./a", "9223372036854775807"));

	(void)state;
	for (size_t i = 0; i < c->row_cnt; i++) {
		if (!strcmp(c->rows[i].name, "wakes per connection")) {
			assert_null(c->rows[i].cells[0]);
			assert_null(c->rows[i].cells[1]);
		}
		if (!strcmp(c->rows[i].name, "command"))
			assert_string_equal(c->rows[i].cells[0], "? ?");
	}
	comparison__free(c);
}

/* ---- untrusted texts ---- */

static void test_harmless(void **state)
{
	struct comparison *c = compare(CLAIMS("\\u001b[31m`\\u00f6", "\"\\u001b]0;x\"", "HOLDS"),
				       CLAIMS("b", "\"1\\n2\"", "HOLDS"));
	char *text = table(c, true, false);

	(void)state;
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "?[31m???"));
	assert_non_null(strstr(text, "\\x1b]0;x"));
	assert_non_null(strstr(text, "1\\x0a2"));
	free(text);
	comparison__free(c);
}

/* ---- JSON ---- */

static void test_json(void **state)
{
	struct comparison *c =
		compare(CLAIMS("5.10.0", "null", "BROKEN"), CLAIMS("6.1.0", "\"1\"", "HOLDS"));
	const char *wanted = "{\"schema\": \"herdtrace-compare/1\", \"kind\": \"claims\","
			     "\"heads\": [\"5.10.0\", \"6.1.0\"], \"differing\": 1, \"rows\": ["
			     "{\"name\": \"uring\", \"cells\": [\"BROKEN\", \"1\"],"
			     "\"differs\": true}], \"changes\": []}";
	json_t *seen, *expected = parse(wanted);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(compare_json__write(f, c, false), 0);
	fclose(f);
	seen = parse(text);
	assert_true(json_equal(seen, expected));
	json_decref(seen);
	json_decref(expected);
	free(text);
	comparison__free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_odd_cells),
		cmocka_unit_test(test_claims_that_do_not_hold),
		cmocka_unit_test(test_claims_missing),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_nothing_differs),
		cmocka_unit_test(test_odd_runs),
		cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
