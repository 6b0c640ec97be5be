/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Names and addresses of kernel functions, from text as in /proc/kallsyms. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tracer/ksyms.h"

static struct ksyms *parse(const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	struct ksyms *k;

	assert_non_null(f);
	k = ksyms__parse(f);
	fclose(f);
	return k;
}

static struct ksyms *parse_good(const char *text)
{
	struct ksyms *k = parse(text);

	assert_non_null(k);
	return k;
}

static const char three[] = "ffffffff81003000 t third\n"
			    "ffffffff81001000 T first\n"
			    "ffffffff81002000 d second\n";

static void test_names(void **state)
{
	struct ksyms *k = parse_good(three);

	(void)state;
	assert_false(ksyms__are_hidden(k));
	assert_true(ksyms__has(k, "first"));
	assert_int_equal(ksyms__address(k, "first"), 0xffffffff81001000);
	assert_int_equal(ksyms__address(k, "second"), 0xffffffff81002000);
	assert_int_equal(ksyms__address(k, "third"), 0xffffffff81003000);
	assert_false(ksyms__has(k, "firs"));
	assert_false(ksyms__has(k, "first2"));
	assert_false(ksyms__has(k, ""));
	assert_int_equal(ksyms__address(k, "fourth"), 0);
	ksyms__free(k);
}

static void test_addresses(void **state)
{
	struct ksyms *k = parse_good(three);

	(void)state;
	assert_string_equal(ksyms__name(k, 0xffffffff81001000), "first");
	assert_string_equal(ksyms__name(k, 0xffffffff81001fff), "first");
	assert_string_equal(ksyms__name(k, 0xffffffff81002000), "second");
	/* Before the first. */
	assert_null(ksyms__name(k, 0));
	assert_null(ksyms__name(k, 0xffffffff81000fff));
	/* How long the last is, nothing says. */
	assert_string_equal(ksyms__name(k, 0xffffffff81003000), "third");
	assert_string_equal(ksyms__name(k, 0xffffffff81013000), "third");
	assert_null(ksyms__name(k, 0xffffffff81013001));
	assert_null(ksyms__name(k, UINT64_MAX));
	ksyms__free(k);
}

/* Static functions of several files may have one name. */
static void test_duplicates(void **state)
{
	struct ksyms *k = parse_good("ffffffff81001000 t twice\n"
				     "ffffffff81002000 t once\n"
				     "ffffffff81003000 t twice\n"
				     "ffffffff81003000 T alias\n");
	uint64_t address = ksyms__address(k, "twice");
	const char *name = ksyms__name(k, 0xffffffff81003004);

	(void)state;
	assert_true(address == 0xffffffff81001000 || address == 0xffffffff81003000);
	assert_string_equal(ksyms__name(k, 0xffffffff81001004), "twice");
	assert_true(!strcmp(name, "twice") || !strcmp(name, "alias"));
	ksyms__free(k);
}

/* kernel.kptr_restrict leaves the names. */
static void test_hidden(void **state)
{
	struct ksyms *k = parse_good("0000000000000000 T first\n"
				     "0000000000000000 t second\n");

	(void)state;
	assert_true(ksyms__are_hidden(k));
	assert_true(ksyms__has(k, "second"));
	assert_int_equal(ksyms__address(k, "second"), 0);
	assert_null(ksyms__name(k, 0));
	assert_null(ksyms__name(k, 0x100));
	assert_null(ksyms__name(k, 0xffffffff81001000));
	ksyms__free(k);
}

/* What a module or a BPF program calls its functions is none of the kernel's names. */
static void test_modules(void **state)
{
	struct ksyms *k = parse_good("ffffffff81001000 T first\n"
				     "ffffffffc0001000 t ours\t[module]\n"
				     "ffffffffc0002000 t bpf_prog_0123\t[bpf]\n"
				     "ffffffffc0003000 t spaced [module]\n");

	(void)state;
	assert_true(ksyms__has(k, "first"));
	assert_false(ksyms__has(k, "ours"));
	assert_false(ksyms__has(k, "bpf_prog_0123"));
	assert_false(ksyms__has(k, "spaced"));
	assert_null(ksyms__name(k, 0xffffffffc0001000));
	ksyms__free(k);
}

static void test_malformed(void **state)
{
	struct ksyms *k = parse_good("\n"
				     "nothing\n"
				     "ffffffff81001000\n"
				     "ffffffff81001000 \n"
				     "ffffffff81001000 t\n"
				     "ffffffff81001000 t \n"
				     "ffffffff81001000 tt double\n"
				     "ffffffff81001000t glued\n"
				     "xyz t no_address\n"
				     "ffffffff81002000 t without_end");

	(void)state;
	assert_int_equal(ksyms__address(k, "without_end"), 0xffffffff81002000);
	assert_null(ksyms__name(k, 0xffffffff81001000));
	assert_false(ksyms__has(k, ""));
	assert_false(ksyms__has(k, "double"));
	assert_false(ksyms__has(k, "glued"));
	assert_false(ksyms__has(k, "no_address"));
	ksyms__free(k);
}

static void test_nothing(void **state)
{
	FILE *empty = fopen("/dev/null", "re"), *directory = fopen("/proc", "re");

	(void)state;
	errno = 0;
	assert_null(ksyms__parse(empty));
	assert_int_equal(errno, ENODATA);
	assert_null(parse("nothing here\n"));
	assert_int_equal(errno, ENODATA);
	/* It can be opened, but not read. */
	assert_null(ksyms__parse(directory));
	assert_int_equal(errno, EISDIR);
	fclose(empty);
	fclose(directory);
	ksyms__free(NULL);
}

/* More than fits into what is allocated at first. */
static void test_many(void **state)
{
	const unsigned cnt = 300000;
	FILE *f = tmpfile();
	struct ksyms *k;
	char name[32];

	(void)state;
	assert_non_null(f);
	for (unsigned i = 0; i < cnt; i++)
		fprintf(f, "%016llx t function_%u\n", 0xffffffff81000000 + 16ull * i, i);
	rewind(f);
	k = ksyms__parse(f);
	assert_non_null(k);
	for (unsigned i = 0; i < cnt; i += 4999) {
		snprintf(name, sizeof(name), "function_%u", i);
		assert_int_equal(ksyms__address(k, name), 0xffffffff81000000 + 16ull * i);
		assert_string_equal(ksyms__name(k, 0xffffffff8100000f + 16ull * i), name);
	}
	ksyms__free(k);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),      cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_duplicates), cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_modules),    cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_nothing),    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("ksyms", tests, NULL, NULL);
}
