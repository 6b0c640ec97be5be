// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/step.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beside.h"

#define RUN "herdtrace -"

/* The command, with -w FILE in its first run of herdtrace. NULL: no memory. */
static char *add_recording(const char *command, const char *recording)
{
	const char *run = strstr(command, RUN);
	char *whole = NULL;

	if (!run)
		return strdup(command);
	run += strlen(RUN) - 1;
	if (asprintf(&whole, "%.*s-w '%s' %s", (int)(run - command), command, recording, run) < 0)
		return NULL;
	return whole;
}

/* This program and the servers come first. */
static void set_path(void)
{
	char servers[PATH_MAX + 64] = "", self[PATH_MAX] = "", *path = NULL;
	const char *old = getenv("PATH");

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		_exit(127);
	beside__find_servers(servers, sizeof(servers));
	if (asprintf(&path, "%s:%s:%s", dirname(self), servers, old ? old : "/usr/bin:/bin") < 0)
		_exit(127);
	setenv("PATH", path, 1);
	/* What is shown is what the documents show, whatever the reader's terminal. */
	setenv("COLUMNS", "80", 1);
}

/* In the child: does not return. */
static void become_shell(const char *script, const char *output)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	set_path();
	/* Pipes of a shell end by it. */
	signal(SIGPIPE, SIG_DFL);
	execl("/bin/sh", "sh", "-c", script, NULL);
	_exit(127);
}

/* Returns the exit status, 128 and more after a signal, or negative errno and an error. */
static int run_shell(const char *script, const char *output, struct error *error)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		become_shell(script, output);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			pid = -1;
	if (pid < 0)
		return error__set(error, FAULT_SYSTEM, -errno, "cannot run a shell: %s",
				  strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* NULL: no memory, or it cannot be read. */
static char *read_all(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!in)
		return NULL;
	if (getdelim(&text, &size, '\0', in) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(in);
	return text;
}

char *step__drawing(const char *name, const char *directory)
{
	char *path = NULL, *drawing = NULL;

	if (asprintf(&path, "%s/%s.drawing", directory, name) > 0)
		drawing = read_all(path);
	free(path);
	return drawing;
}

/* Leaves document NULL where there was no run. Returns 0, or negative errno and an error. */
static int read_report(const char *base, struct outcome *o, struct error *error)
{
	char *recording = NULL, *report = NULL, *script = NULL, *log = NULL;
	int err = -ENOMEM;

	if (asprintf(&recording, "%s.rec", base) < 0 || asprintf(&report, "%s.json", base) < 0 ||
	    asprintf(&log, "%s.log", base) < 0 ||
	    asprintf(
		    &script,
		    "herdtrace report -f json -o '%s' '%s'; herdtrace explain -o '%s.drawing' '%s'",
		    report, recording, base, recording) < 0)
		goto out;
	err = 0;
	if (access(recording, F_OK))
		goto out;
	err = run_shell(script, log, error);
	o->document = err < 0 ? NULL : json_load_file(report, 0, NULL);
	err = err < 0 ? err : 0;
out:
	free(recording);
	free(report);
	free(script);
	free(log);
	return err;
}

int step__run(const struct lesson_step *step, const char *directory, struct outcome *o,
	      struct error *error)
{
	char *base = NULL, *recording = NULL, *output = NULL, *script = NULL;
	int err = -ENOMEM;

	*o = (struct outcome){0};
	if (asprintf(&base, "%s/%s", directory, step->name) < 0 ||
	    asprintf(&recording, "%s.rec", base) < 0 || asprintf(&output, "%s.out", base) < 0)
		goto out;
	script = add_recording(step->command, recording);
	if (!script)
		goto out;
	err = run_shell(script, output, error);
	if (err < 0)
		goto out;
	o->status = err;
	o->output = read_all(output);
	err = o->output ? read_report(base, o, error) : -ENOMEM;
	o->drawing = step__drawing(step->name, directory);
out:
	if (err == -ENOMEM)
		error__set(error, FAULT_DATA, err, "out of memory");
	free(base);
	free(recording);
	free(output);
	free(script);
	return err;
}

void outcome__free(struct outcome *o)
{
	json_decref(o->document);
	free(o->output);
	free(o->drawing);
	*o = (struct outcome){0};
}
