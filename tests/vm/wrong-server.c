// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * wrong-server: whatever it is called and told, it becomes the server that WRONG_COMMANDS in the
 * environment names for the claim HERDTRACE_CLAIM, with its arguments, of those in the directory
 * WRONG_SERVERS. So a test sees what herdtrace verify says of servers that do not do what its
 * claims are about.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 16

/* Lines "CLAIM COMMAND". Returns the command, NULL when there is none. */
static char *find_command(char *lines, const char *claim)
{
	char *save = NULL;

	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t len = strcspn(line, " ");

		if (len == strlen(claim) && !strncmp(line, claim, len))
			return line + len;
	}
	return NULL;
}

int main(void)
{
	const char *directory = getenv("WRONG_SERVERS"), *claim = getenv("HERDTRACE_CLAIM");
	char *lines = getenv("WRONG_COMMANDS"), *words[WORDS_MAX] = {NULL}, path[4096];
	char *command = lines && claim ? find_command(strdup(lines), claim) : NULL;
	size_t cnt = 0;

	if (!directory || !command)
		errx(2, "WRONG_SERVERS or WRONG_COMMANDS has nothing for this claim");
	for (char *word = strtok(command, " "); word; word = strtok(NULL, " ")) {
		if (cnt == WORDS_MAX - 2)
			errx(2, "too many words for %s", claim);
		words[cnt++] = word;
	}
	if (!cnt)
		errx(2, "no command for %s", claim);
	words[cnt] = "-q"; /* what the real one would be told, too */
	snprintf(path, sizeof(path), "%s/%s", directory, words[0]);
	execv(path, words);
	err(2, "%s", path);
}
