// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * wrong-server: whatever it is called and told, it becomes the server that WRONG_COMMAND in the
 * environment names, with its arguments, of those in the directory WRONG_SERVERS. So a test sees
 * what herdtrace verify says of a server that does not do what a claim is about.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 16

int main(void)
{
	const char *directory = getenv("WRONG_SERVERS"), *command = getenv("WRONG_COMMAND");
	char *words[WORDS_MAX] = {NULL}, path[4096];
	char *copy = command ? strdup(command) : NULL;
	size_t cnt = 0;

	if (!directory || !copy)
		errx(2, "WRONG_SERVERS and WRONG_COMMAND are not set");
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		if (cnt == WORDS_MAX - 2)
			errx(2, "too many words: %s", command);
		words[cnt++] = word;
	}
	if (!cnt)
		errx(2, "WRONG_COMMAND is empty");
	words[cnt] = "-q"; /* what the real one would be told, too */
	snprintf(path, sizeof(path), "%s/%s", directory, words[0]);
	execv(path, words);
	err(2, "%s", path);
}
