// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of the ways to name a server that runs already: by numbers, by its port, by its place. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/procfs.h"
#include "live_maps.h"
#include "live_net.h"
#include "live_suites.h"

#define CGROUPS   "/sys/fs/cgroup"
#define UNIT      CGROUPS "/system.slice/live-server.service"
#define IDLE_UNIT "/run/systemd/system/live-idle.service"
#define SCOPE     CGROUPS "/docker-0123456789abcdef.scope"
#define LIKE_IT   CGROUPS "/docker-0123456789000000.scope"

/* ---- servers ---- */

static bool have_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = unshare(CLONE_NEWNET) ? -1 : socket(AF_INET, SOCK_DGRAM, 0);

	return fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo) && !close(fd);
}

/* In a cgroup (NULL: in ours) and, with network, in a network namespace of its own that has a loopback. */
static pid_t start_in(const char *cgroup, bool network, char *const argv[])
{
	char path[256], pid[16];
	pid_t child = live__fork(NULL, NULL);
	int fd;

	if (child)
		return child;
	if (network && !have_network())
		_exit(125);
	if (cgroup) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
		snprintf(pid, sizeof(pid), "%d", getpid());
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
			_exit(124);
	}
	execv(argv[0], argv);
	_exit(127);
}

static pid_t start(const char *cgroup, bool network, const char *name, const char *port)
{
	char *argv[] = {strdup(live__server(name)), "-q", "-w3", "-p", (char *)port, NULL};
	pid_t pid = start_in(cgroup, network, argv);

	free(argv[0]);
	return pid;
}

static void end(pid_t server)
{
	kill(server, SIGTERM);
	EXPECT_EQ("a server's end", live__wait(server), 0);
}

static void check_run(struct live_run *run, int connections, int wakes)
{
	EXPECT_EQ("exit status", run->status, 0);
	EXPECT_EQ("connections", live__number(run->report, "summary.connections"), connections);
	EXPECT_EQ("accepted", live__number(run->report, "summary.accepted"), connections);
	EXPECT_EQ("wakes", live__number(run->report, "summary.wakes"), wakes);
	live__check_balance(run->report);
	live_run__free(run);
}

/* ---- by numbers ---- */

static void test_pids(void)
{
	pid_t a, b;
	struct live_run run;
	char pids[64];

	live__begin("two servers by their numbers");
	a = start(NULL, false, "accept-server", "8888");
	b = start(NULL, false, "select-server", "8889");
	live__wait_asleep("accept-server", 4);
	live__wait_asleep("select-server", 4);
	snprintf(pids, sizeof(pids), "%d,%d", a, b);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n6", "-p", pids, NULL});
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 2);
	EXPECT_EQ("workers", json_array_size(json_object_get(run.report, "workers")), 6);
	check_run(&run, 6, live__number(run.report, "summary.wakes"));
	end(a);
	end(b);
	live__check_nothing_left();
	live__end();
}

/* ---- by port ---- */

/* Each worker has a socket of its own, and the client has to go where they are. */
static void test_port(void)
{
	pid_t server;
	struct live_run run;

	live__begin("a group by its port, in a network namespace of its own");
	server = start(NULL, true, "reuseport-server", "8890");
	live__wait_asleep("reuseport-server", 4);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n6", "--port=8890", NULL});
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 3);
	check_run(&run, 6, 6);
	live__check_refusal("--port", "8891",
			    "nobody listens on TCP port 8891: the nearest with a "
			    "listener are 8890 (process ");
	end(server);
	live__check_nothing_left();
	live__end();
}

static void await_end_of_first_thread(pid_t pid)
{
	const struct timespec step = {.tv_nsec = 10000000};

	for (int tries = 0; procfs__rest(pid, pid) != TASK_GONE && tries < 6000; tries++)
		nanosleep(&step, NULL);
	EXPECT_EQ("its first thread", procfs__rest(pid, pid), TASK_GONE);
}

/* /proc shows a zombie, without files or a network: all that is its other threads'. */
static void test_first_thread_ended(void)
{
	char *argv[] = {strdup(live__server("../vm/leaderless-server")), "3", NULL};
	struct live_run run;
	pid_t server;

	live__begin("a server whose first thread has ended, in a network namespace of its own");
	server = start_in(NULL, true, argv);
	await_end_of_first_thread(server);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n3", "--port=8888", NULL});
	EXPECT_EQ("workers", json_array_size(json_object_get(run.report, "workers")), 3);
	check_run(&run, 3, 9);
	kill(server, SIGKILL);
	live__wait(server);
	free(argv[0]);
	live__check_nothing_left();
	live__end();
}

/* ---- by place ---- */

static void make_cgroups(void)
{
	if (access(CGROUPS "/cgroup.procs", F_OK) && mount("none", CGROUPS, "cgroup2", 0, NULL) &&
	    errno != EBUSY)
		live__fail("cannot mount cgroups: %s", strerror(errno));
	mkdir(CGROUPS "/system.slice", 0755);
	if ((mkdir(UNIT, 0755) || mkdir(SCOPE, 0755)) && errno != EEXIST)
		live__fail("cannot make a cgroup: %s", strerror(errno));
}

/* The second comes there once the trace has begun, and is no child of the first. */
static void test_place(const char *option, const char *name, const char *cgroup)
{
	char *argv[] = {(char *)live__herdtrace(), "-fjson", (char *)option, (char *)name, NULL};
	pid_t first, second, tracer;
	struct live_run run = {0};

	live__begin("what runs, and comes to run, in %s %s", option, name);
	make_cgroups();
	first = start(cgroup, false, "accept-server", "8888");
	live__wait_asleep("accept-server", 4);
	tracer = live__spawn(argv, "/tmp/live.out", "/tmp/live.err");
	EXPECT_EQ("listeners at first", live__await_entries("listeners", 1, 1), 1);
	second = start(cgroup, false, "select-server", "8889");
	EXPECT_EQ("listeners then", live__await_entries("listeners", 2, 2), 2);
	live__wait_asleep("select-server", 4);
	live__await_fate(live__open());
	live__wait_asleep("accept-server", 4);
	end(second);
	kill(tracer, SIGINT);
	run.status = live__wait(tracer);
	run.report = json_load_file("/tmp/live.out", 0, NULL);
	EXPECT_EQ("listeners", json_array_size(json_object_get(run.report, "listeners")), 2);
	check_run(&run, 1, 1);
	end(first);
	rmdir(cgroup);
	live__check_nothing_left();
	live__end();
}

/* ---- epoll instances ---- */

static const struct {
	const char *option, *flags[4];
	int instances, processes;
} epolls[] = {
	/* The parent has made it. */
	{"--oneshot", {"EPOLLIN", "EPOLLONESHOT", NULL}, 1, 4},
	{"--exclusive", {"EPOLLIN", "EPOLLEXCLUSIVE", NULL}, 3, 1},
};

static void check_epoll(const json_t *epoll, size_t which)
{
	const json_t *flags = json_object_get(epoll, "flags");
	size_t cnt = 0;

	EXPECT_EQ("processes", live__number(epoll, "processes"), epolls[which].processes);
	for (; epolls[which].flags[cnt]; cnt++)
		EXPECT_WORD("flag", json_string_value(json_array_get(flags, cnt)),
			    epolls[which].flags[cnt]);
	EXPECT_EQ("flags", json_array_size(flags), cnt);
}

static void test_epolls(size_t which)
{
	const char *option = epolls[which].option;
	char *argv[] = {strdup(live__server("epoll-server")),
			"-q",
			"-w3",
			(char *)option,
			!strcmp(option, "--exclusive") ? "--own" : NULL,
			NULL};
	const json_t *listed;
	struct live_run run;
	char pid_text[16];
	pid_t server;

	live__begin("epoll instances of epoll-server %s", option);
	server = start_in(NULL, false, argv);
	live__wait_asleep("epoll-server", 4);
	snprintf(pid_text, sizeof(pid_text), "%d", server);
	live__herdtrace_alone(&run, (const char *[]){"-fjson", "-n3", "-p", pid_text, NULL});
	listed = json_object_get(json_array_get(json_object_get(run.report, "listeners"), 0),
				 "epolls");
	EXPECT_EQ("instances", json_array_size(listed), epolls[which].instances);
	for (size_t i = 0; i < json_array_size(listed); i++)
		check_epoll(json_array_get(listed, i), which);
	check_run(&run, 3, live__number(run.report, "summary.wakes"));
	free(argv[0]);
	end(server);
	live__check_nothing_left();
	live__end();
}

/* ---- what is not there ---- */

static void test_nothing(void)
{
	live__begin("units, cgroups and containers that are not there");
	make_cgroups();
	live__check_refusal("--unit", "no-such", "there is no unit no-such.service");
	live__check_refusal("--unit", "live-server",
			    "nobody runs in " UNIT ": unit live-server is not running");
	mkdir("/run/systemd", 0755);
	mkdir("/run/systemd/system", 0755);
	close(open(IDLE_UNIT, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	live__check_refusal("--unit", "live-idle", "the unit live-idle.service is not running");
	unlink(IDLE_UNIT);
	live__check_refusal("--cgroup", "/no/such", "there is no cgroup /no/such below " CGROUPS);
	live__check_refusal("--container", "fedcba98",
			    "there is no running container whose ID begins with fedcba98");
	mkdir(LIKE_IT, 0755);
	live__check_refusal("--container", "0123456789",
			    "2 containers have an ID that begins with 0123456789: give more of it");
	rmdir(LIKE_IT);
	live__check_refusal("--container", "web", "--container wants at least 6 digits");
	rmdir(UNIT);
	rmdir(SCOPE);
	live__check_nothing_left();
	live__end();
}

/* Its first worker is 2 in there, which here is a thread of the kernel. */
static pid_t start_in_namespace(const char *name, pid_t *first)
{
	char *argv[] = {strdup(live__server(name)), "-q", "-w3", NULL};
	int ends[2];
	pid_t parent, server;

	if (pipe2(ends, O_CLOEXEC))
		live__fail("no pipe");
	parent = live__fork(NULL, NULL);
	if (!parent) {
		server = unshare(CLONE_NEWPID) ? -1 : fork();
		if (!server)
			execv(argv[0], argv);
		if (write(ends[1], &server, sizeof(server)) < 0 || server < 0)
			_exit(125);
		_exit(live__wait(server));
	}
	close(ends[1]);
	if (read(ends[0], first, sizeof(*first)) != sizeof(*first))
		live__fail("no server");
	close(ends[0]);
	free(argv[0]);
	return parent;
}

static void test_inner_number(void)
{
	pid_t parent, first = -1;

	live__begin("the number that a process has in a PID namespace of its own");
	parent = start_in_namespace("accept-server", &first);
	live__wait_asleep("accept-server", 4);
	live__check_refusal("-p", "2",
			    "process 2 is a thread of the kernel, no server: the one that is 2 in "
			    "a PID namespace of its own is process ");
	kill(first, SIGTERM);
	EXPECT_EQ("a server's end", live__wait(parent), 0);
	live__check_nothing_left();
	live__end();
}

void live__suite_whom(void)
{
	test_nothing();
	test_inner_number();
	test_pids();
	test_port();
	if (live__is_wanted("first thread"))
		test_first_thread_ended();
	for (size_t i = 0; i < sizeof(epolls) / sizeof(epolls[0]); i++)
		test_epolls(i);
	test_place("--cgroup", "system.slice/live-server.service", UNIT);
	test_place("--container", "0123456789", SCOPE);
}
