/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The kernel's types by name, and the part of them that an object gets to see. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/subset.h"
#include "tracer/types.h"

/* ---- a kernel ---- */

static struct types kernel;

/* Numbers of its types. */
static int number, far, far_pointer, inner, inner_again, array, outer, function;

static void add_function(struct btf *b)
{
	int prototype = btf__add_func_proto(b, number);

	btf__add_func_param(b, "a", number);
	btf__add_func_param(b, "b", far_pointer);
	function = btf__add_func(b, "inner", BTF_FUNC_STATIC, prototype);
	btf__add_typedef(b, "btf_trace_it", btf__add_ptr(b, prototype));
	btf__add_typedef(b, "btf_trace_nothing", number);
}

static void add_helpers(struct btf *b)
{
	btf__add_enum(b, "bpf_func_id", 4);
	btf__add_enum_value(b, "BPF_FUNC_one", 1);
	btf__add_enum_value(b, "BPF_FUNC_two", 2);
}

/* outer has a number, a pointer, two of inner, and what has no name; it stands before what it holds. */
static void add_structs(struct btf *b)
{
	outer = btf__add_struct(b, "outer", 32);
	btf__add_field(b, "far", far_pointer, 0, 0);
	btf__add_field(b, "both", outer + 1, 64, 0);
	btf__add_field(b, "", outer + 3, 128, 0);
	btf__add_field(b, "fixed", outer + 4, 192, 0);
	array = btf__add_array(b, number, outer + 2, 2);
	inner = btf__add_struct(b, "inner", 4);
	btf__add_field(b, "value", number, 0, 0);
	btf__add_union(b, NULL, 8);
	btf__add_field(b, "one", number, 0, 0);
	btf__add_field(b, "other", far_pointer, 0, 0);
	btf__add_const(b, number);
	inner_again = btf__add_struct(b, "inner", 4);
	btf__add_field(b, "different", number, 0, 0);
}

static int make_kernel(void **state)
{
	struct btf *b = btf__new_empty();

	(void)state;
	btf__add_struct(b, "unrelated", 16);
	number = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	far = btf__add_struct(b, "far", 4);
	btf__add_field(b, "x", number, 0, 0);
	far_pointer = btf__add_ptr(b, far);
	add_structs(b);
	add_function(b);
	add_helpers(b);
	return types__index(&kernel, b);
}

static int free_kernel(void **state)
{
	(void)state;
	types__free(&kernel);
	return 0;
}

/* ---- by name ---- */

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(types__find(&kernel, "far", BTF_KIND_STRUCT), far);
	assert_int_equal(types__find(&kernel, "int", BTF_KIND_INT), number);
	/* The first of several. */
	assert_int_equal(types__find(&kernel, "inner", BTF_KIND_STRUCT), inner);
	assert_int_equal(types__find(&kernel, "inner", BTF_KIND_FUNC), function);
	assert_int_equal(types__find(&kernel, "inner", BTF_KIND_UNION), 0);
	assert_int_equal(types__find(&kernel, "inne", BTF_KIND_STRUCT), 0);
	assert_int_equal(types__find(&kernel, "inner2", BTF_KIND_STRUCT), 0);
	assert_int_equal(types__find(&kernel, "inner___old", BTF_KIND_STRUCT), 0);
	assert_int_equal(types__find(&kernel, "", BTF_KIND_UNION), 0);
}

/* Those that are versions of one. */
static void test_next(void **state)
{
	uint32_t at = 0;

	(void)state;
	assert_int_equal(types__next(&kernel, "inner___old", &at), inner);
	assert_int_equal(types__next(&kernel, "inner___old", &at), inner_again);
	assert_int_equal(types__next(&kernel, "inner___old", &at), function);
	assert_int_equal(types__next(&kernel, "inner___old", &at), 0);
	at = 0;
	assert_int_equal(types__next(&kernel, "___inner", &at), 0);
}

static void test_constants(void **state)
{
	(void)state;
	assert_true(types__has_constant(&kernel, "bpf_func_id", "BPF_FUNC_one"));
	assert_true(types__has_constant(&kernel, "bpf_func_id", "BPF_FUNC_two"));
	assert_false(types__has_constant(&kernel, "bpf_func_id", "BPF_FUNC_three"));
	assert_false(types__has_constant(&kernel, "inner", "BPF_FUNC_one"));
}

static void test_parameters(void **state)
{
	(void)state;
	assert_int_equal(types__parameter_cnt(&kernel, "btf_trace_it"), 2);
	assert_int_equal(types__parameter_cnt(&kernel, "btf_trace_nothing"), 0);
	assert_int_equal(types__parameter_cnt(&kernel, "btf_trace_else"), 0);
}

/* There are many, and hashes of them meet. */
static void test_many(void **state)
{
	struct btf *b = btf__new_empty();
	struct types types;
	char name[32];

	(void)state;
	for (int i = 1; i <= 5000; i++) {
		snprintf(name, sizeof(name), "type_%d", i);
		assert_int_equal(btf__add_struct(b, name, i), i);
	}
	assert_int_equal(types__index(&types, b), 0);
	for (int i = 1; i <= 5000; i++) {
		snprintf(name, sizeof(name), "type_%d", i);
		assert_int_equal(types__find(&types, name, BTF_KIND_STRUCT), i);
	}
	assert_int_equal(types__find(&types, "type_5001", BTF_KIND_STRUCT), 0);
	types__free(&types);
}

/* ---- a part of them ---- */

/* What an object is given that asks for one struct. */
static struct types ask_for(const char *name)
{
	struct btf *wanted = btf__new_empty(), *got;
	int fd = memfd_create("types", MFD_CLOEXEC);
	struct types part;
	char path[32];

	btf__add_struct(wanted, name, 1);
	btf__add_fwd(wanted, "unrelated", BTF_FWD_STRUCT);
	btf__add_func(wanted, "inner", BTF_FUNC_STATIC, btf__add_func_proto(wanted, 0));
	assert_int_equal(subset__write(&kernel, wanted, fd), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	got = btf__parse(path, NULL);
	assert_non_null(got);
	assert_int_equal(types__index(&part, got), 0);
	close(fd);
	btf__free(wanted);
	return part;
}

static const struct btf_type *get(const struct types *types, const char *name)
{
	uint32_t id = types__find(types, name, BTF_KIND_STRUCT);

	assert_int_not_equal(id, 0);
	return btf__type_by_id(types->btf, id);
}

static void check_member(const struct types *types, const struct btf_type *type, int index,
			 const char *name, int offset, int size)
{
	const struct btf_member *m = &btf_members(type)[index];

	assert_string_equal(btf__name_by_offset(types->btf, m->name_off), name);
	assert_int_equal(m->offset, offset);
	assert_int_equal(btf__resolve_size(types->btf, m->type), size);
}

static void test_parts(void **state)
{
	struct types part = ask_for("outer___v2");
	const struct btf_type *type = get(&part, "outer"), *pointer, *pair, *nameless;

	(void)state;
	assert_int_equal(type->size, 32);
	assert_int_equal(btf_vlen(type), 4);
	check_member(&part, type, 0, "far", 0, 8);
	check_member(&part, type, 1, "both", 64, 8);
	check_member(&part, type, 2, "", 128, 8);
	check_member(&part, type, 3, "fixed", 192, 4);
	pointer = btf__type_by_id(part.btf, btf_members(type)[0].type);
	assert_true(btf_is_ptr(pointer));
	assert_int_equal(pointer->type, 0);
	pair = btf__type_by_id(part.btf, btf_members(type)[1].type);
	assert_int_equal(btf_array(pair)->nelems, 2);
	assert_ptr_equal(btf__type_by_id(part.btf, btf_array(pair)->type), get(&part, "inner"));
	nameless = btf__type_by_id(part.btf, btf_members(type)[2].type);
	check_member(&part, nameless, 1, "other", 0, 8);
	types__free(&part);
}

static void test_nothing_else(void **state)
{
	struct types part = ask_for("outer");

	(void)state;
	assert_int_equal(types__find(&part, "far", BTF_KIND_STRUCT), 0);
	assert_int_equal(types__find(&part, "unrelated", BTF_KIND_STRUCT), 0);
	assert_int_equal(types__find(&part, "inner", BTF_KIND_FUNC), 0);
	/* outer, its pointer, array and union, inner, const int, int; and no type at all, which is the first. */
	assert_int_equal(btf__type_cnt(part.btf), 8);
	types__free(&part);
}

/* libbpf decides which of them is meant. */
static void test_all_of_a_name(void **state)
{
	struct types part = ask_for("inner");
	uint32_t at = 0, first = types__next(&part, "inner", &at),
		 second = types__next(&part, "inner", &at);

	(void)state;
	check_member(&part, btf__type_by_id(part.btf, first), 0, "value", 0, 4);
	check_member(&part, btf__type_by_id(part.btf, second), 0, "different", 0, 4);
	types__free(&part);
}

static void test_full_disk(void **state)
{
	struct btf *wanted = btf__new_empty();
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_int_equal(subset__write(&kernel, wanted, fileno(full)), -ENOSPC);
	fclose(full);
	btf__free(wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),         cmocka_unit_test(test_next),
		cmocka_unit_test(test_constants),    cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_many),         cmocka_unit_test(test_parts),
		cmocka_unit_test(test_nothing_else), cmocka_unit_test(test_all_of_a_name),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("types", tests, make_kernel, free_kernel);
}
