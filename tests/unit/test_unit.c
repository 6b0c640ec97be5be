// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Units of systemd: names in full, templates, aliases, and whether there is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "target/unit.h"

static void expect_name(const char *name, const char *wanted)
{
	char unit[UNIT_NAME_SIZE];

	assert_true(unit__complete(unit, name));
	assert_string_equal(unit, wanted);
}

static void test_names(void **state)
{
	char long_name[UNIT_NAME_SIZE + 1], unit[UNIT_NAME_SIZE];

	(void)state;
	expect_name("nginx", "nginx.service");
	expect_name("nginx.service", "nginx.service");
	expect_name("php8.2-fpm", "php8.2-fpm.service");
	expect_name("redis-server@6.0", "redis-server@6.0.service");
	expect_name("run-r1.scope", "run-r1.scope");
	expect_name("system.slice", "system.slice");
	expect_name("web.services", "web.services.service");
	/* 255 characters are one, 256 are none. */
	memset(long_name, 'a', sizeof(long_name));
	long_name[UNIT_NAME_SIZE - 1 - strlen(".service")] = '\0';
	assert_true(unit__complete(unit, long_name));
	long_name[UNIT_NAME_SIZE - 1 - strlen(".service")] = 'a';
	long_name[UNIT_NAME_SIZE - strlen(".service")] = '\0';
	assert_false(unit__complete(unit, long_name));
}

/* ---- what is installed ---- */

static char root[] = "/tmp/unit.XXXXXX";

static int make_system(void **state)
{
	char command[1024];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p etc/systemd/system usr/lib/systemd/system "
		 "run/systemd/generator.late && cd usr/lib/systemd/system && "
		 "touch nginx.service ssh.service web@.service && "
		 "touch %s/run/systemd/generator.late/uwsgi.service && cd %s/etc/systemd/system && "
		 "ln -s /lib/systemd/system/ssh.service sshd.service && "
		 "ln -s /usr/lib/systemd/system/web@.service web@one.service && "
		 "ln -s /opt/shop/shop.service shop.service && ln -s /dev/null masked.service",
		 root, root, root);
	return system(command);
}

static int remove_system(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void test_installed(void **state)
{
	(void)state;
	assert_true(unit__is_installed(root, "nginx.service"));
	assert_true(unit__is_installed(root, "uwsgi.service"));
	assert_true(unit__is_installed(root, "web@two.service"));
	assert_true(unit__is_installed(root, "masked.service"));
	assert_false(unit__is_installed(root, "nginx2.service"));
	assert_false(unit__is_installed(root, "nginx.socket"));
	assert_false(unit__is_installed(root, "other@two.service"));
	assert_false(unit__is_installed(root, "web@two.socket"));
}

static void expect_real(const char *unit, const char *wanted)
{
	char real[UNIT_NAME_SIZE];

	unit__resolve(real, root, unit);
	assert_string_equal(real, wanted);
}

static void test_aliases(void **state)
{
	(void)state;
	expect_real("sshd.service", "ssh.service");
	expect_real("ssh.service", "ssh.service");
	/* Enabled, linked and masked units are what they are called. */
	expect_real("web@one.service", "web@one.service");
	expect_real("shop.service", "shop.service");
	expect_real("masked.service", "masked.service");
	expect_real("none.service", "none.service");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_installed),
		cmocka_unit_test(test_aliases),
	};

	return cmocka_run_group_tests_name("unit", tests, make_system, remove_system);
}
