/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The oracle understands the kernel's trace, or says that it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"

/* ---- what four kernels really wrote ---- */

struct excerpt {
	const char *file;
	struct oracle_counts expected; /* without wakees */
};

/* Each holds one wake of a kind, epoll's twice: once over IPv6, once on top of do_epoll_wait. */
static const struct excerpt excerpts[] = {
	{"5.10.txt",
	 {.listener = 6,
	  .accept = 2,
	  .epoll = 2,
	  .poll = 1,
	  .io_uring = 1,
	  .chain = 1,
	  .lock = 1,
	  .other = 2}},
	{"6.1.txt",
	 {.listener = 7,
	  .accept = 3,
	  .epoll = 2,
	  .poll = 1,
	  .io_uring = 1,
	  .migrated = 1,
	  .chain = 1,
	  .lock = 1,
	  .other = 2}},
	{"6.12.txt",
	 {.listener = 7,
	  .accept = 3,
	  .epoll = 2,
	  .poll = 1,
	  .io_uring = 1,
	  .migrated = 1,
	  .chain = 1,
	  .lock = 1,
	  .other = 2}},
	/* The third other is the hand-over of the epoll's mutex to the next who harvests. */
	{"7.2.txt",
	 {.listener = 7,
	  .accept = 3,
	  .epoll = 2,
	  .poll = 1,
	  .io_uring = 1,
	  .migrated = 1,
	  .chain = 1,
	  .lock = 1,
	  .other = 3}},
	{"5.10-fexit.txt", {.listener = 1, .accept = 1, .chain = 1, .lock = 1}},
	{"6.1-fexit.txt", {.listener = 1, .accept = 1, .chain = 1, .lock = 1}},
	{"6.12-fexit.txt", {.listener = 1, .accept = 1, .chain = 1, .lock = 1}},
	{"7.2-fexit.txt", {.listener = 1, .accept = 1, .chain = 1, .lock = 1}},
	{"5.10-kretprobe.txt", {.other = 1, .cut = 3}},
	{"5.10-unix.txt", {.listener = 3, .accept = 1, .epoll = 1, .io_uring = 1, .other = 1}},
	{"6.1-unix.txt", {.listener = 3, .accept = 1, .epoll = 1, .io_uring = 1, .other = 1}},
	{"6.12-unix.txt", {.listener = 3, .accept = 1, .epoll = 1, .io_uring = 1, .other = 1}},
	{"7.2-unix.txt", {.listener = 3, .accept = 1, .epoll = 1, .io_uring = 1, .other = 1}},
};

static void assert_counts(const struct oracle_counts *counts, const struct oracle_counts *expected)
{
	assert_int_equal(counts->listener, expected->listener);
	assert_int_equal(counts->accept, expected->accept);
	assert_int_equal(counts->epoll, expected->epoll);
	assert_int_equal(counts->poll, expected->poll);
	assert_int_equal(counts->io_uring, expected->io_uring);
	assert_int_equal(counts->migrated, expected->migrated);
	assert_int_equal(counts->chain, expected->chain);
	assert_int_equal(counts->lock, expected->lock);
	assert_int_equal(counts->other, expected->other);
	assert_int_equal(counts->cut, expected->cut);
	assert_int_equal(counts->error_cnt, expected->error_cnt);
	assert_int_equal(counts->lost, expected->lost);
}

static void test_excerpts(void **state)
{
	const char *directory = *state;

	for (size_t i = 0; i < sizeof(excerpts) / sizeof(*excerpts); i++) {
		struct oracle_counts counts = {0};
		char path[4096];
		FILE *in;

		snprintf(path, sizeof(path), "%s/%s", directory, excerpts[i].file);
		print_message("           %s\n", path);
		in = fopen(path, "re");
		assert_non_null(in);
		assert_int_equal(oracle__parse(in, &counts, 1), 0);
		fclose(in);
		assert_counts(&counts, &excerpts[i].expected);
		oracle_counts__free(&counts);
	}
}

/* ---- which class? ---- */

static void parse(const char *text, struct oracle_counts *counts)
{
	FILE *in = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(in);
	assert_int_equal(oracle__parse(in, counts, 1), 0);
	fclose(in);
}

#define ON_CPU(cpu) "          waker-7       [00" #cpu "] d.s5.     3.249645"
#define WAKE(cpu, tid) \
	ON_CPU(cpu) ": sched_waking: comm=server pid=" #tid " prio=120 target_cpu=001\n"
#define STACK(cpu) ON_CPU(cpu) ": <stack trace>\n"

static const char *only_class(const struct oracle_counts *counts)
{
	const struct {
		uint64_t cnt;
		const char *name;
	} classes[] = {
		{counts->accept, "accept"}, {counts->epoll, "epoll"},
		{counts->poll, "poll"},     {counts->io_uring, "io_uring"},
		{counts->signal, "signal"}, {counts->chain, "chain"},
		{counts->lock, "lock"},     {counts->other, "other"},
		{counts->cut, "cut"},       {counts->error_cnt, "error"},
	};
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!classes[i].cnt)
			continue;
		assert_int_equal(classes[i].cnt, 1);
		assert_null(found);
		found = classes[i].name;
	}
	assert_non_null(found);
	return found;
}

/* frames: innermost first, separated by commas */
static void assert_class(const char *frames, const char *class)
{
	struct oracle_counts counts = {0};
	char text[4096] = WAKE(0, 12) STACK(0), *save = NULL;
	char *copy = strdup(frames);

	assert_non_null(copy);
	for (char *frame = strtok_r(copy, ",", &save); frame; frame = strtok_r(NULL, ",", &save))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " => %s\n", frame);
	free(copy);
	parse(text, &counts);
	assert_string_equal(only_class(&counts), class);
	oracle_counts__free(&counts);
}

#define TO_EPOLL    "try_to_wake_up,ep_autoremove_wake_function,__wake_up_common"
#define BY_CALLBACK ",__wake_up_sync,ep_poll_callback,__wake_up_common"
#define TO_POLL     "try_to_wake_up,pollwake,__wake_up_common"
#define TO_ACCEPT   "try_to_wake_up,autoremove_wake_function,__wake_up_common"
#define READY       ",__wake_up_sync_key,sock_def_readable"
#define ARRIVAL     ",tcp_child_process,tcp_v4_rcv"
#define SOFTIRQ     ",net_rx_action,handle_softirqs,asm_common_interrupt"
#define EPOLL_WAIT  ",do_epoll_wait,__x64_sys_epoll_wait,do_syscall_64"

/* Not all of what is far out counts: that is only what the softirq has interrupted. */
static void test_innermost_part(void **state)
{
	(void)state;
	assert_class(TO_EPOLL BY_CALLBACK READY ARRIVAL SOFTIRQ EPOLL_WAIT, "epoll");
	assert_class(TO_ACCEPT READY ARRIVAL SOFTIRQ ",release_sock,inet_csk_accept", "accept");
	assert_class(TO_EPOLL ",__wake_up,ep_done_scan" EPOLL_WAIT, "chain");
	assert_class(TO_EPOLL ",__wake_up" EPOLL_WAIT, "chain");
	/* A connected socket, while a connection arrives. */
	assert_class(TO_EPOLL BY_CALLBACK READY ",tcp_data_queue,tcp_rcv_established" SOFTIRQ
						",sock_def_readable,tcp_child_process" SOFTIRQ,
		     "other");
	/* A timer, on top of each of the others. */
#define TIMER "try_to_wake_up,hrtimer_wakeup,__hrtimer_run_queues,asm_sysvec_apic_timer_interrupt"
	assert_class(TIMER ",ep_done_scan" EPOLL_WAIT, "other");
	assert_class(TIMER ",__wake_up_common" READY ARRIVAL SOFTIRQ, "other");
	assert_class(TIMER ",__wake_up,release_sock,inet_csk_accept", "other");
}

/* The entry of the listener's own queue names the cause, not what may follow behind it. */
static void test_nested_queues(void **state)
{
	(void)state;
	assert_class(TO_EPOLL BY_CALLBACK BY_CALLBACK READY ARRIVAL, "epoll");
	assert_class(TO_POLL BY_CALLBACK READY ARRIVAL, "epoll");
	assert_class("try_to_wake_up,task_work_add,io_poll_wake,__wake_up_common" BY_CALLBACK READY
			     ARRIVAL,
		     "epoll");
	assert_class("try_to_wake_up,task_work_add,io_poll_wake,__wake_up_common" READY ARRIVAL,
		     "io_uring");
	/* An epoll inside an epoll whose harvest wakes it: the listener has no part in it. */
	assert_class(TO_EPOLL BY_CALLBACK ",__wake_up,ep_done_scan" EPOLL_WAIT, "other");
}

/* A client that connects puts itself on the queue; one that writes is somebody's peer. */
static void test_unix(void **state)
{
	(void)state;
	assert_class("try_to_wake_up,autoremove_wake_function,receiver_wake_function,"
		     "__wake_up_common" READY ",unix_stream_connect,__sys_connect,do_syscall_64",
		     "accept");
	assert_class(TO_ACCEPT READY ",unix_stream_connect,__sys_connect,do_syscall_64", "accept");
	assert_class(TO_EPOLL BY_CALLBACK READY ",unix_stream_connect,do_syscall_64", "epoll");
	assert_class(TO_ACCEPT READY ",unix_stream_sendmsg,____sys_sendmsg,do_syscall_64", "other");
	assert_class(TO_EPOLL BY_CALLBACK READY ",unix_stream_sendmsg,do_syscall_64", "other");
	assert_class(TO_POLL ",__wake_up_sync_key,sock_def_wakeup,unix_release_sock,do_syscall_64",
		     "other");
}

static void test_without_walk(void **state)
{
	(void)state;
	assert_class("try_to_wake_up,wake_up_q,__mutex_unlock_slowpath,ep_send_events" EPOLL_WAIT,
		     "other");
	assert_class("try_to_wake_up,complete_signal,send_sigio,sock_def_readable" ARRIVAL,
		     "other");
	/* With and without a tail call. */
	assert_class("try_to_wake_up,send_sigio,kill_fasync,sock_def_readable" ARRIVAL, "signal");
	assert_class(
		"try_to_wake_up,send_sigio,kill_fasync,sock_wake_async,sock_def_readable" ARRIVAL,
		"signal");
	assert_class("try_to_wake_up,send_sigio,kill_fasync,sock_def_readable,tcp_rcv_established,"
		     "do_syscall_64",
		     "other");
	assert_class("try_to_wake_up,wake_up_q,release_sock,inet_csk_accept", "other");
	assert_class(TO_ACCEPT ",__wake_up,release_sock,inet_csk_accept", "lock");
	assert_class(TO_ACCEPT ",__wake_up,release_sock,tcp_recvmsg,do_syscall_64", "other");
	assert_class("try_to_wake_up,swake_up_one,kthread,ret_from_fork_asm", "other");
}

static void test_names(void **state)
{
	(void)state;
	assert_class(TO_EPOLL ",__wake_up,ep_scan_ready_list.constprop.0" EPOLL_WAIT, "chain");
	assert_class(TO_POLL READY ",tcp_child_process.part.0.isra.1", "poll");
	assert_class(TO_POLL READY ",tcp_child_process+0x12/0x340", "poll");
	assert_class(TO_POLL READY ",tcp_child_process <ffffffff81000000>", "poll");
	assert_class(TO_POLL READY ",tcp_child_process_of_mine [module]" SOFTIRQ, "other");
	assert_class(TO_POLL READY ",tcp_child" SOFTIRQ, "other");
}

static void test_trampolines(void **state)
{
	(void)state;
	assert_class(TO_POLL ",bpf_trampoline_6442_1,__wake_up_common" READY
			     ",0xffffffffc00c1025,sock_def_readable" ARRIVAL,
		     "poll");
	assert_class(TO_POLL READY
		     ",[FTRACE TRAMPOLINE],bpf_trampoline_1,sock_def_readable" ARRIVAL,
		     "poll");
	assert_class(TO_POLL READY ",bpf_trampoline_6442" ARRIVAL, "poll");
	assert_class(TO_ACCEPT ",__wake_up,release_sock,0xffffffffc00c1025,release_sock,"
			       "inet_csk_accept",
		     "lock");
	/* Without a trampoline it is called twice. */
	assert_class(TO_POLL READY ",sock_def_readable" ARRIVAL, "error");
	/* The stack goes on, but a caller is missing. */
	assert_class(TO_POLL ",[unknown/kretprobe'd],sock_def_readable" ARRIVAL, "poll");
	assert_class(TO_POLL READY ",kretprobe_trampoline,tcp_v4_rcv" SOFTIRQ, "error");
	assert_class(TO_EPOLL ",return_to_handler,do_syscall_64", "error");
	/* The stack does not go on. */
	assert_class(TO_EPOLL ",[unknown/kretprobe'd]", "cut");
	assert_class(TO_POLL READY ",[unknown/kretprobe'd]", "cut");
	assert_class("try_to_wake_up,[unknown/kretprobe'd]", "error");
	assert_class(TO_POLL ",0xffffffffc00c1025", "error");
	assert_class(TO_POLL READY, "error");
	assert_class("try_to_wake_up,wake_up_new_task", "error");
	assert_class("", "error");
}

static void test_doubt(void **state)
{
	(void)state;
	/* A function of a wait queue entry that is not known. */
	assert_class("try_to_wake_up,fancy_wake_function,__wake_up_common" READY ARRIVAL, "error");
	assert_class("try_to_wake_up,default_wake_function,__wake_up_common" READY ARRIVAL,
		     "error");
	/* Something between sock_def_readable and the arrival. */
	assert_class(TO_POLL READY ",fancy_ops" ARRIVAL, "error");
	assert_class(TO_POLL READY ",fancy_ops" SOFTIRQ ARRIVAL, "other");
	assert_class(TO_ACCEPT ",__wake_up,release_sock,fancy_ops,inet_csk_accept", "error");
}

/* ---- whose wake? ---- */

#define POLL_FRAMES                                                                       \
	" => try_to_wake_up\n => pollwake\n => __wake_up_common\n => sock_def_readable\n" \
	" => tcp_child_process\n => handle_softirqs\n"
#define CHAIN_FRAMES                                                                  \
	" => try_to_wake_up\n => ep_autoremove_wake_function\n => __wake_up_common\n" \
	" => __wake_up\n => ep_done_scan\n => do_epoll_wait\n => do_syscall_64\n"

#define CONTROL_FRAMES                                                                \
	" => try_to_wake_up\n => ep_autoremove_wake_function\n => __wake_up_common\n" \
	" => __wake_up\n => do_epoll_ctl_file\n => __x64_sys_epoll_ctl\n => do_syscall_64\n"

/* Whether a chain's wake came from epoll_ctl() is told, too. */
static void test_controlled(void **state)
{
	struct oracle_counts counts = {0};

	(void)state;
	parse(WAKE(0, 11) STACK(0) CHAIN_FRAMES WAKE(0, 11) STACK(0) CONTROL_FRAMES, &counts);
	assert_int_equal(counts.error_cnt, 0);
	assert_int_equal(counts.chain, 2);
	assert_int_equal(counts.controlled, 1);
	assert_int_equal(counts.wakees[0].chain, 2);
	assert_int_equal(counts.wakees[0].controlled, 1);
	oracle_counts__free(&counts);
}

static void test_pairing(void **state)
{
	struct oracle_counts counts = {0};

	(void)state;
	/* CPU 0 wakes 11, and 12 from an interrupt before the first stack; CPU 1 in between. */
	parse(WAKE(0, 11) WAKE(1, 21) WAKE(0, 12) STACK(0) CHAIN_FRAMES STACK(1)
		      CHAIN_FRAMES STACK(0) POLL_FRAMES WAKE(1, 21) STACK(1) POLL_FRAMES,
	      &counts);
	assert_int_equal(counts.error_cnt, 0);
	assert_int_equal(counts.poll, 2);
	assert_int_equal(counts.chain, 2);
	assert_int_equal(counts.wakee_cnt, 3);
	assert_int_equal(counts.wakees[0].tid, 12);
	assert_int_equal(counts.wakees[0].listener, 0);
	assert_int_equal(counts.wakees[0].chain, 1);
	assert_int_equal(counts.wakees[1].tid, 21);
	assert_int_equal(counts.wakees[1].listener, 1);
	assert_int_equal(counts.wakees[1].chain, 1);
	assert_int_equal(counts.wakees[2].tid, 11);
	assert_int_equal(counts.wakees[2].listener, 1);
	oracle_counts__free(&counts);
	oracle_counts__free(&counts);
}

/* Several texts, as of several CPUs, add up. */
static void test_sum(void **state)
{
	struct oracle_counts counts = {.lost = 3};

	(void)state;
	parse(WAKE(0, 11) STACK(0) POLL_FRAMES, &counts);
	parse(WAKE(1, 12) STACK(1) POLL_FRAMES WAKE(1, 11) STACK(1) POLL_FRAMES, &counts);
	assert_int_equal(counts.listener, 3);
	assert_int_equal(counts.poll, 3);
	assert_int_equal(counts.lost, 3);
	assert_int_equal(counts.wakee_cnt, 2);
	assert_int_equal(counts.wakees[0].listener, 2);
	oracle_counts__free(&counts);
}

#define LATER_WAKE(tid)                                                                         \
	"          waker-7       [000] d.s5.     5.000001: sched_waking: comm=server pid=" #tid \
	" prio=120 target_cpu=001\n"

/* Each gets what lies in its time; what was not understood may belong to any of them. */
static void test_windows(void **state)
{
	static const char text[] = WAKE(0, 11) STACK(0) POLL_FRAMES LATER_WAKE(12) STACK(0)
		CHAIN_FRAMES LATER_WAKE(12) STACK(0) POLL_FRAMES "rubbish\n";
	struct oracle_counts counts[] = {
		{.until_ns = 0},
		{.until_ns = 4000000000},
		{.from_ns = 3249645999, .until_ns = 5000000999},
		{.from_ns = 3249646000, .until_ns = 5000001000},
		{.from_ns = 5000002000},
	};
	static const uint64_t listener[] = {2, 1, 1, 1, 0}, chain[] = {1, 0, 0, 1, 0};
	FILE *in = fmemopen((void *)text, strlen(text), "r");

	(void)state;
	assert_int_equal(oracle__parse(in, counts, 5), 0);
	fclose(in);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(counts[i].listener, listener[i]);
		assert_int_equal(counts[i].chain, chain[i]);
		assert_int_equal(counts[i].error_cnt, 1);
	}
	assert_int_equal(counts[2].wakees[0].tid, 11);
	assert_int_equal(counts[3].wakee_cnt, 1);
	assert_int_equal(counts[3].wakees[0].tid, 12);
	assert_int_equal(counts[3].wakees[0].chain, 1);
	for (size_t i = 0; i < 5; i++)
		oracle_counts__free(&counts[i]);
}

static void assert_errors(const char *text, uint64_t expected)
{
	struct oracle_counts counts = {0};

	parse(text, &counts);
	assert_int_equal(counts.error_cnt, expected);
	oracle_counts__free(&counts);
}

static void test_nothing_is_dropped(void **state)
{
	char many[32 * sizeof(WAKE(0, 1))] = "";

	(void)state;
	assert_errors(WAKE(0, 11), 1);
	assert_errors(WAKE(0, 11) WAKE(0, 11) STACK(0) POLL_FRAMES, 1);
	assert_errors(STACK(0) POLL_FRAMES, 1);
	assert_errors(WAKE(0, 11) STACK(1) POLL_FRAMES, 2);
	assert_errors(WAKE(0, 11) STACK(0), 1);
	assert_errors(" => pollwake\n", 1);
	assert_errors("rubbish\n", 1);
	assert_errors(WAKE(0, 11) STACK(0) POLL_FRAMES "rubbish\n => pollwake\n", 2);
	assert_errors("waker-7 d.s5. 3.2: sched_waking: comm=server pid=11 prio=120\n", 1);
	assert_errors(ON_CPU(0) ": sched_waking: comm=server\n", 1);
	assert_errors(ON_CPU(0) ": sched_waking: comm=server pid=99999999999 prio=120\n", 1);
	assert_errors(ON_CPU(0) ": sched_wakeup: comm=server pid=11 prio=120 target_cpu=001\n", 1);
	/* The text ends in the middle. */
	assert_errors(WAKE(0, 11) STACK(0) " => pollwake\n => __wake_up_common\n => sock_def_rea",
		      1);
	for (int i = 0; i < 32; i++)
		strcat(many, WAKE(0, 1));
	assert_errors(many, 32);
}

static void test_remarks(void **state)
{
	(void)state;
	assert_errors("# tracer: nop\n#\n\nCPU:1 [LOST 12 EVENTS]\n", 0);
	assert_errors("##### CPU 1 buffer started ####\n" WAKE(0, 11) STACK(0) POLL_FRAMES, 0);
}

/* A task can call itself what it likes. */
static void test_hostile_names(void **state)
{
	struct oracle_counts counts = {0};

	(void)state;
	parse("    <stack trace>-7     [001] d.s5. 3.2: sched_waking: comm=x pid=9 prio=1 pid=12 "
	      "prio=120 target_cpu=001\n"
	      "         => [009]-7     [001] d.s5. 3.3: <stack trace>\n" POLL_FRAMES
	      " => [003] abcdef-8      [000] d.s5. 3.4: sched_waking: comm=a b pid=13 prio=120 "
	      "target_cpu=001\n" STACK(0) POLL_FRAMES,
	      &counts);
	assert_int_equal(counts.error_cnt, 0);
	assert_int_equal(counts.poll, 2);
	assert_int_equal(counts.wakee_cnt, 2);
	assert_int_equal(counts.wakees[0].tid, 12);
	assert_int_equal(counts.wakees[1].tid, 13);
	oracle_counts__free(&counts);
}

static void test_unreadable(void **state)
{
	struct oracle_counts counts = {0};
	FILE *in = fopen(".", "re");

	(void)state;
	assert_non_null(in);
	assert_true(oracle__parse(in, &counts, 1) < 0);
	fclose(in);
	oracle_counts__free(&counts);
}

/* The argument is the directory of the excerpts. */
int main(int argc, char **argv)
{
	void *directory = argc > 1 ? argv[1] : "tests/vm/stacks";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_excerpts, directory),
		cmocka_unit_test(test_innermost_part),
		cmocka_unit_test(test_nested_queues),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_without_walk),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_trampolines),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_controlled),
		cmocka_unit_test(test_pairing),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_nothing_is_dropped),
		cmocka_unit_test(test_remarks),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
