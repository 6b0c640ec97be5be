// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/cgpath.h"

#include <string.h>

#define ID_DIGITS 64

/* A directory of the path: not terminated. */
struct part {
	const char *at;
	size_t len;
};

/* The last part before end. False: there is none. */
static bool take_last(const char *path, const char **end, struct part *part)
{
	while (*end > path && (*end)[-1] == '/')
		--*end;
	part->at = *end;
	while (part->at > path && part->at[-1] != '/')
		part->at--;
	part->len = *end - part->at;
	*end = part->at;
	return part->len > 0;
}

static bool begins(struct part p, const char *with)
{
	return p.len >= strlen(with) && !strncmp(p.at, with, strlen(with));
}

static bool ends(struct part p, const char *with)
{
	size_t len = strlen(with);

	return p.len > len && !strncmp(p.at + p.len - len, with, len);
}

static size_t count_digits(const char *at, size_t len)
{
	size_t cnt = 0;

	while (cnt < len && at[cnt] && strchr("0123456789abcdef", at[cnt]))
		cnt++;
	return cnt;
}

/* Where the ID of a container stands: "ID", "docker-ID.scope", "libpod-payload-ID"; NULL: nowhere. */
static const char *find_id(struct part p)
{
	for (size_t i = 0; i + ID_DIGITS <= p.len; i++)
		if ((!i || p.at[i - 1] == '-') && count_digits(p.at + i, p.len - i) == ID_DIGITS)
			return p.at + i;
	return NULL;
}

static bool is_unit(struct part p)
{
	if (ends(p, ".service"))
		return true;
	return ends(p, ".scope") && !begins(p, "session-") && !begins(p, "init.scope") &&
	       !find_id(p);
}

static bool give(char name[CGPATH_NAME_SIZE], const char *at, size_t len)
{
	if (len >= CGPATH_NAME_SIZE)
		return false;
	memcpy(name, at, len);
	name[len] = '\0';
	return true;
}

bool cgpath__unit(const char *path, char name[CGPATH_NAME_SIZE])
{
	const char *end = path + strlen(path);
	struct part part;

	*name = '\0';
	while (take_last(path, &end, &part))
		if (is_unit(part))
			return give(name, part.at, part.len);
	return false;
}

bool cgpath__container(const char *path, char id[CGPATH_NAME_SIZE])
{
	const char *end = path + strlen(path);
	struct part part;

	*id = '\0';
	while (take_last(path, &end, &part))
		if (find_id(part))
			return give(id, find_id(part), ID_DIGITS);
	return false;
}
