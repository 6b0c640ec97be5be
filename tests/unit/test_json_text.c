// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* JSON that is written as it comes is what jansson prints of the same values. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "print/json.h"
#include "print/json_text.h"

struct output {
	FILE *stream;
	char *text;
	size_t len;
};

static void open_output(struct output *o)
{
	o->stream = open_memstream(&o->text, &o->len);
	assert_non_null(o->stream);
}

/* What jansson makes of a value that it gives up. */
static char *expected(json_t *value)
{
	struct output o;

	open_output(&o);
	assert_int_equal(print_json(o.stream, value), 0);
	fclose(o.stream);
	return o.text;
}

/* A value stands at the top: there is no line end before it. */
static void begin(struct json_text *to, struct output *o)
{
	open_output(o);
	json_text__begin(to, o->stream, 0, false);
}

static void finish(struct json_text *to, struct output *o, json_t *value)
{
	char *text = expected(value);

	assert_int_equal(json_text__end(to), 0);
	fputc('\n', o->stream);
	fclose(o->stream);
	assert_string_equal(o->text, text);
	free(o->text);
	free(text);
}

static void test_numbers(void **state)
{
	static const uint64_t numbers[] = {0,          1,         9,          10,        99,
					   UINT32_MAX, INT64_MAX, UINT64_MAX, 1234567890};
	json_t *array = json_array();
	struct json_text to;
	struct output o;

	(void)state;
	begin(&to, &o);
	json_text__open(&to, NULL, '[');
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		json_text__number(&to, NULL, numbers[i]);
		json_text__number_or_null(&to, NULL, numbers[i]);
		json_text__time_or_null(&to, NULL, (int64_t)numbers[i]);
		append(&array, number(numbers[i]));
		append(&array, number_or_null(numbers[i]));
		append(&array, time_or_null((int64_t)numbers[i]));
	}
	json_text__close(&to, ']');
	finish(&to, &o, array);
}

static void test_texts(void **state)
{
	static const char *const texts[] = {"",         "plain",    "a \"quoted\" \\ one",
					    "tab\t",    "\x1b[31m", "umlaut \xc3\xa4",
					    "\xff\xfe", "\\x41",    "/ and \x7f"};
	json_t *array = json_array();
	struct json_text to;
	struct output o;

	(void)state;
	begin(&to, &o);
	json_text__open(&to, NULL, '[');
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_text__string(&to, NULL, texts[i]);
		append(&array, string(texts[i]));
	}
	json_text__close(&to, ']');
	finish(&to, &o, array);
}

/* Empty ones are closed on their line; what follows them is separated. */
static void test_nesting(void **state)
{
	json_t *object = json_object(), *inner = json_array(), *deep = json_object();
	struct json_text to;
	struct output o;

	(void)state;
	begin(&to, &o);
	json_text__open(&to, NULL, '{');
	json_text__open(&to, "none", '[');
	json_text__close(&to, ']');
	json_text__open(&to, "inner", '[');
	for (int i = 0; i < 12; i++)
		json_text__open(&to, NULL, '[');
	for (int i = 0; i < 12; i++)
		json_text__close(&to, ']');
	json_text__open(&to, NULL, '{');
	json_text__boolean(&to, "yes", true);
	json_text__boolean(&to, "no", false);
	json_text__close(&to, '}');
	json_text__close(&to, ']');
	json_text__word(&to, "last", "null");
	json_text__close(&to, '}');

	set(&object, "none", json_array());
	for (json_t *at = inner; at;) {
		static int left = 12;
		json_t *next = left-- ? json_array() : NULL;

		if (next)
			json_array_append_new(at, next);
		at = next;
	}
	set(&deep, "yes", json_true());
	set(&deep, "no", json_false());
	append(&inner, deep);
	set(&object, "inner", inner);
	set(&object, "last", json_null());
	finish(&to, &o, object);
}

/* More than the buffer holds, so that pieces end anywhere. */
static void test_long(void **state)
{
	json_t *array = json_array();
	struct json_text to;
	struct output o;
	char text[1000];

	(void)state;
	begin(&to, &o);
	json_text__open(&to, NULL, '[');
	for (size_t i = 0; i < sizeof(text); i++) {
		memset(text, 'x', i);
		text[i] = '\0';
		json_text__string(&to, NULL, text);
		append(&array, string(text));
	}
	json_text__close(&to, ']');
	finish(&to, &o, array);
}

/* Why the stream did not take it is said in the end, whatever was written after. */
static void test_full(void **state)
{
	FILE *full = fopen("/dev/full", "we");
	struct json_text to;

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	json_text__begin(&to, full, 0, false);
	json_text__open(&to, NULL, '[');
	for (int i = 0; i < 100000; i++)
		json_text__number(&to, NULL, i);
	assert_int_equal(to.err, -ENOSPC);
	json_text__close(&to, ']');
	assert_int_equal(json_text__end(&to), -ENOSPC);
	fclose(full);
}

/* Inside of a page: nothing that HTML or an old browser's script knows is in it as it is. */
static void test_dense(void **state)
{
	struct json_text to;
	struct output o;

	(void)state;
	begin(&to, &o);
	to.dense = true;
	json_text__open(&to, NULL, '{');
	json_text__string(&to, "a", "</script><!--&'\"\\ \xe2\x80\xa8");
	json_text__open(&to, "b", '[');
	json_text__number(&to, NULL, 1);
	json_text__word(&to, NULL, "null");
	json_text__close(&to, ']');
	json_text__open(&to, "c", '[');
	json_text__close(&to, ']');
	json_text__close(&to, '}');
	assert_int_equal(json_text__end(&to), 0);
	fclose(o.stream);
	assert_string_equal(o.text,
			    "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u0027\\\"\\\\ "
			    "\\\\xe2\\\\x80\\\\xa8\",\"b\":[1,null],\"c\":[]}");
	free(o.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_texts),
		cmocka_unit_test(test_nesting), cmocka_unit_test(test_long),
		cmocka_unit_test(test_full),    cmocka_unit_test(test_dense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
