// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/text.h"
#include "learn/course.h"
#include "learn/page.h"
#include "learn/step.h"
#include "print/terminal.h"
#include "run/interrupt.h"
#include "tracer/privilege.h"
#include "verify/feature.h"
#include "verify/netns.h"

/* How lessons are gone through. */
struct learner {
	const struct options *options;
	const struct lesson *lesson;
	struct terminal terminal;
	unsigned language;
	struct page_reader reader;
	bool can_run;     /* a trace would work here, as far as can be known */
	struct error why; /* when it would not */
	bool waits;       /* somebody sits there */
	struct features features;
	char *directory;   /* for what commands print */
	unsigned cnt, bad; /* values */
	struct error *error;
};

/* What is said to the reader, in each language. */
enum remark { SAY_RUN, SAY_GO_ON, SAY_WOULD_RUN, SAY_CANNOT, SAY_HOW };

static const char *say(const struct learner *l, enum remark remark)
{
	static const char *const remarks[][LESSON_LANGUAGES] = {
		[SAY_RUN] = {"Enter runs it, q ends: ", "按回车运行，q 退出："},
		[SAY_GO_ON] = {"Enter goes on, q ends: ", "按回车继续，q 退出："},
		[SAY_WOULD_RUN] = {"(not run here)", "（此处未运行）"},
		[SAY_CANNOT] = {"The commands are only shown", "命令只显示、不运行"},
		[SAY_HOW] = {"herdtrace learn N shows a lesson, and runs it when you are root.",
			     "herdtrace learn N 显示一课；以 root 身份则逐步运行。"},
	};

	return remarks[remark][l->language];
}

/* Returns 0, or -EINTR when the reader has had enough. */
static int ask(const struct learner *l, enum remark remark)
{
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	if (!l->waits)
		return 0;
	printf("%s", say(l, remark));
	fflush(stdout);
	if (getline(&line, &size, stdin) < 0 || *line == 'q' || interrupt__seen())
		err = -EINTR;
	free(line);
	printf("\n");
	return err;
}

/* ---- a step ---- */

static const struct lesson_bounds *bounds_here(const struct learner *l,
					       const struct lesson_value *v)
{
	return v->feature == FEATURE_NONE || l->features.present[v->feature] ? &v->bounds
									     : &v->other;
}

static void judge(struct learner *l, const char *step, const char *name, const char *what,
		  const struct lesson_bounds *bounds, const struct outcome *o)
{
	char measured[VALUE_SIZE], expected[VALUE_SIZE];
	bool holds = value__holds(what, bounds, o, measured);

	value__expected(bounds, expected);
	l->cnt++;
	l->bad += !holds;
	printf("%s %u - %s: %s %s ", holds ? "ok" : "not ok", l->cnt, l->lesson->name, step, name);
	text__print(stdout, measured);
	printf(strcmp(measured, expected) ? " (%s)\n" : "\n", expected);
}

static void judge_all(struct learner *l, const struct lesson_step *step, const struct outcome *o)
{
	static const struct lesson_bounds well = {.is = "0"};
	bool has_status = false;

	for (size_t i = 0; i < step->values.cnt; i++) {
		const struct lesson_value *v = &step->values.at[i];

		has_status |= !strcmp(v->what, "status");
		judge(l, step->name, v->name, v->what, bounds_here(l, v), o);
	}
	if (!has_status)
		judge(l, step->name, "status", "status", &well, o);
}

static void show_output(const char *output)
{
	while (*output) {
		size_t length = strcspn(output, "\n");
		char *line = strndup(output, length);

		text__print(stdout, line);
		fputc('\n', stdout);
		free(line);
		output += length + (output[length] == '\n');
	}
	fputc('\n', stdout);
}

/* One for each lesson: steps of several have one name. NULL: no memory. */
static char *directory_here(const struct learner *l)
{
	char *directory = NULL;

	if (asprintf(&directory, "%s/%s", l->directory, l->lesson->name) < 0)
		return NULL;
	return directory;
}

static int run_command(struct learner *l, const struct lesson_step *step, struct outcome *outcome)
{
	char *directory = directory_here(l);
	int err;

	if (!directory)
		return error__set(l->error, FAULT_DATA, -ENOMEM, "out of memory");
	if (mkdir(directory, 0777) && errno != EEXIST)
		err = error__set(l->error, FAULT_INPUT, -errno, "cannot make %s: %s", directory,
				 strerror(errno));
	else
		err = step__run(step, directory, outcome, l->error);
	free(directory);
	return err;
}

/* Some refusals show only when it is tried. */
static int refuse(struct learner *l, struct outcome *outcome)
{
	l->can_run = false;
	l->reader.shows_pictures = true;
	show_output(outcome->output);
	outcome__free(outcome);
	return l->options->check
		       ? error__set(
				 l->error, FAULT_SYSTEM, -EPERM,
				 "%s cannot be run here; 'herdtrace doctor' says what is missing",
				 l->lesson->name)
		       : 0;
}

static int run_step(struct learner *l, const struct lesson_step *step)
{
	struct outcome outcome;
	unsigned bad = l->bad;
	int err;

	fflush(stdout);
	err = run_command(l, step, &outcome);
	if (err)
		return err;
	/* It ends the command, too: what that has printed is not what it says. */
	if (interrupt__seen()) {
		outcome__free(&outcome);
		return -EINTR;
	}
	if (outcome.status == EXIT_CANNOT)
		return refuse(l, &outcome);
	if (!l->options->check)
		show_output(outcome.output);
	judge_all(l, step, &outcome);
	if (l->options->check && l->bad != bad)
		show_output(outcome.output);
	fputc('\n', stdout);
	outcome__free(&outcome);
	return 0;
}

/* As a root's prompt has it. */
static void show_command(const char *command)
{
	const char *prompt = "    # ";

	fputc('\n', stdout);
	while (*command) {
		int length = (int)strcspn(command, "\n");

		printf("%s%.*s\n", prompt, length, command);
		command += length + (command[length] == '\n');
		prompt = "      ";
	}
}

static int run_named(void *context, const char *name)
{
	struct learner *l = context;
	const struct lesson_step *step = lesson__find_step(l->lesson, name);
	int err;

	if (!step)
		return error__set(l->error, FAULT_INPUT, -EINVAL, "%s has no step '%s'",
				  l->lesson->name, name);
	show_command(step->command);
	if (!l->can_run) {
		printf("    %s\n\n", say(l, SAY_WOULD_RUN));
		return 0;
	}
	err = ask(l, SAY_RUN);
	if (err)
		return err;
	fputc('\n', stdout);
	return run_step(l, step);
}

/* Of the run that the reader has just seen. */
static bool draw_named(void *context, const char *name)
{
	struct learner *l = context;
	char *directory = l->can_run ? directory_here(l) : NULL;
	char *drawing = directory ? step__drawing(name, directory) : NULL;
	bool shown = drawing;

	if (shown)
		show_output(drawing);
	free(directory);
	free(drawing);
	return shown;
}

static int pause_reader(void *context)
{
	return ask(context, SAY_GO_ON);
}

/* ---- lessons ---- */

static int show_lesson(struct learner *l)
{
	char *path = NULL;
	int err;

	l->reader = (struct page_reader){
		.context = l,
		.run = run_named,
		.pause = pause_reader,
		.draw = draw_named,
		.shows_pictures = !l->can_run,
	};
	if (asprintf(&path, "%s/%s.md", l->lesson->directory, lesson_languages[l->language]) < 0)
		return error__set(l->error, FAULT_DATA, -ENOMEM, "out of memory");
	err = page__show(path, &l->reader, stdout, &l->terminal, l->error);
	free(path);
	return err;
}

static int check_lesson(struct learner *l)
{
	int err = 0;

	for (size_t i = 0; !err && i < l->lesson->steps.cnt; i++)
		err = run_step(l, &l->lesson->steps.at[i]);
	return err;
}

static int go_through(struct learner *l, const struct lesson *lesson)
{
	l->lesson = lesson;
	return l->options->check ? check_lesson(l) : show_lesson(l);
}

static int go_through_all(struct learner *l, const struct course *course)
{
	int err = 0;

	for (char **which = l->options->arguments; !err && which && *which; which++)
		err = go_through(l, course__find(course, *which));
	if (!l->options->arguments || !*l->options->arguments)
		for (size_t i = 0; !err && i < course->lessons.cnt; i++)
			err = go_through(l, &course->lessons.at[i]);
	if (l->options->check && !err)
		printf("1..%u\n", l->cnt);
	return err;
}

static void list(const struct learner *l, const struct course *course)
{
	for (size_t i = 0; i < course->lessons.cnt; i++)
		printf("%3zu  %s\n", i + 1, course->lessons.at[i].titles[l->language]);
	printf("\n%s\n", say(l, SAY_HOW));
}

/* ---- before and after ---- */

static int check_names(const struct course *course, const struct options *o, struct error *error)
{
	for (char **which = o->arguments; which && *which; which++)
		if (!course__find(course, *which))
			return error__set(error, FAULT_INPUT, -ENOENT,
					  "there is no lesson '%s' (see 'herdtrace learn')",
					  *which);
	return 0;
}

/* In a network of our own: the ports of lessons are free there, and their settings concern nobody. */
static int prepare(struct learner *l)
{
	const char *tmp = getenv("TMPDIR");

	if (l->options->text_only || privilege__check(&l->why) ||
	    features__read(&l->features, &l->why) || netns__enter(&l->why))
		return 0;
	l->can_run = true;
	if (l->options->output) {
		l->directory = strdup(l->options->output);
		if (l->directory && !mkdir(l->directory, 0777))
			return 0;
		if (l->directory && errno == EEXIST)
			return 0;
	} else if (asprintf(&l->directory, "%s/herdtrace-learn-XXXXXX", tmp ? tmp : "/tmp") > 0 &&
		   mkdtemp(l->directory)) {
		return 0;
	}
	return error__set(l->error, FAULT_INPUT, -errno, "cannot make %s: %s",
			  l->directory ? l->directory : "a directory", strerror(errno));
}

static int remove_one(const char *path, const struct stat *unused, int type, struct FTW *where)
{
	(void)unused;
	(void)type;
	(void)where;
	return remove(path);
}

static void clean_up(struct learner *l)
{
	if (l->directory && !l->options->output)
		nftw(l->directory, remove_one, 4, FTW_DEPTH | FTW_PHYS);
	free(l->directory);
}

/* Returns 0, or negative errno and an error. */
static int learn(struct learner *l, const struct course *course)
{
	const struct options *o = l->options;
	int err = check_names(course, o, l->error);

	if (err)
		return err;
	if (!o->check && (!o->arguments || !*o->arguments)) {
		list(l, course);
		return 0;
	}
	err = prepare(l);
	if (!err && o->check && !l->can_run) {
		*l->error = l->why;
		err = -EPERM;
	}
	if (!err && !l->can_run && !o->text_only)
		printf("(%s: %s)\n\n", say(l, SAY_CANNOT), l->why.text);
	if (!err)
		err = go_through_all(l, course);
	clean_up(l);
	if (err != -EINTR)
		return err;
	/* Who has read enough has done nothing wrong. */
	return o->check ? error__set(l->error, FAULT_DATA, err, "interrupted") : 0;
}

/* What has been printed is all there is to do. */
static int finish(struct error *error)
{
	struct outfile out;

	return outfile__open(&out, NULL, error) ? -EINVAL
						: outfile__finish(&out, 0, "the lesson", error);
}

enum exit_status command__learn(const struct options *options)
{
	struct error error = {0};
	struct course course = {0};
	struct learner learner = {
		.options = options,
		.language =
			options->language < 0 ? course__language() : (unsigned)options->language,
		.terminal = terminal__describe(stdout, options->color),
		.waits = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !options->check,
		.error = &error,
	};
	int err = course__load(&course, &error);

	interrupt__catch();
	if (!err)
		err = learn(&learner, &course);
	course__free(&course);
	if (!err)
		err = finish(&error);
	if (err)
		return command__fail(&error);
	return learner.bad ? EXIT_UNEXPECTED : EXIT_RAN;
}
