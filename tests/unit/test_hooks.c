/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The tables of hooks and of kinds of programs say what the object has, no more and no less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include "tracer/hooks.h"
#include "tracer/programs.h"

#define OBJECT "build/herdtrace.bpf.o"

static struct bpf_object *object;

static int open_object(void **state)
{
	(void)state;
	object = bpf_object__open_file(OBJECT, NULL);
	return object ? 0 : -1;
}

static int close_object(void **state)
{
	(void)state;
	bpf_object__close(object);
	return 0;
}

static const struct bpf_program *find(const char *prefix, const char *function)
{
	char name[128];

	snprintf(name, sizeof(name), "%s_%s", prefix, function);
	return bpf_object__find_program_by_name(object, name);
}

/* "fexit" of "fexit_again" */
static size_t stem_len(const struct program_kind *kind)
{
	return strcspn(kind->prefix, "_");
}

static bool same_stem(const struct program_kind *a, const struct program_kind *b)
{
	return stem_len(a) == stem_len(b) && !strncmp(a->prefix, b->prefix, stem_len(a));
}

static bool fits(const struct hook *hook, const struct program_kind *kind)
{
	return (hook->kind == HOOK_FUNCTION) == (kind->how != PROGRAM_TRACEPOINT);
}

/* ---- the tables themselves ---- */

static void test_hooks_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_cnt; i++) {
		assert_non_null(hooks[i].purpose);
		assert_non_null(hooks[i].functions[0]);
		assert_true(hooks[i].optional || !hooks[i].af_unix);
		/* Names of tracepoints are the same on all kernels. */
		assert_true(hooks[i].kind == HOOK_FUNCTION || !hooks[i].functions[1]);
	}
}

static void test_functions_are_hooked_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_cnt * HOOK_CANDIDATES; i++) {
		const char *a = hooks[i / HOOK_CANDIDATES].functions[i % HOOK_CANDIDATES];

		for (size_t j = 0; a && j < i; j++) {
			const char *b = hooks[j / HOOK_CANDIDATES].functions[j % HOOK_CANDIDATES];

			assert_true(!b || strcmp(a, b));
		}
	}
}

/* Copies come one after another, and are of the same sort. */
static void test_kinds_are_in_order(void **state)
{
	unsigned last = 0;

	(void)state;
	for (size_t i = 0; i < program_kind_cnt; i++) {
		const struct program_kind *kind = &program_kinds[i];
		bool begins = !i || !same_stem(kind, kind - 1);

		assert_int_equal(kind->copy, begins ? 1 : last + 1);
		assert_true(begins || kind->how == kind[-1].how);
		assert_non_null(program_how__name(kind->how));
		last = kind->copy;
	}
}

/* ---- what the object has ---- */

static const char *expected_section(const struct program_kind *kind, const struct hook *hook,
				    const char *function, char section[128])
{
	if (hook->kind == HOOK_SYSCALL)
		function = "sys_exit";
	if (kind->how == PROGRAM_TRACEPOINT)
		snprintf(section, 128, "tp_btf/%s", function);
	else
		snprintf(section, 128, "%.*s/%s", (int)stem_len(kind), kind->prefix, function);
	return section;
}

/* How many entries of the tables stand for a program: those of one function of one hook. */
static unsigned count_entries(const struct bpf_program *p, const struct hook *hook,
			      const char *function)
{
	unsigned cnt = 0;
	char section[128];

	for (size_t i = 0; i < program_kind_cnt; i++) {
		const struct program_kind *kind = &program_kinds[i];

		if (!fits(hook, kind) ||
		    (p != find(kind->prefix, function) &&
		     (!kind->loop_prefix || p != find(kind->loop_prefix, function))))
			continue;
		assert_string_equal(bpf_program__section_name(p),
				    expected_section(kind, hook, function, section));
		cnt++;
	}
	return cnt;
}

static void test_every_program_is_known(void **state)
{
	struct bpf_program *p;

	(void)state;
	bpf_object__for_each_program(p, object)
	{
		unsigned cnt = 0;

		for (size_t i = 0; i < hook_cnt * HOOK_CANDIDATES; i++) {
			const struct hook *hook = &hooks[i / HOOK_CANDIDATES];
			const char *function = hook->functions[i % HOOK_CANDIDATES];

			if (function)
				cnt += count_entries(p, hook, function);
		}
		/* Those that are no hooks: the tracer runs them when it wants to know. */
		if (cnt == (strncmp(bpf_program__name(p), "iter_", 5) != 0))
			continue;
		fail_msg("%s stands %u times in the tables", bpf_program__name(p), cnt);
	}
}

static unsigned count_programs(const char *function, enum program_how how)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < program_kind_cnt; i++)
		cnt += program_kinds[i].how == how && find(program_kinds[i].prefix, function);
	return cnt;
}

static void check_ways(const struct hook *hook, const char *function)
{
	bool good = hook->kind == HOOK_FUNCTION ? count_programs(function, PROGRAM_FENTRY) &&
							  count_programs(function, PROGRAM_KPROBE)
						: count_programs(function, PROGRAM_TRACEPOINT) > 0;

	if (!good)
		fail_msg("there is a way to hook %s, and no program for it", function);
}

/* Programs that look alike are there in as many copies as the hook has, and in no more. */
static void check_copies(const struct hook *hook, const char *function)
{
	const struct program_kind *first = program_kinds;

	for (size_t i = 0; i < program_kind_cnt; i++) {
		const struct program_kind *kind = &program_kinds[i];
		bool wanted = kind->copy <= 1 + hook->spare_copies;

		if (kind->copy == 1)
			first = kind;
		else if (find(first->prefix, function) ? wanted != !!find(kind->prefix, function)
						       : !!find(kind->prefix, function))
			fail_msg("%s has %u spare copies, but %s_%s is %s", function,
				 hook->spare_copies, kind->prefix, function,
				 wanted ? "missing" : "too much");
	}
}

/* Older kernels search, too. */
static void check_loops(const char *function)
{
	for (size_t i = 0; i < program_kind_cnt; i++) {
		const struct program_kind *kind = &program_kinds[i];

		if (kind->loop_prefix && find(kind->loop_prefix, function) &&
		    !find(kind->prefix, function))
			fail_msg("%s_%s has no version for kernels without bpf_loop()",
				 kind->loop_prefix, function);
	}
}

static void test_every_hook_has_its_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < hook_cnt; i++) {
		for (size_t j = 0; j < HOOK_CANDIDATES && hooks[i].functions[j]; j++) {
			check_ways(&hooks[i], hooks[i].functions[j]);
			check_copies(&hooks[i], hooks[i].functions[j]);
			check_loops(hooks[i].functions[j]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hooks_are_complete),
		cmocka_unit_test(test_functions_are_hooked_once),
		cmocka_unit_test(test_kinds_are_in_order),
		cmocka_unit_test(test_every_program_is_known),
		cmocka_unit_test(test_every_hook_has_its_programs),
	};

	return cmocka_run_group_tests_name("hooks", tests, open_object, close_object);
}
