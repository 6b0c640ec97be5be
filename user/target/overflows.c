// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/overflows.h"

#include <stdlib.h>
#include <string.h>

#include "base/procfs.h"

#define GROUP "TcpExt:"
#define NAME  "ListenOverflows"

/* Which word of the line it is, 0: none. */
static unsigned find_word(char *line)
{
	char *save = NULL;
	unsigned at = 0;

	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (at && !strcmp(word, NAME))
			return at;
		at++;
	}
	return 0;
}

static uint64_t take_word(char *line, unsigned at)
{
	char *save = NULL, *word = strtok_r(line, " \n", &save);

	while (word && at--)
		word = strtok_r(NULL, " \n", &save);
	return word ? strtoull(word, NULL, 10) : UINT64_MAX;
}

uint64_t overflows__parse(FILE *netstat)
{
	uint64_t cnt = UINT64_MAX;
	char *line = NULL;
	unsigned at = 0;
	size_t size = 0;

	while (cnt == UINT64_MAX && getline(&line, &size, netstat) > 0) {
		if (strncmp(line, GROUP, strlen(GROUP)) != 0)
			continue;
		if (at)
			cnt = take_word(line, at);
		else
			at = find_word(line);
	}
	free(line);
	return cnt;
}

uint64_t overflows__count(pid_t pid)
{
	char path[64] = "/proc/self/net/netstat";
	uint64_t cnt;
	FILE *f;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/net/netstat", procfs__living_thread(pid));
	f = fopen(path, "re");
	if (!f)
		return UINT64_MAX;
	cnt = overflows__parse(f);
	fclose(f);
	return cnt;
}
