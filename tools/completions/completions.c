// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * completions SHELL LESSON... <TEMPLATE: copies a shell's completion file, and puts in place of the line "@table@"
 * what the tables of commands, options and claims say.
 */
#include "completions.h"

#include <stdio.h>
#include <string.h>

const char *completion__word(enum action action)
{
	return command_table[action].word ? command_table[action].word : "-";
}

bool completion__takes(enum action action, const struct option_row *option)
{
	return option->actions & ACTION_BIT(action);
}

void completion__quote(const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\\' || strchr(escaped, *text))
			putchar('\\');
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static const struct completion_shell *find_shell(const char *name)
{
	static const struct completion_shell *const shells[] = {&completion_bash, &completion_zsh,
								&completion_fish};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (!strcmp(shells[i]->name, name))
			return shells[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct completion_shell *shell = argc > 1 ? find_shell(argv[1]) : NULL;
	char line[512];

	if (!shell) {
		fputs("usage: completions bash|zsh|fish LESSON... <TEMPLATE\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "@table@\n")) {
			fputs(line, stdout);
			continue;
		}
		for (unsigned action = 0; action < ACTION_CNT; action++)
			shell->print(action, argv + 2);
	}
	return fflush(stdout) || ferror(stdin) ? 1 : 0;
}
