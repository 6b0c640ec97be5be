// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * empty OBJECT PROGRAM... -- COMMAND [ARG...]: attaches the named programs of a BPF object, runs the command,
 * and detaches them.
 */
#include <bpf/libbpf.h>
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_named(const struct bpf_program *program, char *const *names)
{
	for (; strcmp(*names, "--"); names++)
		if (!strcmp(bpf_program__name(program), *names))
			return true;
	return false;
}

/* The links end with the process. */
static void attach(const char *path, char *const *names)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;

	if (!object)
		err(1, "%s", path);
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, is_named(program, names));
	if (bpf_object__load(object))
		err(1, "cannot load the empty programs");
	bpf_object__for_each_program(program, object) if (bpf_program__autoload(program) &&
							  !bpf_program__attach(program))
		err(1, "cannot attach %s", bpf_program__name(program));
}

static int run(char *const *command)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execv(*command, command);
		err(127, "%s", *command);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "cannot run %s", *command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int at = 2;

	while (at < argc && strcmp(argv[at], "--"))
		at++;
	if (at < 3 || at + 1 >= argc)
		errx(2, "usage: empty OBJECT PROGRAM... -- COMMAND [ARG...]");
	attach(argv[1], argv + 2);
	return run(argv + at + 1);
}
