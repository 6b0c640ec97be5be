// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/unit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* systemd.unit(5); what a script of old init or a program asked for is among the generators' and the transient ones. */
static const char *const directories[] = {
	"/etc/systemd/system.control", "/run/systemd/system.control",
	"/run/systemd/transient",      "/run/systemd/generator.early",
	"/etc/systemd/system",         "/etc/systemd/system.attached",
	"/run/systemd/system",         "/run/systemd/system.attached",
	"/run/systemd/generator",      "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/lib/systemd/system",
	"/run/systemd/generator.late",
};

#define DIRECTORY_CNT (sizeof(directories) / sizeof(directories[0]))

static const char *const types[] = {".service", ".scope",     ".slice", ".socket",
				    ".mount",   ".automount", ".swap",  ".target",
				    ".device",  ".timer",     ".path"};

/* Where its type begins; NULL: nowhere. */
static const char *find_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(dot, types[i]))
			return dot;
	return NULL;
}

bool unit__complete(char to[UNIT_NAME_SIZE], const char *name)
{
	return snprintf(to, UNIT_NAME_SIZE, "%s%s", name, find_type(name) ? "" : ".service") <
	       UNIT_NAME_SIZE;
}

/* Of "web@one.service": "web@.service". False: it is no instance. */
static bool name_template(char to[UNIT_NAME_SIZE], const char *unit)
{
	const char *at = strchr(unit, '@'), *type = find_type(unit);

	return at && type && type > at + 1 &&
	       snprintf(to, UNIT_NAME_SIZE, "%.*s%s", (int)(at + 1 - unit), unit, type) <
		       UNIT_NAME_SIZE;
}

static bool name_file(char path[PATH_MAX], const char *root, size_t directory, const char *unit)
{
	return snprintf(path, PATH_MAX, "%s%s/%s", root, directories[directory], unit) < PATH_MAX;
}

/* Also as a link to what is not there: /dev/null is not in a system below another root. */
static bool has_file(const char *root, const char *unit)
{
	char path[PATH_MAX], target[PATH_MAX];

	for (size_t i = 0; i < DIRECTORY_CNT; i++)
		if (name_file(path, root, i, unit) &&
		    (!access(path, F_OK) || readlink(path, target, sizeof(target)) > 0))
			return true;
	return false;
}

bool unit__is_installed(const char *root, const char *unit)
{
	char template[UNIT_NAME_SIZE];

	return has_file(root, unit) || (name_template(template, unit) && has_file(root, template));
}

/* "web@.service" is no unit: its instances are. */
static bool is_template(const char *unit)
{
	return strstr(unit, "@.");
}

/* What a link points to, if that has the name of a unit. An instance that is enabled links to its template. */
static bool follow_link(char to[UNIT_NAME_SIZE], const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	const char *name;

	if (len <= 0)
		return false;
	target[len] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	return find_type(name) && !is_template(name) &&
	       snprintf(to, UNIT_NAME_SIZE, "%s", name) < UNIT_NAME_SIZE;
}

void unit__resolve(char to[UNIT_NAME_SIZE], const char *root, const char *unit)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < DIRECTORY_CNT; i++)
		if (name_file(path, root, i, unit) && follow_link(to, path))
			return;
	snprintf(to, UNIT_NAME_SIZE, "%s", unit);
}
