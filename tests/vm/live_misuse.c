// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of wrong use: one clear line, the right exit status, nothing left behind. */
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"

#define GARBAGE "/tmp/live.garbage"

struct misuse {
	const char *what;
	const char *arguments[8];
	int status;
	const char *says; /* somewhere in the line */
};

static const struct misuse misuses[] = {
	{"no arguments", {NULL}, 2, "usage: herdtrace"},
	{"an unknown option", {"--herd"}, 2, "--herd"},
	{"a number that is none", {"-n", "many", "--", "true"}, 2, "--connections"},
	{"options for a client without one", {"--gap=1", "--", "true"}, 2, "-n"},
	{"nothing to trace", {"-n5"}, 2, "COMMAND"},
	{"an unknown command", {"--", "/no/such/server"}, 2, "/no/such/server"},
	{"an unknown user", {"-u", "no-such-user", "--", "true"}, 2, "no-such-user"},
	{"a command that never listens", {"--", "true"}, 4, "before it listened"},
	{"the same with connections", {"-n5", "--", "false"}, 4, "exit status 1"},
	{"a process that is not there", {"-p", "4194303"}, 2, "4194303"},
	{"a thread of the kernel", {"-p", "2"}, 2, "thread of the kernel"},
	{"output that cannot be written",
	 {"-o", "/no/such/file", "--", "true"},
	 2,
	 "/no/such/file"},
	{"a recording that cannot be written",
	 {"-w", "/no/such/file", "--", "true"},
	 2,
	 "/no/such/file"},
	{"a report that cannot be written",
	 {"report", "-o", "/dev/full", "/tmp/live.rec"},
	 4,
	 "/dev/full"},
	{"a recording that is not there", {"report", "/no/such/file"}, 2, "/no/such/file"},
	{"a file that is no recording", {"report", GARBAGE}, 2, "not a herdtrace recording"},
	{"a claim that is not there", {"verify", "accept", "no-such-claim"}, 2, "no-such-claim"},
	{"servers that are not there",
	 {"verify", "--servers", "/no/such/servers", "accept"},
	 2,
	 "/no/such/servers"},
	{"a comparison of one", {"compare", GARBAGE}, 2, "compare"},
	{"a comparison with what is not there",
	 {"compare", "/no/such/file", GARBAGE},
	 2,
	 "/no/such/file"},
	{"a comparison of garbage", {"compare", GARBAGE, GARBAGE}, 2, GARBAGE},
};

/* A bare call prints the short usage. */
static bool may_say_more(const struct misuse *m)
{
	return !m->arguments[0];
}

static void write_bytes(const char *path, const char *from, size_t size)
{
	FILE *in = fopen(from, "re"), *out = fopen(path, "we");
	char text[256];
	size_t got = in ? fread(text, 1, size, in) : 0;

	if (!in || !out || fwrite(text, 1, got, out) != got)
		live__fail("cannot prepare %s", path);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
}

static void read_file(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");

	text[f ? fread(text, 1, size - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
}

static void test_misuse(const struct misuse *m)
{
	struct live_run run;

	live__begin("wrong use: %s", m->what);
	live__herdtrace_alone(&run, m->arguments);
	EXPECT_EQ("exit status", run.status, m->status);
	if (!strstr(run.errors, m->says))
		live__fail("it does not say '%s': %s", m->says, run.errors);
	if (!may_say_more(m))
		EXPECT_EQ("lines", live__count_lines(run.errors), 1);
	EXPECT_TRUE("no report", !run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

static void test_port_taken(void)
{
	char *argv[] = {(char *)live__server("accept-server"), NULL};
	pid_t holder;
	struct live_run run;
	int tries = 0;

	live__begin("wrong use: the port is taken");
	holder = live__spawn(argv, NULL, NULL);
	do { /* whoever comes second fails; the holder may not listen yet */
		live__herdtrace_alone(&run, (const char *[]){"-n5", "--",
							     live__server("accept-server"), NULL});
	} while (run.status == 0 && tries++ < 5 && (live_run__free(&run), true));
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("the server says why", strstr(run.errors, "Address already in use"));
	EXPECT_TRUE("herdtrace says what came of it", strstr(run.errors, "before it listened"));
	kill(holder, SIGTERM);
	live__wait(holder);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
}

static pid_t start_udp_server(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(LIVE_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		live__fail("cannot bind");
	pid = fork();
	while (!pid)
		pause();
	close(fd);
	return pid;
}

/* A running process has to listen already; this one would be waited for for ever. */
/* What a run is to be about: with -p it is there or not, a command may still open it. */
static void test_no_such_listener(void)
{
	char *argv[] = {(char *)live__server("accept-server"), NULL};
	struct live_run run;
	char pid[16];
	pid_t server;

	server = live__spawn(argv, NULL, NULL);
	snprintf(pid, sizeof(pid), "%d", server);
	live__begin("wrong use: a listener that is not there");
	/* Without --wait it may not listen yet, and that is another refusal. */
	live__herdtrace_alone(&run, (const char *[]){"--listener", ":1", "--wait", "3", "-w",
						     "/tmp/live.rec.none", "-p", pid, NULL});
	EXPECT_EQ("exit status", run.status, 2);
	EXPECT_TRUE("it names what there is",
		    strstr(run.errors, "no listener ':1': there are 1 (127.0.0.1:8888)"));
	EXPECT_TRUE("no report", !run.report);
	EXPECT_TRUE("no recording",
		    access("/tmp/live.rec.none", F_OK) && access("/tmp/live.rec.none.part", F_OK));
	live_run__free(&run);
	live__herdtrace_alone(&run, (const char *[]){"--listener", ":1", "-p", pid, NULL});
	EXPECT_EQ("exit status at once", run.status, 2);
	EXPECT_TRUE("one line", live__count_lines(run.errors) == 1);
	live_run__free(&run);
	live__end();
	kill(server, SIGTERM);
	live__wait(server);
	live__begin("wrong use: a listener that a command never opens");
	live__herdtrace_alone(&run, (const char *[]){"--listener", ":1", "--wait", "3", "-n5", "--",
						     live__server("accept-server"), NULL});
	EXPECT_EQ("exit status", run.status, 2);
	EXPECT_TRUE("it names what there is", strstr(run.errors, "there are 1 (127.0.0.1:8888)"));
	live__check_nothing_left();
	live_run__free(&run);
	live__end();
}

/* It is not refused because another one comes first, and -n does not begin without it. */
static void test_later_listener(void)
{
	char script[512];
	struct live_run run;

	live__begin("a listener that a command opens after another one");
	snprintf(script, sizeof(script),
		 "%s -q & while ! grep -q ':22B8 .* 0A ' /proc/net/tcp; do :; done; exec %s -q -p "
		 "8889",
		 live__server("accept-server"), live__server("accept-server"));
	live__herdtrace_alone(&run, (const char *[]){"-f", "json", "--listener", ":8889", "-n4",
						     "--", "sh", "-c", script, NULL});
	EXPECT_EQ("exit status", run.status, 0);
	/* Both get them in turn, from the first one on. */
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 2);
	live__check_nothing_left();
	live_run__free(&run);
	live__end();
}

static void test_udp_server(void)
{
	pid_t server;
	struct live_run run;
	char pid[16];

	live__begin("wrong use: a process that takes UDP only");
	server = start_udp_server();
	snprintf(pid, sizeof(pid), "%d", server);
	live__herdtrace_alone(&run, (const char *[]){"-p", pid, NULL});
	EXPECT_EQ("exit status", run.status, 4);
	EXPECT_TRUE("it does not listen", strstr(run.errors, "does not listen"));
	EXPECT_TRUE("it has other sockets", strstr(run.errors, "UDP"));
	EXPECT_TRUE("it says what to do", strstr(run.errors, "--wait"));
	EXPECT_EQ("lines", live__count_lines(run.errors), 1);
	EXPECT_TRUE("no report", !run.report);
	kill(server, SIGKILL);
	live__wait(server);
	live__end();
	live_run__free(&run);
}

static void test_not_root(void)
{
	char *argv[] = {(char *)live__herdtrace(), "--", "true", NULL};
	pid_t pid;
	char text[512];

	live__begin("wrong use: not root");
	pid = fork();
	if (!pid) {
		if (!freopen("/tmp/live.err", "w", stderr) || setgid(65534) || setuid(65534))
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	EXPECT_EQ("exit status", live__wait(pid), 3);
	read_file("/tmp/live.err", text, sizeof(text));
	EXPECT_TRUE("it says so", strstr(text, "root"));
	EXPECT_EQ("lines", live__count_lines(text), 1);
	live__end();
}

/* /proc as a child finds it; the file that says so is in another mount. */
static bool has_lost_proc(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !umount2("/proc", MNT_DETACH);
}

static bool has_foreign_proc(void)
{
	return !unshare(CLONE_NEWPID);
}

/* Numbers that are not those of our processes are neither shown nor signalled: nothing begins. */
static void test_proc(const char *what, bool (*change)(void), const char *says)
{
	char *argv[] = {(char *)live__herdtrace(), "--", "sleep", "1000", NULL}, text[512];
	pid_t pid;

	live__begin("wrong use: %s", what);
	pid = fork();
	if (!pid)
		_exit(change() ? live__wait(live__spawn(argv, NULL, "/tmp/live.err")) : 126);
	EXPECT_EQ("exit status", live__wait(pid), 3);
	read_file("/tmp/live.err", text, sizeof(text));
	EXPECT_TRUE("it says why", strstr(text, says));
	EXPECT_EQ("lines", live__count_lines(text), 1);
	live__check_nothing_left();
	live__end();
}

/* ---- refusals, each with its cause ---- */

/* What is taken from herdtrace before it starts. */
struct refusal {
	const char *what;
	const char *sysctl, *value; /* a file below /proc/sys */
	int without[2];             /* capabilities, 0: none */
	int resource;               /* whose limit is ... */
	rlim_t limit;               /* ... this, 0: as it is */
	const char *cover;          /* a folder that is hidden below another mount ... */
	const char *filesystem, *mount_options;
	const char *attach; /* NULL: auto */
	const char *says;
};

static const struct refusal refusals[] = {
	{.what = "addresses are hidden",
	 .sysctl = "kernel/kptr_restrict",
	 .value = "2",
	 .says = "kernel.kptr_restrict is 2"},
	{.what = "addresses are hidden from who has no CAP_SYSLOG",
	 .sysctl = "kernel/kptr_restrict",
	 .value = "1",
	 .without = {CAP_SYSLOG},
	 .says = "CAP_SYSLOG"},
	{.what = "functions are not to be hooked",
	 .sysctl = "kernel/ftrace_enabled",
	 .value = "0",
	 .says = "kernel.ftrace_enabled is 0"},
	{.what = "no kprobe is to be called",
	 .sysctl = "../../sys/kernel/debug/kprobes/enabled",
	 .value = "0",
	 .attach = "kprobe",
	 .says = "kprobes/enabled is 0"},
	{.what = "no CAP_BPF", .without = {CAP_SYS_ADMIN, CAP_BPF}, .says = "CAP_BPF is missing"},
	{.what = "no CAP_PERFMON",
	 .without = {CAP_SYS_ADMIN, CAP_PERFMON},
	 .says = "CAP_PERFMON is missing"},
	{.what = "too few files", .resource = RLIMIT_NOFILE, .limit = 64, .says = "ulimit -n: 64"},
	{.what = "hidden types",
	 .cover = "/sys/kernel/btf",
	 .filesystem = "tmpfs",
	 .says = "although this kernel has them"},
	{.what = "hidden tasks",
	 .cover = "/proc",
	 .filesystem = "proc",
	 .mount_options = "hidepid=2,gid=1",
	 .without = {CAP_SYS_PTRACE},
	 .says = "hidepid"},
};

/* Where programs count as memory that is locked. */
static const struct refusal locked_memory = {
	.what = "no CAP_SYS_RESOURCE",
	.without = {CAP_SYS_RESOURCE},
	.resource = RLIMIT_MEMLOCK,
	.limit = 65536,
	.says = "CAP_SYS_RESOURCE is missing",
};

/* Where programs search with bpf_loop(). */
static const struct refusal interpreted = {
	.what = "the BPF compiler is off",
	.sysctl = "net/core/bpf_jit_enable",
	.value = "0",
	.attach = "fentry",
	.says = "net.core.bpf_jit_enable",
};

/* For good: nothing can be traced any more. */
static const struct refusal lockdowns[] = {
	{.what = "lockdown", .says = "'confidentiality'"},
	{.what = "lockdown with kprobes", .attach = "kprobe", .says = "'confidentiality'"},
};

static void write_file(const char *path, const char *value)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs(value, f) < 0 || fclose(f))
		live__fail("cannot write %s", path);
}

/* Those who are started from now on have lost what the refusal says. */
static bool deprive(const struct refusal *r)
{
	const struct rlimit limit = {.rlim_cur = r->limit, .rlim_max = r->limit};

	if (r->cover &&
	    (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	     mount("none", r->cover, r->filesystem, 0, r->mount_options)))
		return false;
	if (r->limit && setrlimit(r->resource, &limit))
		return false;
	for (size_t i = 0; i < 2 && r->without[i]; i++)
		if (prctl(PR_CAPBSET_DROP, r->without[i], 0, 0, 0))
			return false;
	return true;
}

static int run_deprived(const struct refusal *r)
{
	char *argv[] = {(char *)live__herdtrace(),
			"-n1",
			"--attach",
			(char *)(r->attach ? r->attach : "auto"),
			"--",
			(char *)live__server("accept-server"),
			NULL};
	pid_t pid = fork();

	if (pid)
		return live__wait(pid);
	if (!freopen("/tmp/live.err", "w", stderr) || !deprive(r))
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static void test_refusal(const struct refusal *r)
{
	char path[64], before[8], text[2048];

	live__begin("refused with its cause: %s", r->what);
	snprintf(path, sizeof(path), "/proc/sys/%s", r->sysctl ? r->sysctl : "");
	if (r->sysctl) {
		read_file(path, before, sizeof(before));
		write_file(path, r->value);
	}
	EXPECT_EQ("exit status", run_deprived(r), 3);
	if (r->sysctl)
		write_file(path, before);
	read_file("/tmp/live.err", text, sizeof(text));
	if (!strstr(text, r->says))
		live__fail("it does not say '%s': %s", r->says, text);
	EXPECT_EQ("lines", live__count_lines(text), 1);
	live__check_nothing_left();
	live__end();
}

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		test_refusal(&refusals[i]);
	test_refusal(live__kernel_is("5.10") ? &locked_memory : &interpreted);
}

/* The last tests of all. */
static void test_lockdown(void)
{
	mkdir("/tmp/live.securityfs", 0700);
	if (mount("none", "/tmp/live.securityfs", "securityfs", 0, NULL))
		live__fail("no securityfs");
	write_file("/tmp/live.securityfs/lockdown", "confidentiality");
	umount("/tmp/live.securityfs");
	for (size_t i = 0; i < sizeof(lockdowns) / sizeof(lockdowns[0]); i++)
		test_refusal(&lockdowns[i]);
}

static void test_help(void)
{
	static const char *const options[] = {"--help", "--version"};

	for (size_t i = 0; i < 2; i++) {
		char *argv[] = {(char *)live__herdtrace(), (char *)options[i], NULL};
		struct stat out;

		live__begin("%s", options[i]);
		EXPECT_EQ("exit status",
			  live__wait(live__spawn(argv, "/tmp/live.out", "/tmp/live.err")), 0);
		EXPECT_TRUE("on stdout", !stat("/tmp/live.out", &out) && out.st_size > 10);
		EXPECT_TRUE("not on stderr", !stat("/tmp/live.err", &out) && out.st_size == 0);
		live__end();
	}
}

void live__suite_misuse(void)
{
	struct live_run run;

	live__begin("a recording to damage");
	live__herdtrace_alone(&run,
			      (const char *[]){"-n1", "-w", "/tmp/live.rec", "-o", "/dev/null",
					       "--", live__server("accept-server"), NULL});
	EXPECT_EQ("exit status", run.status, 0);
	live_run__free(&run);
	write_bytes(GARBAGE, "/proc/version", 100);
	live__end();
	for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++)
		test_misuse(&misuses[i]);
	test_port_taken();
	test_udp_server();
	test_no_such_listener();
	test_later_listener();
	test_not_root();
	test_proc("/proc of another PID namespace", has_foreign_proc, "run it on the host");
	test_proc("no /proc", has_lost_proc, "/proc is not mounted");
	test_refusals();
	test_help();
	test_lockdown();
}
