// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "live.h"
#include "live_tracer.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define OUT_FILE "/tmp/live.out"
#define ERR_FILE "/tmp/live.err"

static struct {
	char name[256];
	char failures[4096];
	const char *skip; /* why, NULL: it is run */
	unsigned cnt, failed;
	uint64_t begun_ns;
} tap;

static struct {
	const char *herdtrace, *servers;
} paths;

/* ---- TAP ---- */

void live__begin(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tap.name, sizeof(tap.name), format, args);
	va_end(args);
	tap.failures[0] = '\0';
	tap.skip = NULL;
	tap.begun_ns = clock__now_ns();
}

/* The same of many rows is said once. */
void live__fail(const char *format, ...)
{
	size_t len = strlen(tap.failures);
	char what[1024], line[sizeof(what) + 8];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "#   %s\n", what);
	if (!strstr(tap.failures, line))
		snprintf(tap.failures + len, sizeof(tap.failures) - len, "%s", line);
}

bool live__has_failed(void)
{
	return tap.failures[0];
}

void live__skip(const char *why)
{
	tap.skip = why;
}

void live__end(void)
{
	bool failed = tap.failures[0];

	tap.failed += failed;
	printf("%sok %u - %s%s%s\n%s", failed ? "not " : "", ++tap.cnt, tap.name,
	       tap.skip ? " # SKIP " : "", tap.skip ? tap.skip : "", tap.failures);
	/* Of a suite of so many, what takes long must be easy to find. */
	printf("# took %.1f s\n", (clock__now_ns() - tap.begun_ns) / 1e9);
	fflush(stdout);
}

bool live__is_wanted(const char *name)
{
	const char *only = getenv("LIVE_ONLY");

	return !only || strstr(name, only);
}

unsigned live__finish(void)
{
	printf("1..%u\n", tap.cnt);
	fflush(stdout);
	return tap.failed;
}

static void __attribute__((noreturn)) bail_out(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- running ---- */

void live__paths(const char *herdtrace, const char *servers)
{
	paths.herdtrace = herdtrace;
	paths.servers = servers;
}

const char *live__herdtrace(void)
{
	return paths.herdtrace;
}

const char *live__server(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", paths.servers, name);
	return path;
}

static void redirect(const char *file, int fd)
{
	int to = open(file ? file : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (to < 0 || dup2(to, fd) < 0)
		_exit(126);
}

pid_t live__fork(const char *out, const char *err)
{
	pid_t pid = fork();

	if (pid < 0)
		bail_out("fork");
	if (pid)
		return pid;
	redirect(out, STDOUT_FILENO);
	redirect(err, STDERR_FILENO);
	return 0;
}

pid_t live__spawn(char *const argv[], const char *out, const char *err)
{
	pid_t pid = live__fork(out, err);

	if (pid)
		return pid;
	execv(argv[0], argv);
	_exit(127);
}

int live__wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			bail_out("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *live__read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!f || getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	if (f)
		fclose(f);
	return text;
}

static void collect(struct live_run *run, pid_t pid)
{
	run->status = live__wait(pid);
	run->report = json_load_file(OUT_FILE, 0, NULL);
	run->errors = live__read_file(ERR_FILE);
}

static size_t append(char **argv, size_t at, const char *const words[])
{
	for (size_t i = 0; words[i]; i++) {
		if (at + 1 == LIVE_ARGS)
			bail_out("too many arguments");
		argv[at++] = (char *)words[i];
	}
	argv[at] = NULL;
	return at;
}

void live__herdtrace_alone(struct live_run *run, const char *const arguments[])
{
	char *argv[LIVE_ARGS] = {(char *)paths.herdtrace};

	memset(run, 0, sizeof(*run));
	append(argv, 1, arguments);
	collect(run, live__spawn(argv, OUT_FILE, ERR_FILE));
}

/* spawn: as live__spawn(). */
static void begin_trace(struct live_run *run, const char *const options[],
			const char *const server[],
			pid_t (*spawn)(char *const argv[], const char *out, const char *err))
{
	const char *const json[] = {"-f", "json", NULL};
	const char *const head[] = {"--", live__server(server[0]), NULL};
	char *argv[LIVE_ARGS] = {(char *)paths.herdtrace};
	size_t cnt = 1;

	memset(run, 0, sizeof(*run));
	run->witness = oracle__new();
	if (!run->witness)
		bail_out("oracle");
	cnt = append(argv, cnt, json);
	cnt = append(argv, cnt, options);
	cnt = append(argv, cnt, head);
	append(argv, cnt, server + 1);
	errno = -oracle__start(run->witness, basename(server[0]));
	if (errno)
		bail_out("oracle");
	run->pid = spawn(argv, OUT_FILE, ERR_FILE);
}

void live__begin_trace(struct live_run *run, const char *const options[],
		       const char *const server[])
{
	begin_trace(run, options, server, live__spawn);
}

void live__end_trace(struct live_run *run)
{
	collect(run, run->pid);
	/* The server is ended after the trace, and then wakes for other reasons. */
	if (live__number(run->report, "trace_end_ns") > 0)
		run->oracle.until_ns = live__number(run->report, "trace_end_ns");
	errno = -oracle__stop(run->witness, &run->oracle, 1);
	if (errno)
		bail_out("oracle");
	oracle__free(run->witness);
	run->witness = NULL;
}

void live__trace(struct live_run *run, const char *const options[], const char *const server[])
{
	live__begin_trace(run, options, server);
	live__end_trace(run);
}

void live__begin_trace_again(struct live_run *run, const char *const options[],
			     const char *const server[])
{
	begin_trace(run, options, server, live_tracer__spawn);
}

void live__trace_again(struct live_run *run, const char *const options[],
		       const char *const server[])
{
	live__begin_trace_again(run, options, server);
	live__end_trace(run);
}

void live_run__free(struct live_run *run)
{
	json_decref(run->report);
	free(run->errors);
	oracle_counts__free(&run->oracle);
	memset(run, 0, sizeof(*run));
}

/* ---- looking at reports ---- */

static const json_t *find(const json_t *at, const char *path)
{
	char text[128], *save = NULL;

	snprintf(text, sizeof(text), "%s", path);
	for (char *key = strtok_r(text, ".", &save); key && at; key = strtok_r(NULL, ".", &save))
		at = isdigit(key[0]) ? json_array_get(at, atoi(key)) : json_object_get(at, key);
	return at;
}

int64_t live__number(const json_t *report, const char *path)
{
	const json_t *value = find(report, path);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

const char *live__word(const json_t *report, const char *path)
{
	return json_string_value(find(report, path));
}

static int64_t sum_of(const json_t *report, const char *array, const char *key)
{
	const json_t *rows = find(report, array), *row;
	int64_t sum = 0;
	size_t i;

	json_array_foreach (rows, i, row)
		sum += live__number(row, key);
	return sum;
}

static void check_connection(const json_t *connection, int64_t *wakes)
{
	static const char *const outcomes[] = {"accepted", "handed_on", "eagain", "swallowed",
					       "idle",     "exited",    "pending"};
	const json_t *wake, *list = find(connection, "wakes");
	size_t i;

	json_array_foreach (list, i, wake) {
		const char *outcome = live__word(wake, "outcome");
		bool known = false;

		for (size_t o = 0; o < sizeof(outcomes) / sizeof(outcomes[0]); o++)
			known |= outcome && !strcmp(outcome, outcomes[o]);
		EXPECT_TRUE("every wake has an outcome", known);
		EXPECT_TRUE("every wake has a task", live__number(wake, "tid") > 0);
		if (strcmp(live__word(wake, "cause"), "lock"))
			++*wakes;
	}
}

void live__check_balance(const json_t *report)
{
	static const char *const causes[] = {"accept",   "epoll", "poll",
					     "io_uring", "chain", "signal"};
	int64_t wakes = live__number(report, "summary.wakes"), causes_sum = 0, connection_wakes = 0;
	const json_t *connection;
	size_t i;

	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		causes_sum += live__number(find(report, "summary.wakes_by_cause"), causes[i]);
	json_array_foreach (find(report, "connections"), i, connection)
		check_connection(connection, &connection_wakes);
	EXPECT_EQ("wakes by cause", causes_sum, wakes);
	EXPECT_EQ("wakes of the connections", connection_wakes, wakes);
	EXPECT_EQ("wakes of the workers", sum_of(report, "workers", "wakes"), wakes);
	EXPECT_EQ("accepted by the workers", sum_of(report, "workers", "accepted"),
		  live__number(report, "summary.accepted"));
	EXPECT_EQ("ring drops", live__number(report, "loss.ring_drops"), 0);
	EXPECT_EQ("full maps", live__number(report, "loss.map_full"), 0);
	EXPECT_EQ("missed probes", live__number(report, "loss.missed_probes"), 0);
	EXPECT_EQ("long lists", live__number(report, "loss.long_lists"), 0);
	EXPECT_EQ("contradictions", live__number(report, "loss.unbalanced"), 0);
}

/* Wakes of a task by the report, cause lock included. */
static int64_t wakes_of(const json_t *report, uint32_t tid)
{
	const json_t *worker;
	size_t i;

	json_array_foreach (find(report, "workers"), i, worker)
		if (live__number(worker, "tid") == tid)
			return live__number(worker, "wakes") + live__number(worker, "lock");
	return 0;
}

void live__check_counts(const json_t *r, const struct oracle_counts *o)
{
	EXPECT_EQ("events that the oracle did not understand", o->error_cnt, 0);
	EXPECT_EQ("events that the oracle lost", o->lost, 0);
	/* With kretprobes on 5.10 some stacks end before they say what the wake was for. */
	if (o->cut) {
		EXPECT_RANGE("wakes, by the oracle", live__number(r, "summary.wakes"),
			     o->listener + o->chain, o->listener + o->chain + o->cut);
		return;
	}
	EXPECT_EQ("accept wakes, by the oracle", live__number(r, "summary.wakes_by_cause.accept"),
		  o->accept);
	EXPECT_EQ("epoll wakes, by the oracle", live__number(r, "summary.wakes_by_cause.epoll"),
		  o->epoll);
	EXPECT_EQ("poll wakes, by the oracle", live__number(r, "summary.wakes_by_cause.poll"),
		  o->poll);
	EXPECT_EQ("io_uring wakes, by the oracle",
		  live__number(r, "summary.wakes_by_cause.io_uring"), o->io_uring);
	EXPECT_EQ("signal wakes, by the oracle", live__number(r, "summary.wakes_by_cause.signal"),
		  o->signal);
	EXPECT_EQ("chain wakes, by the oracle", live__number(r, "summary.wakes_by_cause.chain"),
		  o->chain);
	EXPECT_EQ("lock wakes, by the oracle", live__number(r, "summary.wakes_by_cause.lock"),
		  o->lock);
	for (size_t i = 0; i < o->wakee_cnt; i++) {
		const struct oracle_wakee *w = &o->wakees[i];

		if ((uint64_t)wakes_of(r, w->tid) != w->listener + w->chain + w->lock)
			live__fail("wakes of task %u: %lld, by the oracle %llu", w->tid,
				   (long long)wakes_of(r, w->tid),
				   (unsigned long long)(w->listener + w->chain + w->lock));
	}
}

void live__check_oracle(const struct live_run *run)
{
	live__check_counts(run->report, &run->oracle);
}

bool live__kernel_has(const char *function)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %255s", name) == 1 && !strcmp(name, function);
	if (f)
		fclose(f);
	return found;
}

bool live__kernel_is(const char *series)
{
	struct utsname system;
	size_t len = strlen(series);

	return !uname(&system) && !strncmp(system.release, series, len) &&
	       (system.release[len] == '.' || system.release[len] == '-' ||
		system.release[len] == '+');
}

/* 1: a process with this comm sleeps, -1: it does not, 0: another one. */
static int is_asleep(const char *pid, const char *comm)
{
	char path[300], wanted[64], *stat, *end;
	int asleep = 0;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	stat = live__read_file(path);
	snprintf(wanted, sizeof(wanted), "(%.15s) ", comm);
	end = strstr(stat, wanted);
	if (end)
		asleep = end[strlen(wanted)] == 'S' ? 1 : -1;
	free(stat);
	return asleep;
}

void live__wait_asleep(const char *comm, unsigned cnt)
{
	struct timespec step = {.tv_nsec = 10000000};

	for (int tries = 0; tries < 3000; tries++) {
		DIR *proc = opendir("/proc");
		unsigned asleep = 0, awake = 0;
		struct dirent *entry;

		while (proc && (entry = readdir(proc))) {
			int state = isdigit(entry->d_name[0]) ? is_asleep(entry->d_name, comm) : 0;

			asleep += state > 0;
			awake += state < 0;
		}
		if (proc)
			closedir(proc);
		if (asleep >= cnt && !awake)
			return;
		nanosleep(&step, NULL);
	}
	live__fail("%s does not come to rest", comm);
}

static bool is_server(const char *pid)
{
	char path[300], *comm;
	bool server;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	comm = live__read_file(path);
	server = strstr(comm, "-serve") || !strcmp(comm, "herdtrace\n");
	free(comm);
	return server;
}

/* ---- BPF programs ---- */

static int call_bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* By its name, of which the kernel keeps 15 bytes. */
static bool is_our_program(uint32_t id)
{
	static const char *const prefixes[] = {"fentry_",    "fexit_", "kprobe_",
					       "kretprobe_", "tp_",    "iter_"};
	struct bpf_prog_info info = {0};
	union bpf_attr attr = {.prog_id = id};
	int fd = call_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	bool ours = false;

	if (fd < 0)
		return false;
	attr = (union bpf_attr){
		.info = {.bpf_fd = fd, .info_len = sizeof(info), .info = (uintptr_t)&info}};
	call_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	close(fd);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		ours |= !strncmp(info.name, prefixes[i], strlen(prefixes[i]));
	return ours;
}

static unsigned count_programs(void)
{
	union bpf_attr attr = {.start_id = 0};
	unsigned cnt = 0;

	while (!call_bpf(BPF_PROG_GET_NEXT_ID, &attr)) {
		cnt += is_our_program(attr.next_id);
		attr = (union bpf_attr){.start_id = attr.next_id};
	}
	return cnt;
}

/* They go later than who held them: after a grace period. */
void live__check_no_program_left(void)
{
	struct timespec step = {.tv_nsec = 10000000};
	unsigned left = count_programs();

	for (int tries = 0; left && tries < 1000; tries++) {
		nanosleep(&step, NULL);
		left = count_programs();
	}
	EXPECT_EQ("BPF programs that are left", left, 0);
}

void live__check_nothing_left(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit(entry->d_name[0]) && is_server(entry->d_name))
			live__fail("process %s is left behind", entry->d_name);
	if (proc)
		closedir(proc);
}

void live__await_trace(pid_t herdtrace)
{
	const struct timespec step = {.tv_nsec = 10000000};
	char path[64];
	long call = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", herdtrace);
	for (int tries = 0; tries < 6000 && call != SYS_epoll_wait; tries++) {
		FILE *f = fopen(path, "re");

		if (!f || fscanf(f, "%ld", &call) != 1)
			call = -1;
		if (f)
			fclose(f);
		nanosleep(&step, NULL);
	}
	EXPECT_EQ("the call in which it waits", call, SYS_epoll_wait);
}

pid_t live__worker_of(pid_t server)
{
	char path[64];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", server, server);
	f = fopen(path, "re");
	EXPECT_TRUE("it has workers", f && fscanf(f, "%d", &pid) == 1);
	if (f)
		fclose(f);
	return pid;
}

unsigned live__count_lines(const char *text)
{
	unsigned lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

void live__check_refusal(const char *option, const char *name, const char *says)
{
	struct live_run run;

	live__herdtrace_alone(&run, (const char *[]){option, name, NULL});
	EXPECT_EQ("exit status", run.status, 2);
	if (!strstr(run.errors, says))
		live__fail("%s %s says '%s', wanted '%s'", option, name, run.errors, says);
	EXPECT_EQ("lines", live__count_lines(run.errors), 1);
	EXPECT_TRUE("no report", !run.report);
	live_run__free(&run);
}
