// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What doctor does without a tracer: its server and client, and what it says of who was seen waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <zlib.h>

#include "doctor/recognise.h"
#include "files.h"
#include "records.h"

#define SERVER 4711

static void test_exercise(void **state)
{
	struct exercise e;
	size_t made = 0;

	(void)state;
	assert_int_equal(exercise__start(&e), 0);
	assert_int_equal(exercise__run(&e), 0);
	/* Rings are forbidden on many machines, and doctor is told so. */
	for (enum exercise_way way = 0; way < EXERCISE_WAYS; way++) {
		assert_true(way == WAY_RING || !e.errors[way]);
		if (e.errors[way])
			assert_true(e.errors[way] < 0);
		else
			assert_int_equal(e.made[made++], way);
	}
	assert_int_equal(made, e.made_cnt);
}

/* ---- who was seen ---- */

static const struct exercise all = {
	.made = {WAY_ACCEPT, WAY_EPOLL, WAY_POLL, WAY_SELECT, WAY_RING, WAY_UNIX},
	.made_cnt = EXERCISE_WAYS,
};

/* A connection for which a task was seen waiting, 0: nobody was. */
static void connection(struct tape *t, uint64_t arrival, uint32_t tid, enum wake_cause cause)
{
	tape__arrival(t, arrival, 1);
	if (tid)
		tape__waiters(t, arrival, &tid, 1)->cause = cause;
}

/* As it should be, but for the connection with this index. */
static void connections(struct tape *t, size_t but)
{
	for (size_t i = 0; i < all.made_cnt; i++)
		if (i != but)
			connection(t, 100 + i, SERVER, exercise_kinds[all.made[i]].cause);
		else
			connection(t, 100 + i, 0, 0);
}

static void expect(struct tape *t, const struct exercise *e, bool traces_unix, bool good,
		   const char *says)
{
	struct recognition seen = {.pid = SERVER};
	struct findings findings = {0};
	const struct record_header *r = NULL;
	bool is_good = true;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	while ((r = tape__next(t, r)))
		assert_int_equal(recognition__take(&seen, r), 0);
	assert_int_equal(recognition__judge(&seen, e, traces_unix, &findings), 0);
	for (size_t i = 0; i < findings.all.cnt; i++)
		is_good &= findings.all.at[i].state != FINDING_FAILED;
	assert_int_equal(is_good, good);
	assert_int_equal(findings_table__write(out, &findings), 0);
	findings__drop(&findings);
	fclose(out);
	assert_non_null(strstr(text, "\n\nwaiters "));
	assert_string_equal(strstr(text, "waiters "), says);
	free(text);
	tape__free(t);
}

static void test_all_recognised(void **state)
{
	struct tape t = {0};

	(void)state;
	connections(&t, SIZE_MAX);
	expect(&t, &all, true, true,
	       "waiters      recognised: accept epoll poll select io_uring unix\n");
}

static void test_one_is_not(void **state)
{
	struct tape t = {0};

	(void)state;
	connections(&t, 1);
	expect(&t, &all, true, false,
	       "waiters      recognised: accept poll select io_uring unix NOT RECOGNISED: epoll\n");
}

/* As with kernel.kptr_restrict=2: every hook works, and nobody is seen. */
static void test_nobody_is(void **state)
{
	struct tape t = {0};

	(void)state;
	for (uint64_t i = 0; i < EXERCISE_WAYS; i++)
		tape__arrival(&t, i + 1, 1);
	expect(&t, &all, true, false,
	       "waiters      NOT RECOGNISED: accept epoll poll select io_uring unix\n");
}

static void test_another_task_or_way(void **state)
{
	const struct exercise e = {.made = {WAY_ACCEPT, WAY_EPOLL, WAY_POLL}, .made_cnt = 3};
	const uint32_t server = SERVER;
	struct waiter_entry *both;
	struct tape t = {0};

	(void)state;
	connection(&t, 1, SERVER + 1, CAUSE_ACCEPT);
	connection(&t, 2, SERVER, CAUSE_POLL);
	connection(&t, 3, SERVER, CAUSE_POLL);
	tape__waiters(&t, 3, &server, 1)->cause = CAUSE_EPOLL;
	expect(&t, &e, true, false, "waiters      NOT RECOGNISED: accept epoll poll\n");
	connection(&t, 1, SERVER, CAUSE_ACCEPT);
	connection(&t, 2, SERVER, CAUSE_EPOLL);
	connection(&t, 3, 0, 0);
	both = tape__waiters(&t, 3, (const uint32_t[]){SERVER, SERVER}, 2);
	both[0].cause = CAUSE_POLL;
	both[1].elsewhere = 1;
	expect(&t, &e, true, true, "waiters      recognised: accept epoll poll\n");
}

static void test_not_tried(void **state)
{
	const struct exercise e = {
		.made = {WAY_ACCEPT, WAY_UNIX}, .made_cnt = 2, .errors = {[WAY_RING] = -EPERM}};
	struct tape t = {0};

	(void)state;
	connection(&t, 1, SERVER, CAUSE_ACCEPT);
	expect(&t, &e, false, true,
	       "waiters      recognised: accept not tried: io_uring (Operation not permitted)\n");
	connection(&t, 1, SERVER, CAUSE_ACCEPT);
	expect(&t, &e, true, false,
	       "waiters      recognised: accept NOT RECOGNISED: unix not tried: io_uring "
	       "(Operation "
	       "not permitted)\n");
}

/* ---- the table and the document ---- */

/* A lockdown that refuses tracing, and one finding of the other kinds. */
static void find_some(struct findings *findings)
{
	struct doctor_finding *f = findings__add(findings, FINDING_CHECK, "lockdown");

	strcpy(f->found, "confidentiality");
	f->state = FINDING_FAILED;
	error__set(&f->cause, FAULT_SYSTEM, -EPERM, "it refuses; all of it; boot without");
	findings__add(findings, FINDING_CHECK, "attach")->state = FINDING_NOT_TRIED;
	strcpy(findings__add(findings, FINDING_CHECK, "types")->found, "/sys/kernel");
	f = findings__add(findings, FINDING_HOOK, "ep_poll");
	f->state = FINDING_NOT_THERE;
	f->purpose = "sleeps";
	f = findings__add(findings, FINDING_WAITER, "poll");
	f->state = FINDING_FAILED;
	error__set(&f->cause, FAULT_SYSTEM, -EIO, "not recognised");
	strcpy(findings->system.release, "6.12");
	strcpy(findings->system.machine, "x86_64");
	findings->can_trace = true;
	findings->libbpf = "1.1";
	findings->start_ns = 5;
	findings->surroundings.config[0] = (struct surrounding){"CONFIG_BPF_JIT", "y"};
}

static char *write_all(int (*write)(FILE *out, const struct findings *findings))
{
	struct findings findings = {0};
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	find_some(&findings);
	assert_int_equal(write(out, &findings), 0);
	findings__drop(&findings);
	fclose(out);
	return text;
}

static void test_table(void **state)
{
	char *text = write_all(findings_table__write);

	(void)state;
	assert_string_equal(
		text, "kernel       6.12 x86_64\n"
		      "lockdown     FAILED (confidentiality): it refuses; all of it; boot without\n"
		      "attach       not tried\n"
		      "types        /sys/kernel\n"
		      "\nfunction                     how         programs   calls\n"
		      "ep_poll                      -                  0       0  "
		      "not in this kernel                 sleeps\n"
		      "\nwaiters      NOT RECOGNISED: poll\n"
		      "herdtrace can trace this kernel\n");
	free(text);
}

static void assert_text(const json_t *object, const char *key, const char *says)
{
	const json_t *value = json_object_get(object, key);

	if (says)
		assert_string_equal(json_string_value(value), says);
	else
		assert_true(json_is_null(value));
}

static void test_json(void **state)
{
	char *text = write_all(findings_json__write);
	json_t *document = json_loads(text, 0, NULL), *checks, *hook, *waiter;

	(void)state;
	assert_non_null(document);
	assert_text(document, "schema", "herdtrace-doctor/1");
	assert_text(json_object_get(document, "attach"), "mode", NULL);
	assert_true(json_is_true(json_object_get(document, "can_trace")));
	checks = json_object_get(document, "checks");
	assert_int_equal(json_array_size(checks), 3);
	assert_text(json_array_get(checks, 0), "state", "failed");
	assert_text(json_array_get(checks, 0), "found", "confidentiality");
	assert_text(json_array_get(checks, 0), "cause", "it refuses; all of it");
	assert_text(json_array_get(checks, 0), "remedy", "boot without");
	assert_text(json_array_get(checks, 1), "state", "not_tried");
	assert_text(json_array_get(checks, 2), "state", "ok");
	assert_text(json_array_get(checks, 2), "cause", NULL);
	hook = json_array_get(json_object_get(document, "hooks"), 0);
	assert_text(hook, "name", "ep_poll");
	assert_text(hook, "state", "not_there");
	assert_text(hook, "how", NULL);
	assert_text(hook, "purpose", "sleeps");
	waiter = json_array_get(json_object_get(document, "waiters"), 0);
	assert_text(waiter, "cause", "not recognised");
	assert_text(waiter, "remedy", NULL);
	assert_text(json_object_get(document, "versions"), "libbpf", "1.1");
	assert_text(json_object_get(document, "versions"), "distribution", NULL);
	assert_text(json_object_get(document, "config"), "CONFIG_BPF_JIT", "y");
	assert_text(document, "config_source", NULL);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(document, "costs"), "start_ns")),
		5);
	assert_true(json_is_null(json_object_get(json_object_get(document, "costs"), "stop_ns")));
	assert_true(json_is_null(json_object_get(hook, "run_ns")));
	json_decref(document);
	free(text);
}

/* ---- what a report of a bug has to say of the machine ---- */

static const char *value_of(const struct surrounding *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list->value;
	fail_msg("nothing asks for %s", name);
	return NULL;
}

static void put_compressed(const char *name, const char *text)
{
	gzFile out = gzopen(name, "we");

	assert_non_null(out);
	assert_true(gzputs(out, text) > 0);
	assert_int_equal(gzclose(out), Z_OK);
}

static void make_root(void)
{
	static const char *const directories[] = {"etc",
						  "boot",
						  "proc",
						  "proc/sys",
						  "proc/sys/net",
						  "proc/sys/net/core",
						  "proc/sys/kernel"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		assert_int_equal(mkdir(directories[i], 0755), 0);
}

static void test_surroundings(void **state)
{
	struct surroundings s;

	make_root();
	files__put("etc/os-release", "NAME=x\nPRETTY_NAME=\"A System 12\"\nPRETTY=y\n");
	files__put("proc/sys/kernel/kptr_restrict", "2\n");
	files__put("proc/sys/net/core/bpf_jit_enable", "0\n");
	files__put("boot/config-6.1-x", "CONFIG_BPF_JIT=y\n# CONFIG_PREEMPT_RT is not set\n"
					"CONFIG_HZ=250\nCONFIG_HZ_250=y\nCONFIG_KPROBES=m");
	surroundings__read(&s, *state, "6.1-x");
	assert_string_equal(s.distribution, "A System 12");
	assert_string_equal(s.config_source, "/boot/config-6.1-x");
	assert_string_equal(value_of(s.config, "CONFIG_BPF_JIT"), "y");
	assert_string_equal(value_of(s.config, "CONFIG_PREEMPT_RT"), "n");
	assert_string_equal(value_of(s.config, "CONFIG_HZ"), "250");
	assert_string_equal(value_of(s.config, "CONFIG_KPROBES"), "m");
	assert_string_equal(value_of(s.config, "CONFIG_PREEMPT"), "");
	assert_string_equal(value_of(s.settings, "kernel.kptr_restrict"), "2");
	assert_string_equal(value_of(s.settings, "net.core.bpf_jit_enable"), "0");
	assert_string_equal(value_of(s.settings, "net.ipv4.tcp_syncookies"), "");
	assert_true(s.cpus > 0 && s.memory_bytes > 0);

	/* What the running kernel says of itself comes first. */
	put_compressed("proc/config.gz", "CONFIG_CC_VERSION_TEXT=\"gcc 12\"\n");
	surroundings__read(&s, *state, "6.1-x");
	assert_string_equal(s.config_source, "/proc/config.gz");
	assert_string_equal(value_of(s.config, "CONFIG_CC_VERSION_TEXT"), "gcc 12");
	assert_string_equal(value_of(s.config, "CONFIG_BPF_JIT"), "");
}

static void test_no_surroundings(void **state)
{
	struct surroundings s;

	surroundings__read(&s, *state, "6.1-x");
	assert_string_equal(s.distribution, "");
	assert_string_equal(s.config_source, "");
	assert_string_equal(value_of(s.config, "CONFIG_BPF_JIT"), "");
	assert_string_equal(value_of(s.settings, "kernel.kptr_restrict"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exercise),
		cmocka_unit_test(test_all_recognised),
		cmocka_unit_test(test_one_is_not),
		cmocka_unit_test(test_nobody_is),
		cmocka_unit_test(test_another_task_or_way),
		cmocka_unit_test(test_not_tried),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_json),
		cmocka_unit_test_setup_teardown(test_surroundings, files__begin, files__end),
		cmocka_unit_test_setup_teardown(test_no_surroundings, files__begin, files__end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
