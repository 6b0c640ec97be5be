// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A ring tries accept inside of the kernel: only a return says that user space heard of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "model_fixture.h"

/* What the task does after its wake: E tries and gets EAGAIN, A accepts, R returns, l is handed the
 * listener's lock, S sleeps. W: the thread accepts that the kernel made for its ring, V: one for another's. */
static void tell(struct tape *t, char what)
{
	switch (what) {
	case 'A': tape__accept(t, 11, 1); break;
	case 'E': tape__accept_fails(t, 11, EAGAIN); break;
	case 'R': tape__return(t, 11)->call = CALL_IO_URING; break;
	case 'S': tape__sleep(t, 11)->call = CALL_IO_URING; break;
	case 'W': tape__accept(t, 13, 1)->tgid = 11; break;
	case 'V': tape__accept(t, 14, 1)->tgid = 11; break;
	case 'l': tape__wake_by(t, 12, 0, 11, CAUSE_LOCK); break;
	default: fail_msg("story with a '%c'", what);
	}
}

static const struct {
	const char *story;
	enum wake_outcome uring, accept; /* by the cause of the wake */
} outcomes[] = {
	{"S", OUTCOME_SWALLOWED, OUTCOME_SWALLOWED},  {"ES", OUTCOME_SWALLOWED, OUTCOME_EAGAIN},
	{"EES", OUTCOME_SWALLOWED, OUTCOME_EAGAIN},   {"ERS", OUTCOME_EAGAIN, OUTCOME_EAGAIN},
	{"RES", OUTCOME_EAGAIN, OUTCOME_EAGAIN},      {"RS", OUTCOME_IDLE, OUTCOME_IDLE},
	{"AS", OUTCOME_ACCEPTED, OUTCOME_ACCEPTED},   {"EAS", OUTCOME_ACCEPTED, OUTCOME_ACCEPTED},
	{"E", OUTCOME_PENDING, OUTCOME_PENDING},      {"SW", OUTCOME_HANDED_ON, OUTCOME_SWALLOWED},
	{"SV", OUTCOME_SWALLOWED, OUTCOME_SWALLOWED},
};

static void expect_outcome(const char *story, enum wake_cause cause, enum wake_outcome expected)
{
	struct tape t = {0};
	struct report *r;

	tape__task(&t, TASK_SEEN, 12, "other");
	tape__task(&t, TASK_SEEN, 13, "iou-wrk-11")->tgid = 11;
	tape__task(&t, TASK_SEEN, 14, "iou-wrk-15")->tgid = 11;
	arrive(&t, 1, 11, 1);
	tape__wake(&t, 1, 11, cause);
	tape__walk(&t, 1, 1);
	for (const char *s = story; *s; s++)
		tell(&t, *s);
	r = complete_report_of(&t);
	if (wake(r, 1, 0)->outcome != expected)
		fail_msg("%s after %s: %s", story, wake_cause__name(cause),
			 wake_outcome__name(wake(r, 1, 0)->outcome));
	report__free(r);
}

static void test_outcomes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		expect_outcome(outcomes[i].story, CAUSE_IO_URING, outcomes[i].uring);
		expect_outcome(outcomes[i].story, CAUSE_ACCEPT, outcomes[i].accept);
	}
}

/* A hand-over of the lock on the way does not make it another kind of wake. */
static void test_lock_on_the_way(void **state)
{
	(void)state;
	expect_outcome("lES", CAUSE_ACCEPT, OUTCOME_EAGAIN);
	expect_outcome("lES", CAUSE_IO_URING, OUTCOME_SWALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_lock_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
