// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Where tasks are and which epoll instances watch a listener: what /proc says, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cgpath.h"
#include "model_fixture.h"
#include "record/stream.h"
#include "render/formats.h"
#include "report/fold.h"
#include "target/epolls.h"
#include "target/places.h"
#include "tasks.h"

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

/* ---- paths ---- */

static const struct {
	const char *path, *unit, *container;
} paths[] = {
	{"", "", ""},
	{"/", "", ""},
	{"/system.slice/web.service", "web.service", ""},
	{"/system.slice/web.service/", "web.service", ""},
	{"/system.slice/web.service/workers/1", "web.service", ""},
	{"/system.slice/system-web.slice/web@a\\x2db.service", "web@a\\x2db.service", ""},
	{"/user.slice/user-1.slice/user@1.service/app.slice/web.service", "web.service", ""},
	{"/user.slice/user-1.slice/session-3.scope", "", ""},
	{"/user.slice/user-1.slice/user@1.service/init.scope", "user@1.service", ""},
	{"/system.slice/run-u7.scope", "run-u7.scope", ""},
	{"/.service", "", ""},
	{"/docker/" ID, "", ID},
	{"/system.slice/docker-" ID ".scope", "", ID},
	{"/machine.slice/libpod-" ID ".scope/container", "", ID},
	{"/libpod_parent/libpod-payload-" ID, "", ID},
	{"/kubepods.slice/kubepods-pod12_34.slice/cri-containerd-" ID ".scope", "", ID},
	{"/system.slice/web.service/libpod-payload-" ID, "web.service", ID},
	{"/libpod-" ID ".scope/system.slice/web.service", "web.service", ID},
	{"/docker/" ID "/docker/" ID2, "", ID2},
	{"/docker/" ID "0", "", ""},
	{"/docker/x" ID, "", ""},
	{"/docker/0123456789abcdef", "", ""},
};

static void test_paths(void **state)
{
	char name[CGPATH_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(cgpath__unit(paths[i].path, name), *paths[i].unit != 0);
		assert_string_equal(name, paths[i].unit);
		assert_int_equal(cgpath__container(paths[i].path, name), *paths[i].container != 0);
		assert_string_equal(name, paths[i].container);
	}
}

/* A recording may say what no file system would. */
static void test_long_path(void **state)
{
	char path[600], name[CGPATH_NAME_SIZE];

	(void)state;
	memset(path, 'x', sizeof(path));
	strcpy(path + sizeof(path) - 9, ".service");
	assert_false(cgpath__unit(path, name));
	path[sizeof(path) - CGPATH_NAME_SIZE - 1] = '/';
	assert_true(cgpath__unit(path, name));
	assert_int_equal(strlen(name), CGPATH_NAME_SIZE - 1);
}

/* ---- /proc ---- */

static void check_status(const char *text, uint32_t pid, uint32_t tid)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	uint32_t ns_pid = 9, ns_tid = 9;

	places__parse_status(f, &ns_pid, &ns_tid);
	fclose(f);
	assert_int_equal(ns_pid, pid);
	assert_int_equal(ns_tid, tid);
}

static void test_status(void **state)
{
	(void)state;
	check_status("Name:\tx\nNStgid:\t258\t4\nNSpid:\t259\t5\nNSpgid:\t1\t2\n", 4, 5);
	check_status("NStgid:\t258\t40\t1\nNSpid:\t258\t40\t1\n", 1, 1);
	check_status("NStgid:\t258\nNSpid:\t258\nNSpgid:\t1\t2\n", 0, 0);
	check_status("Name:\tNSpid:\nUmask:\t0022\n", 0, 0);
	check_status("NSpid:\n", 0, 0);
}

static void check_cgroup(const char *text, const char *wanted)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	char path[32];

	places__parse_cgroup(f, path, sizeof(path));
	fclose(f);
	assert_string_equal(path, wanted);
}

static void test_cgroup(void **state)
{
	(void)state;
	check_cgroup("0::/system.slice/a.service\n", "/system.slice/a.service");
	check_cgroup("1:name=systemd:/a.service\n0::/\n", "/a.service");
	check_cgroup("1:name=systemd:/a.service\n0::/b.service\n", "/b.service");
	check_cgroup("0::/b.service\n1:name=systemd:/a.service\n", "/b.service");
	check_cgroup("4:memory:/x:name=systemd:/a.service\n", "");
	check_cgroup("0::/0123456789012345678901234567890123\n", "");
	check_cgroup("0::/\n", "");
}

static void test_item(void **state)
{
	struct epoll_item item;

	(void)state;
	assert_true(epolls__parse_item("tfd:        3 events: 90000019 data:         ffffffffffff  "
				       "pos:0 ino:1a2b sdev:8\n",
				       &item));
	assert_int_equal(item.fd, 3);
	assert_int_equal(item.events, 0x90000019);
	assert_int_equal(item.inode, 0x1a2b);
	assert_false(epolls__parse_item("pos:\t0\n", &item));
	assert_false(epolls__parse_item("tfd:        3 events: 19 data: 3", &item));
	assert_false(epolls__parse_item("", &item));
}

/* A server that forks without end is looked at now and then; who is there at the start, in any case. */
static void test_rate(void **state)
{
	struct record_task task = {
		.header = {.type = RECORD_TASK, .len = sizeof(task), .tid = 11, .time_ns = 1000000},
		.event = TASK_FORKED,
	};
	struct places p = {0};
	size_t before;

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		places__take(&p, &task.header);
	assert_int_equal(p.waiting.cnt, 1024);
	task.event = TASK_SEEN;
	places__take(&p, &task.header);
	assert_int_equal(p.waiting.cnt, 1025);
	task.event = TASK_EXECED;
	before = p.waiting.cnt;
	for (unsigned i = 0; i < 5000; i++) {
		task.header.time_ns += 200000;
		places__take(&p, &task.header);
	}
	assert_int_equal(p.waiting.cnt - before, 500);
	task.event = TASK_EXITED;
	task.header.time_ns += 1000000000;
	places__take(&p, &task.header);
	assert_int_equal(p.waiting.cnt - before, 500);
	places__free(&p);
}

/* ---- of real ones ---- */

struct seen {
	struct record_epoll epolls[8];
	size_t cnt;
};

static int keep_epoll(void *arg, const struct record_header *record)
{
	struct seen *s = arg;

	if (record->type == RECORD_EPOLL && s->cnt < 8)
		memcpy(&s->epolls[s->cnt++], record, sizeof(struct record_epoll));
	return 0;
}

struct bench {
	struct stream stream;
	struct epolls epolls;
	struct model *model;
	struct seen seen;
	struct tape tape;
	int listener, epoll;
};

static void push(struct bench *b, const void *record)
{
	const struct record_header *h = record;

	assert_int_equal(stream__push(&b->stream, record, h->len), 0);
}

/* A listener of this process, in an epoll instance of its own. */
static void open_bench(struct bench *b, uint32_t events)
{
	struct epoll_event event = {.events = events};
	struct record_listen *r;
	struct stat status;

	*b = (struct bench){.model = model__new(), .epoll = epoll_create1(EPOLL_CLOEXEC)};
	b->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(b->listener, 1), 0);
	assert_int_equal(epoll_ctl(b->epoll, EPOLL_CTL_ADD, b->listener, &event), 0);
	assert_int_equal(fstat(b->listener, &status), 0);
	stream__add_sink(&b->stream, model__take, b->model);
	stream__add_sink(&b->stream, epolls__take, &b->epolls);
	stream__add_sink(&b->stream, keep_epoll, &b->seen);
	push(b, tape__task(&b->tape, TASK_SEEN, getpid(), "server"));
	r = tape__listen(&b->tape, LISTENER, 8888);
	r->inode = status.st_ino;
	push(b, r);
}

static void close_bench(struct bench *b)
{
	epolls__free(&b->epolls);
	model__free(b->model);
	tape__free(&b->tape);
	close(b->listener);
	close(b->epoll);
}

static void look(struct bench *b)
{
	b->seen.cnt = 0;
	assert_int_equal(epolls__tell(&b->epolls, &b->stream, b->model), 0);
}

static void test_own_instance(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
	look(&b);
	assert_int_equal(b.seen.cnt, 1);
	assert_int_equal(b.seen.epolls[0].header.tid, getpid());
	assert_int_equal(b.seen.epolls[0].listener, LISTENER);
	assert_int_equal(b.seen.epolls[0].fd, b.epoll);
	assert_int_equal(b.seen.epolls[0].watched, b.listener);
	assert_int_equal(b.seen.epolls[0].events & ~(EPOLLERR | EPOLLHUP),
			 (uint32_t)(EPOLLIN | EPOLLET | EPOLLEXCLUSIVE));
	push(&b, tape__unlisten(&b.tape, LISTENER));
	look(&b);
	assert_int_equal(b.seen.cnt, 0);
	close_bench(&b);
}

/* In a child, and twice in this process: the same, where kcmp() can tell. */
static void test_shared_instance(void **state)
{
	struct bench b;
	int twice;
	pid_t child;

	(void)state;
	open_bench(&b, EPOLLIN);
	twice = dup(b.epoll);
	child = start_child(sleep_for_ever, NULL);
	push(&b, tape__task(&b.tape, TASK_FORKED, child, "server"));
	look(&b);
	assert_in_range(b.seen.cnt, 1, 4);
	if (b.seen.epolls[0].processes) {
		assert_int_equal(b.seen.cnt, 1);
		assert_int_equal(b.seen.epolls[0].processes, 2);
	} else {
		assert_int_equal(b.seen.cnt, 4);
	}
	end_child(child);
	close(twice);
	close_bench(&b);
}

/* ---- in the report ---- */

static void begin(struct tape *t)
{
	tape__task(t, TASK_SEEN, 11, "server");
	tape__task(t, TASK_SEEN, 12, "server");
	tape__listen(t, LISTENER, 8888);
}

static void serve(struct tape *t, uint64_t arrival, uint32_t tid)
{
	tape__arrival(t, arrival, LISTENER);
	tape__walk(t, arrival, 1);
	tape__wake(t, arrival, tid, CAUSE_EPOLL);
	tape__run(t, tid);
	tape__accept(t, tid, arrival);
	tape__return(t, tid);
	tape__sleep(t, tid);
}

/* Before and after the task is known for a worker; the newest holds. */
static void test_workers(void **state)
{
	const struct report_place *place;
	struct tape t = {0};
	struct report *r;

	(void)state;
	begin(&t);
	tape__place(&t, 11, 4, "/system.slice/web.service/libpod-" ID);
	tape__place(&t, 99, 1, "/of-nobody.service");
	serve(&t, 1, 11);
	serve(&t, 2, 12);
	tape__place(&t, 12, 0, "/system.slice/old.service");
	tape__place(&t, 12, 0, "/system.slice/new.service");
	r = complete_report_of(&t);
	assert_int_equal(worker(r, 11)->ns_tid, 4);
	assert_int_equal(worker(r, 11)->ns_pid, 4);
	place = totals__place_of(&r->totals, worker(r, 11));
	assert_string_equal(place->unit, "web.service");
	assert_string_equal(place->container, ID);
	assert_int_equal(worker(r, 12)->ns_tid, 0);
	place = totals__place_of(&r->totals, worker(r, 12));
	assert_string_equal(place->unit, "new.service");
	assert_string_equal(place->container, "");
	report__free(r);
}

static void test_number_again(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	begin(&t);
	tape__place(&t, 11, 4, "/web.service");
	tape__task(&t, TASK_EXITED, 11, "server");
	tape__task(&t, TASK_FORKED, 11, "server");
	serve(&t, 1, 11);
	r = complete_report_of(&t);
	assert_int_equal(worker(r, 11)->ns_tid, 0);
	assert_null(totals__place_of(&r->totals, worker(r, 11)));
	report__free(r);
}

static void test_listeners(void **state)
{
	const struct report_listener *l;
	struct tape t = {0};
	struct report *r;

	(void)state;
	begin(&t);
	tape__epoll(&t, LISTENER, 11, EPOLLIN);
	tape__epoll(&t, LISTENER, 12, EPOLLIN)->processes = 2;
	tape__epoll(&t, LISTENER + 1, 11, EPOLLIN);
	serve(&t, 1, 11);
	tape__epoll(&t, LISTENER, 11, EPOLLIN | EPOLLONESHOT);
	r = complete_report_of(&t);
	assert_int_equal(r->totals.listener_cnt, 1);
	l = &r->totals.listeners[0];
	assert_int_equal(l->epolls.cnt, 2);
	assert_int_equal(l->epolls.at[0].pid, 11);
	assert_int_equal(l->epolls.at[0].events, EPOLLIN | EPOLLONESHOT);
	assert_int_equal(l->epolls.at[0].processes, 0);
	assert_int_equal(l->epolls.at[1].processes, 2);
	report__free(r);
}

/* However many a recording names. */
static void test_many(void **state)
{
	struct tape t = {0};
	struct report *r;
	char path[32];

	(void)state;
	begin(&t);
	serve(&t, 1, 11);
	for (unsigned i = 0; i < PLACES_MAX + 2; i++) {
		snprintf(path, sizeof(path), "/%u.service", i);
		tape__place(&t, 11, 0, path);
		tape__epoll(&t, LISTENER, 1000 + i, EPOLLIN);
	}
	r = complete_report_of(&t);
	assert_int_equal(r->totals.places.cnt, PLACES_MAX);
	assert_null(totals__place_of(&r->totals, worker(r, 11)));
	assert_int_equal(r->totals.listeners[0].epolls.cnt, EPOLLS_MAX);
	report__free(r);
}

static char *render(const struct report *r, const char *name)
{
	struct render_options options = {.terminal = {.width = 100}, .verbose = true};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(!strcmp(name, "json") ? render_json__write(out, r, &options)
					       : render_table__write(out, r, &options),
			 0);
	fclose(out);
	return text;
}

static void assert_says(const struct report *r, const char *format, const char *const wanted[])
{
	char *text = render(r, format);

	for (size_t i = 0; wanted[i]; i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no '%s' in\n%s", wanted[i], text);
	free(text);
}

static void test_shown(void **state)
{
	static const char *const json[] = {"\"ns_pid\": 4",
					   "\"ns_tid\": 4",
					   "\"unit\": \"web.service\"",
					   "\"container\": \"" ID "\"",
					   "\"EPOLLIN\",\n",
					   "\"EPOLLEXCLUSIVE\",\n",
					   "\"EPOLLET\"\n",
					   "\"processes\": 3",
					   NULL};
	static const char *const different[] = {
		" pid inside ", " container", " 0123456789ab\n",
		"epoll: 127.0.0.1:8888 is in 1 instance, of 3 processes: EPOLLIN, EPOLLEXCLUSIVE, "
		"EPOLLET\n",
		NULL};
	static const char *const common[] = {"all workers are in unit web.service\n", NULL};
	struct tape t = {0};
	struct report *r;

	(void)state;
	begin(&t);
	tape__place(&t, 11, 4, "/web.service/libpod-" ID);
	tape__epoll(&t, LISTENER, 11, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE | EPOLLERR | EPOLLHUP)
		->processes = 3;
	serve(&t, 1, 11);
	serve(&t, 2, 12);
	r = complete_report_of(&t);
	assert_says(r, "json", json);
	assert_says(r, "table", different);
	report__free(r);
	t = (struct tape){0};
	begin(&t);
	tape__place(&t, 11, 0, "/web.service");
	serve(&t, 1, 11);
	r = complete_report_of(&t);
	assert_says(r, "table", common);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_item),
		cmocka_unit_test(test_own_instance),
		cmocka_unit_test(test_shared_instance),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_number_again),
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
