// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Who is meant: by number, by port, by the place of a cgroup. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/cgroup.h"
#include "target/targets.h"

struct found {
	struct targets targets;
	struct error error;
	int result;
};

static void find(struct found *f, const struct whom *whom)
{
	*f = (struct found){0};
	f->result = targets__find(&f->targets, whom, &f->error);
}

static void let_go(struct found *f)
{
	targets__free(&f->targets);
}

static bool has(const struct found *f, pid_t pid)
{
	for (size_t i = 0; i < f->targets.pids.cnt; i++)
		if (f->targets.pids.at[i] == pid)
			return true;
	return false;
}

/* ---- by number ---- */

static void test_pids(void **state)
{
	struct whom whom = {.pids = {getpid(), getppid(), getpid()}, .pid_cnt = 3};
	struct found f;

	(void)state;
	find(&f, &whom);
	assert_int_equal(f.result, 0);
	assert_int_equal(f.targets.pids.cnt, 2);
	assert_true(has(&f, getpid()));
	assert_true(has(&f, getppid()));
	assert_null(f.targets.cgroup);
	let_go(&f);
}

static void test_one_is_missing(void **state)
{
	struct whom whom = {.pids = {getpid(), INT_MAX}, .pid_cnt = 2};
	struct found f;

	(void)state;
	find(&f, &whom);
	assert_int_equal(f.result, -ESRCH);
	assert_string_equal(f.error.text, "there is no process 2147483647");
	let_go(&f);
}

/* ---- by port ---- */

/* The port that the kernel has chosen. */
static unsigned listen_somewhere(int family, int *fd)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (void *)&v6;
	socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);

	*fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind(*fd, address, len) || listen(*fd, 1) || getsockname(*fd, address, &len))
		return 0;
	return ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
}

static void check_port(int family)
{
	struct found f;
	int fd;
	struct whom whom = {.port = listen_somewhere(family, &fd)};

	if (!whom.port && family == AF_INET6) { /* a machine without IPv6 */
		close(fd);
		return;
	}
	assert_int_not_equal(whom.port, 0);
	find(&f, &whom);
	assert_string_equal(f.error.text, "");
	assert_int_equal(f.result, 0);
	assert_true(has(&f, getpid()));
	let_go(&f);
	close(fd);
	find(&f, &whom);
	assert_int_equal(f.result, -ENOENT);
	let_go(&f);
}

static void test_port(void **state)
{
	(void)state;
	check_port(AF_INET);
	check_port(AF_INET6);
}

/* The socket of the one is not listening, that of the other is near. */
static void test_nobody_listens(void **state)
{
	char near[64];
	struct found f;
	int fd;
	unsigned port = listen_somewhere(AF_INET, &fd);
	struct whom whom = {.port = port + 1};

	(void)state;
	assert_in_range(port, 1024, 65534);
	find(&f, &whom);
	if (!f.result) { /* somebody does */
		let_go(&f);
		close(fd);
		return;
	}
	assert_int_equal(f.result, -ENOENT);
	assert_int_equal(f.error.fault, FAULT_INPUT);
	snprintf(near, sizeof(near), "%u (process %d)", port, getpid());
	assert_non_null(strstr(f.error.text, "nobody listens on TCP port "));
	assert_non_null(strstr(f.error.text, near));
	let_go(&f);
	close(fd);
}

/* ---- by cgroup ---- */

static void test_containers(void **state)
{
	(void)state;
	assert_true(cgroup__is_container("docker-0123456789ab.scope", "012345"));
	assert_true(cgroup__is_container("0123456789ab", "012345"));
	assert_true(cgroup__is_container("libpod-0123456789ab.scope", "0123456789ab"));
	assert_true(cgroup__is_container("cri-containerd-0123456789ab.scope", "012345"));
	assert_false(cgroup__is_container("libpod-conmon-0123456789ab.scope", "012345"));
	assert_false(cgroup__is_container("docker-0123456789ab.scope", "123456"));
	assert_false(cgroup__is_container("docker-0123", "012345"));
	assert_false(cgroup__is_container("system.slice", "012345"));
}

static void write_procs(const char *directory, const char *text)
{
	char path[256];
	FILE *f;

	mkdir(directory, 0700);
	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void remove_procs(const char *directory)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	unlink(path);
	rmdir(directory);
}

/* Below it, too; 0 is one of another PID namespace, of whom no number is known. */
static void test_who_is_in_a_cgroup(void **state)
{
	char directory[] = "/tmp/targets.XXXXXX", below[64];
	struct targets targets = {0};
	struct error error = {0};

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(below, sizeof(below), "%s/inner", directory);
	write_procs(directory, "17\n0\n");
	write_procs(below, "18\n17\n");
	assert_int_equal(cgroup__read(&targets, directory), 0);
	assert_int_equal(targets.pids.cnt, 2);
	assert_int_equal(targets.pids.at[0], 17);
	assert_int_equal(targets.pids.at[1], 18);
	/* Later another one has come. */
	targets.cgroup = strdup(directory);
	write_procs(below, "19\n");
	assert_int_equal(targets__find_more(&targets, &(struct whom){.cgroup = "x"}, &error), 0);
	assert_int_equal(targets.pids.cnt, 3);
	assert_int_equal(targets.pids.at[2], 19);
	targets__free(&targets);
	remove_procs(below);
	remove_procs(directory);
}

/* ---- a tree of cgroups, as runtimes and systemd lay it out ---- */

struct tree {
	char mount[32];
	char *path; /* of what was found */
	struct error error;
	int result;
};

static void grow(struct tree *t, const char *const directories[])
{
	char path[512], command[600];

	strcpy(t->mount, "/tmp/tree.XXXXXX");
	assert_non_null(mkdtemp(t->mount));
	for (size_t i = 0; directories[i]; i++) {
		snprintf(command, sizeof(command), "mkdir -p '%s/%s'", t->mount, directories[i]);
		assert_int_equal(system(command), 0);
		snprintf(path, sizeof(path), "%s/%s", t->mount, directories[i]);
		write_procs(path, "");
	}
}

static void fell(struct tree *t)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", t->mount);
	assert_int_equal(system(command), 0);
}

/* below: the path that is to be found; NULL: none is, and this is what is said. */
static void expect(struct tree *t, const struct whom *whom, const char *below, const char *says)
{
	t->error = (struct error){0};
	t->result = cgroup__find_below(&t->path, t->mount, whom, &t->error);
	if (!below) {
		assert_int_not_equal(t->result, 0);
		assert_int_equal(t->error.fault, FAULT_INPUT);
		if (!strstr(t->error.text, says))
			fail_msg("'%s' does not say '%s'", t->error.text, says);
		return;
	}
	assert_string_equal(t->error.text, "");
	assert_int_equal(t->result, 0);
	assert_int_equal(strncmp(t->path, t->mount, strlen(t->mount)), 0);
	assert_string_equal(t->path + strlen(t->mount) + 1, below);
	free(t->path);
}

static void test_units(void **state)
{
	struct tree t;

	(void)state;
	grow(&t, (const char *[]){"machine.slice/libpod-c.scope/system.slice/nginx.service",
				  "system.slice/nginx.service", "system.slice/php8.2-fpm.service",
				  "system.slice/system-postgresql.slice/postgresql@15-main.service",
				  "user.slice/a.service/app.slice/twin.service",
				  "user.slice/b.service/app.slice/twin.service",
				  "inside.service/payload/inside.service", NULL});
	/* The one in a container is not meant. */
	expect(&t, &(struct whom){.unit = "nginx"}, "system.slice/nginx.service", NULL);
	expect(&t, &(struct whom){.unit = "nginx.service"}, "system.slice/nginx.service", NULL);
	expect(&t, &(struct whom){.unit = "php8.2-fpm"}, "system.slice/php8.2-fpm.service", NULL);
	expect(&t, &(struct whom){.unit = "system.slice"}, "system.slice", NULL);
	expect(&t, &(struct whom){.unit = "postgresql@15-main"},
	       "system.slice/system-postgresql.slice/postgresql@15-main.service", NULL);
	expect(&t, &(struct whom){.unit = "inside"}, "inside.service", NULL);
	expect(&t, &(struct whom){.unit = "twin"}, NULL,
	       "2 cgroups have the name twin.service, /tmp/tree.");
	expect(&t, &(struct whom){.unit = "postgresql"}, NULL,
	       "nobody runs in the unit postgresql.service, but postgresql@15-main.service does");
	expect(&t, &(struct whom){.unit = "15-main"}, NULL, "there is no unit 15-main.service");
	fell(&t);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

/* docker with systemd and without, podman, containerd under Kubernetes. */
static void test_runtimes(void **state)
{
	struct tree t;

	(void)state;
	grow(&t, (const char *[]){"system.slice/docker-a" ID ".scope", "docker/b" ID,
				  "machine.slice/libpod-conmon-c" ID ".scope",
				  "machine.slice/libpod-c" ID ".scope/container",
				  "kubepods.slice/kubepods-pod1.slice/cri-containerd-d" ID ".scope",
				  "kubepods/burstable/pod2/e" ID, "docker/f0000001",
				  "docker/f0000002", NULL});
	expect(&t, &(struct whom){.container = "a012345"}, "system.slice/docker-a" ID ".scope",
	       NULL);
	expect(&t, &(struct whom){.container = "b" ID}, "docker/b" ID, NULL);
	expect(&t, &(struct whom){.container = "c012345"}, "machine.slice/libpod-c" ID ".scope",
	       NULL);
	expect(&t, &(struct whom){.container = "d012345"},
	       "kubepods.slice/kubepods-pod1.slice/cri-containerd-d" ID ".scope", NULL);
	expect(&t, &(struct whom){.container = "e012345"}, "kubepods/burstable/pod2/e" ID, NULL);
	expect(&t, &(struct whom){.container = "f000000"}, NULL,
	       "2 containers have an ID that begins");
	expect(&t, &(struct whom){.container = "f00000012"}, NULL, "there is no running container");
	expect(&t, &(struct whom){.container = "a0123"}, NULL, "at least 6 digits");
	fell(&t);
}

static void test_paths(void **state)
{
	char whole[64];
	struct tree t;

	(void)state;
	grow(&t, (const char *[]){"a.slice/web.service", NULL});
	snprintf(whole, sizeof(whole), "%s/a.slice/web.service", t.mount);
	expect(&t, &(struct whom){.cgroup = "/a.slice/web.service"}, "a.slice/web.service", NULL);
	expect(&t, &(struct whom){.cgroup = "a.slice/web.service"}, "a.slice/web.service", NULL);
	expect(&t, &(struct whom){.cgroup = whole}, "a.slice/web.service", NULL);
	expect(&t, &(struct whom){.cgroup = "/web.service"}, NULL,
	       "there is no cgroup /web.service");
	/* A directory, but none of cgroups. */
	expect(&t, &(struct whom){.cgroup = "/tmp"}, NULL, "there is no cgroup /tmp");
	fell(&t);
}

static void test_names_of_nothing(void **state)
{
	struct found f;

	(void)state;
	find(&f, &(struct whom){.unit = "there-is-none"});
	assert_int_not_equal(f.result, 0);
	let_go(&f);
	find(&f, &(struct whom){.cgroup = "/there-is-none"});
	assert_int_not_equal(f.result, 0);
	let_go(&f);
	find(&f, &(struct whom){.container = "nodigits"});
	assert_int_not_equal(f.result, 0);
	let_go(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pids),       cmocka_unit_test(test_one_is_missing),
		cmocka_unit_test(test_port),       cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_who_is_in_a_cgroup),
		cmocka_unit_test(test_units),      cmocka_unit_test(test_runtimes),
		cmocka_unit_test(test_paths),      cmocka_unit_test(test_names_of_nothing),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
