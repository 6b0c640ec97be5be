// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What /proc tells about tasks, whatever they call themselves and however they end. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "tasks.h"

/* ---- states ---- */

static void sleep_as(void *comm)
{
	prctl(PR_SET_NAME, comm);
	sleep_for_ever(NULL);
}

/* The name stands in the middle of the line, and may look like what comes after it. */
static void test_hostile_names(void **state)
{
	static char *const names[] = {"a) S 1 (", ") R 1 1 1 1 1 1", "(((", ")))", "a\nb) Z 1", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pid_t pid = start_child(sleep_as, names[i]), *found;

		await_rest(pid, pid, TASK_SLEEPS);
		assert_int_equal(procfs__descendants(getpid(), &found), 1);
		assert_int_equal(found[0], pid);
		free(found);
		end_child(pid);
	}
}

static void test_runs(void **state)
{
	pid_t spinner = start_child(spin, NULL);

	(void)state;
	assert_int_equal(procfs__rest(getpid(), syscall(SYS_gettid)), TASK_RUNS);
	assert_int_equal(procfs__rest(spinner, spinner), TASK_RUNS);
	assert_true(procfs__runs(spinner, spinner));
	end_child(spinner);
}

static void test_naps(void **state)
{
	pid_t pid = start_child(nap_for_long, NULL);

	(void)state;
	await_rest(pid, pid, TASK_NAPS);
	assert_false(procfs__runs(pid, pid));
	end_child(pid);
}

/* In which call, and that it is in none where it runs. */
static void test_call(void **state)
{
	pid_t sleeper = start_child(sleep_for_ever, NULL), spinner = start_child(spin, NULL);

	(void)state;
	await_rest(sleeper, sleeper, TASK_SLEEPS);
	assert_int_equal(procfs__call(sleeper, sleeper), SYS_pause);
	assert_int_equal(procfs__call(spinner, spinner), PROCFS_RUNS_NOW);
	assert_int_equal(procfs__call(NO_TASK, NO_TASK), PROCFS_NO_CALL);
	end_child(sleeper);
	end_child(spinner);
}

/* It will go on by itself as little as a sleeping one, but it is not at rest either. */
static void test_stopped(void **state)
{
	pid_t pid = start_child(sleep_for_ever, NULL);

	(void)state;
	await_rest(pid, pid, TASK_SLEEPS);
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	assert_int_equal(procfs__rest(pid, pid), TASK_RUNS);
	end_child(pid);
}

static void do_nothing(void *unused)
{
	(void)unused;
}

static void test_zombie_and_gone(void **state)
{
	pid_t pid = start_child(do_nothing, NULL), *found;
	siginfo_t info;

	(void)state;
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(procfs__rest(pid, pid), TASK_GONE);
	assert_int_equal(procfs__descendants(getpid(), &found), 0);
	free(found);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(procfs__rest(pid, pid), TASK_GONE);
	assert_int_equal(procfs__rest(NO_TASK, NO_TASK), TASK_GONE);
	assert_false(procfs__runs(NO_TASK, NO_TASK));
}

/* ---- trees ---- */

static void have_a_child(void *unused)
{
	start_child(sleep_for_ever, unused);
	sleep_for_ever(NULL);
}

static size_t count_below(pid_t root)
{
	pid_t *found;
	size_t cnt = procfs__descendants(root, &found);

	assert_non_null(found);
	free(found);
	return cnt;
}

static void await_below(pid_t root, size_t cnt)
{
	uint64_t limit_ns = clock__now_ns() + PATIENCE_NS;

	while (count_below(root) != cnt) {
		assert_true(clock__now_ns() < limit_ns);
		sched_yield();
	}
}

static void test_descendants(void **state)
{
	pid_t one = start_child(have_a_child, NULL), other = start_child(sleep_for_ever, NULL);
	pid_t *found;
	bool seen_one = false, seen_other = false;

	(void)state;
	await_below(getpid(), 3);
	assert_int_equal(count_below(one), 1);
	assert_int_equal(count_below(other), 0);
	assert_int_equal(count_below(NO_TASK), 0);
	assert_int_equal(procfs__descendants(getpid(), &found), 3);
	assert_true(procfs__is_below(one, getpid()));
	assert_false(procfs__is_below(getpid(), one));
	assert_false(procfs__is_below(one, one));
	assert_false(procfs__is_below(NO_TASK, getpid()));
	assert_false(procfs__is_below(getppid(), getpid()));
	for (size_t i = 0; i < 3; i++) {
		assert_true(procfs__is_below(found[i], getpid()));
		assert_false(procfs__is_below(found[i], other));
		assert_int_equal(procfs__is_below(found[i], one),
				 found[i] != one && found[i] != other);
		seen_one |= found[i] == one;
		seen_other |= found[i] == other;
		assert_int_not_equal(found[i], getpid());
	}
	assert_true(seen_one && seen_other);
	free(found);
	end_child(one);
	end_child(other);
}

/* ---- single processes ---- */

/* Other ways to see /proc take privileges: tests/vm/live_misuse.c. */
static void test_view(void **state)
{
	(void)state;
	assert_int_equal(procfs__view(), PROCFS_OURS);
}

/* Whatever it is called. */
static void test_look_up(void **state)
{
	pid_t pid = start_child(sleep_as, "\nTgid:\t1\n");
	struct procfs_process p;

	(void)state;
	await_rest(pid, pid, TASK_SLEEPS);
	assert_int_equal(procfs__look_up(pid, &p), 0);
	assert_int_equal(p.pid, pid);
	assert_int_equal(p.parent, getpid());
	assert_false(p.is_kernel_thread || p.is_zombie);
	end_child(pid);
	assert_int_equal(procfs__look_up(pid, &p), -ESRCH);
}

/* ---- threads ---- */

static void *thread_sleeps(void *arg)
{
	sleep_for_ever(arg);
	return NULL;
}

static void have_threads(void *unused)
{
	pthread_t thread;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, thread_sleeps, unused))
			_exit(1);
	sleep_for_ever(NULL);
}

struct visits {
	unsigned cnt;
	int stop_with;
	pid_t last;
};

static int visit(void *arg, pid_t tid)
{
	struct visits *v = arg;

	v->cnt++;
	v->last = tid;
	return v->stop_with;
}

static struct visits visits_of(pid_t pid, int stop_with)
{
	struct visits v = {.stop_with = stop_with};

	assert_int_equal(procfs__each_thread(pid, visit, &v), stop_with);
	return v;
}

static void await_threads(pid_t pid, unsigned cnt)
{
	uint64_t limit_ns = clock__now_ns() + PATIENCE_NS;

	while (visits_of(pid, 0).cnt != cnt) {
		assert_true(clock__now_ns() < limit_ns);
		sched_yield();
	}
}

static void test_threads(void **state)
{
	pid_t pid = start_child(have_threads, NULL);

	(void)state;
	await_threads(pid, 3);
	assert_int_equal(visits_of(pid, -EIO).cnt, 1);
	assert_int_equal(procfs__each_thread(NO_TASK, visit, NULL), -ESRCH);
	await_rest(pid, visits_of(pid, 0).last, TASK_SLEEPS);
	/* A thread is no process below. */
	assert_int_equal(count_below(pid), 0);
	end_child(pid);
}

static void end_the_first_thread(void *unused)
{
	pthread_t thread;

	if (socket(AF_INET, SOCK_STREAM, 0) < 0 ||
	    pthread_create(&thread, NULL, thread_sleeps, unused))
		_exit(1);
	syscall(SYS_exit, 0);
}

static void count_socket(void *cnt, unsigned long inode)
{
	(void)inode;
	++*(size_t *)cnt;
}

/* It looks like a zombie, and is none: the other thread has all that it had. */
static void test_first_thread_ended(void **state)
{
	pid_t pid = start_child(end_the_first_thread, NULL);
	size_t sockets = 0;

	(void)state;
	await_rest(pid, pid, TASK_GONE);
	assert_int_equal(count_below(getpid()), 1);
	assert_int_not_equal(procfs__living_thread(pid), pid);
	procfs__each_socket(pid, count_socket, &sockets);
	assert_int_equal(sockets, 1);
	end_child(pid);
	assert_int_equal(count_below(getpid()), 0);
	assert_int_equal(procfs__living_thread(pid), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_naps),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_zombie_and_gone),
		cmocka_unit_test(test_descendants),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_look_up),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_first_thread_ended),
	};

	return cmocka_run_group_tests_name("procfs", tests, NULL, NULL);
}
