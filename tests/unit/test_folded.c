// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Stacks of wakes for flame graphs: outermost frame first, one line for each, counts at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_fixture.h"

static void add_stack(struct report *r, int id, const char *names)
{
	r->stacks = realloc(r->stacks, (r->stack_cnt + 1) * sizeof(*r->stacks));
	assert_non_null(r->stacks);
	r->stacks[r->stack_cnt++] = (struct report_stack){.id = id, .names = strdup(names)};
}

static void set_stacks(struct report *r, int id)
{
	for (size_t i = 0; i < r->connection_cnt; i++)
		for (size_t j = 0; j < r->connections[i].wake_cnt; j++)
			r->connections[i].wakes[j].stack_id = id;
}

static void check(struct report *r, const char *expected)
{
	char *text = render(r, (struct render_options){.format = RENDER_FOLDED});

	assert_string_equal(text, expected);
	free(text);
	report__free(r);
}

/* By cause, as the verdict counts them; what has no stack is counted, too. */
static void test_order(void **state)
{
	struct report *r = new_report();

	(void)state;
	set_stacks(r, 7);
	r->connections[0].wakes[1].stack_id = -1;
	add_stack(r, 3, "other");
	add_stack(r, 7, "__wake_up_common < sock_def_readable < tcp_v4_rcv");
	check(r, "epoll;accepted;tcp_v4_rcv;sock_def_readable;__wake_up_common 1\n"
		 "epoll;eagain;tcp_v4_rcv;sock_def_readable;__wake_up_common 1\n"
		 "chain;swallowed;[unknown] 1\n"
		 "lock;idle;tcp_v4_rcv;sock_def_readable;__wake_up_common 1\n");
}

static void test_sums(void **state)
{
	struct report *r = new_report();

	(void)state;
	set_stacks(r, 7);
	add_stack(r, 7, "f");
	add_stack(r, 8, "g");
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 2; j++) {
			r->connections[i].wakes[j].cause = CAUSE_POLL;
			r->connections[i].wakes[j].outcome = OUTCOME_IDLE;
		}
	r->connections[0].wakes[0].stack_id = 8;
	check(r, "poll;idle;f 3\n"
		 "poll;idle;g 1\n");
}

/* From a recording that may be anybody's: no frame becomes two, no line either. */
static void test_hostile_names(void **state)
{
	struct report *r = new_report();

	(void)state;
	r->connection_cnt = 1;
	free(r->connections[1].wakes);
	r->connections[0].wake_cnt = 1;
	set_stacks(r, 7);
	add_stack(r, 7, "a;b\n9 < < < \033[m\xff");
	check(r, "epoll;accepted;\\x1b[m\\xff;<;a:b\\x0a9 1\n");
}

static void test_nothing(void **state)
{
	struct report *r = new_report();

	(void)state;
	for (size_t i = 0; i < 2; i++)
		free(r->connections[i].wakes);
	r->connection_cnt = 0;
	check(r, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("folded", tests, NULL, NULL);
}
