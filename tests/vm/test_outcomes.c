// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The witness of outcomes reads what a trace says as it is meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outcomes.h"

#define TIME       "     3.249645: "
#define BY_SOFTIRQ "          <idle>-0       [001] d.s5." TIME
#define BY_SERVER  "   epoll-serve-r-11      [000] d..2." TIME
#define WAKING     BY_SOFTIRQ "sched_waking: comm=epoll-serve-r pid=11 prio=120 target_cpu=000\n"
#define WAKEUP     BY_SOFTIRQ "sched_wakeup: comm=epoll-serve-r pid=11 prio=120 target_cpu=000\n"
#define SWITCH(STATE)                                                                \
	BY_SERVER "sched_switch: prev_comm=epoll-serve-r prev_pid=11 prev_prio=120 " \
		  "prev_state=" STATE " ==> next_comm=swapper/0 next_pid=0 next_prio=120\n"
#define SLEEP            SWITCH("S")
#define ENTER(NR)        BY_SERVER "sys_enter: NR " #NR " (5, 7ffd, 1, ffffffff, 0, 0)\n"
#define EXIT(NR, RESULT) BY_SERVER "sys_exit: NR " #NR " = " #RESULT "\n"
#define WAIT             ENTER(232)
#define RETURN           EXIT(232, 1)
#define ACCEPT           ENTER(288) EXIT(288, 7)
#define AGAIN            ENTER(288) EXIT(288, -11)

/* All start in epoll_wait, woken for an arrival. */
static const struct {
	const char *story;
	enum task_outcome outcome;
} stories[] = {
	{WAKEUP RETURN ACCEPT WAIT SLEEP, TASK_ACCEPTED},
	{WAKEUP RETURN ACCEPT AGAIN WAIT SLEEP, TASK_ACCEPTED},
	{WAKEUP RETURN ACCEPT, TASK_ACCEPTED},
	{WAKEUP RETURN AGAIN WAIT SLEEP, TASK_EAGAIN},
	{WAKEUP SLEEP, TASK_SWALLOWED},
	{WAKEUP RETURN WAIT SLEEP, TASK_IDLE},
	{WAKEUP RETURN AGAIN, TASK_PENDING},
	{"", TASK_PENDING},
	/* The sleep that the wake has ended. */
	{SLEEP WAKEUP RETURN ACCEPT WAIT SLEEP, TASK_ACCEPTED},
	/* Preempted, or asleep for something else. */
	{WAKEUP SWITCH("R+") RETURN ACCEPT WAIT SLEEP, TASK_ACCEPTED},
	{WAKEUP SWITCH("D") RETURN ACCEPT WAIT SLEEP, TASK_ACCEPTED},
	{WAKEUP RETURN ENTER(45) SLEEP EXIT(45, 1) ACCEPT WAIT SLEEP, TASK_ACCEPTED},
	/* Begun anew by the kernel. */
	{WAKEUP EXIT(232, -514) WAIT SLEEP, TASK_SWALLOWED},
};

static void read_story(const char *story, bool counts, struct outcomes *outcomes)
{
	struct oracle_event event = {.tid = 11, .time_ns = 3249000000, .counts = counts};
	struct oracle_counts wakes = {.events = &event, .event_cnt = 1};
	char text[4096];
	FILE *in;

	snprintf(text, sizeof(text), "# tracer: nop\n#\n%s%s%s", WAIT SLEEP, WAKING, story);
	in = fmemopen(text, strlen(text), "r");
	assert_non_null(in);
	assert_int_equal(outcomes__parse(in, &wakes, outcomes), 0);
	fclose(in);
	assert_int_equal(outcomes->error_cnt, 0);
	assert_int_equal(outcomes->task_cnt, 1);
	assert_int_equal(outcomes->tasks[0].tid, 11);
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct outcomes outcomes = {0};

		read_story(stories[i].story, true, &outcomes);
		for (int o = 0; o < TASK_OUTCOME_CNT; o++)
			if (outcomes.tasks[0].of[o] != (o == (int)stories[i].outcome))
				fail_msg("story %zu: outcome %d: %d", i, o,
					 (int)outcomes.tasks[0].of[o]);
		outcomes__free(&outcomes);
	}
}

/* A timer, say: the oracle knows. */
static void test_wake_of_another_kind(void **state)
{
	struct outcomes outcomes = {0};

	(void)state;
	read_story(WAKEUP RETURN ACCEPT WAIT SLEEP, false, &outcomes);
	for (int o = 0; o < TASK_OUTCOME_CNT; o++)
		assert_int_equal(outcomes.tasks[0].of[o], 0);
	outcomes__free(&outcomes);
}

static void test_what_is_not_understood(void **state)
{
	static const char *const lines[] = {
		"something else\n",
		BY_SERVER "sched_switch: prev_comm=x prev_pid=y prev_prio=120 prev_state=S ==>\n",
		BY_SERVER "sys_exit: NR 232\n",
		"sys_enter\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct oracle_counts wakes = {0};
		struct outcomes outcomes = {0};
		FILE *in = fmemopen((void *)lines[i], strlen(lines[i]), "r");

		assert_non_null(in);
		assert_int_equal(outcomes__parse(in, &wakes, &outcomes), 0);
		fclose(in);
		assert_int_equal(outcomes.error_cnt, 1);
		outcomes__free(&outcomes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_wake_of_another_kind),
		cmocka_unit_test(test_what_is_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
