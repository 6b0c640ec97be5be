// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "commands/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "print/progress.h"
#include "report/verdict.h"
#include "run/interrupt.h"
#include "run/run.h"
#include "run/view.h"
#include "top/lines.h"
#include "top/screen.h"

/* Deciding takes at most this part of the time, where there are very many workers. */
#define VERDICT_SHARE 20

struct top {
	const struct options *options;
	bool on_screen;
	char *title;
	struct progress progress; /* until there is a screen */
	struct screen *screen;    /* NULL: lines */
	struct loop_source keys;
	struct top_choice choice;
	struct top_meter meter;
	struct top_numbers numbers, held; /* of the last look; on the screen while it is paused */
	bool holds;
	struct top_page page;
	uint64_t period_ns;
	struct verdicts verdicts;
	uint64_t verdict_ns; /* when they may be decided again */
	bool failed;         /* out of memory, where nobody could be told */
};

static double every_sec(const struct options *o)
{
	return o->interval_sec ? o->interval_sec : 1;
}

/* ---- showing ---- */

static int make_page(struct top *t, bool has_keys)
{
	bool held = t->choice.is_paused && t->holds;
	struct top_size size = {
		.ascii = terminal__is_ascii(stdout),
		.has_keys = has_keys,
		.every_sec = every_sec(t->options),
		.title = t->title,
	};
	int err;

	screen__measure(t->screen, &size.columns, &size.rows);
	err = top_page__make(&t->page, held ? &t->held : &t->numbers, &t->choice, &size);
	t->choice.first = t->page.first;
	return err;
}

static int show(struct top *t)
{
	int err = make_page(t, true);

	if (!err)
		screen__show(t->screen, &t->page);
	return err;
}

static enum lines_rows lines_rows(const struct options *o)
{
	switch (o->lines) {
	case LINES_BY_WORKER: return LINES_WORKERS;
	case LINES_BY_LISTENER: return LINES_LISTENERS;
	case LINES_BY_DEFAULT: break;
	}
	return LINES_TOTAL;
}

static int print_lines(const struct top *t, struct error *error)
{
	lines__print(stdout, &t->numbers, lines_rows(t->options), time(NULL));
	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		return error__set(error, FAULT_DATA, errno ? -errno : -EIO,
				  "cannot write the lines: %s", strerror(errno ? errno : EIO));
	return 0;
}

/* ---- looks ---- */

static int decide(struct top *t, const struct totals *totals, const struct report_loss *loss)
{
	uint64_t begun = clock__now_ns(), now;
	int err;

	if (begun < t->verdict_ns)
		return 0;
	verdicts__drop(&t->verdicts);
	err = verdicts__decide(&t->verdicts, totals, loss);
	now = clock__now_ns();
	t->verdict_ns = now + VERDICT_SHARE * (now - begun);
	return err;
}

static int take(struct top *t, const struct top_look *look)
{
	int err;

	/* What is on the screen stays there. */
	if (t->choice.is_paused && !t->holds) {
		t->held = t->numbers;
		t->numbers = (struct top_numbers){0};
	} else if (!t->choice.is_paused) {
		numbers__drop(&t->held);
	}
	t->holds = t->choice.is_paused;
	err = decide(t, look->totals, look->loss);
	return err ? err : numbers__take(&t->numbers, &t->meter, look);
}

static int out_of_memory(struct error *error)
{
	return error__set(error, FAULT_DATA, -ENOMEM, "out of memory");
}

static int look(void *arg, const struct run_moment *moment, struct error *error)
{
	struct top *t = arg;
	bool first = !t->meter.last_ns;
	struct top_look look = {
		.begun_ns = moment->begun_ns,
		.now_ns = moment->now_ns,
		.totals = moment->totals,
		.loss = moment->loss,
		.verdicts = &t->verdicts,
		.model = moment->model,
	};
	int err;

	/* Nothing is to be seen of so short a time; what is left comes with the end. */
	if (!t->screen && !first && moment->now_ns - t->meter.last_ns < t->period_ns / 2)
		return 0;
	err = take(t, &look);
	if (!err && t->screen)
		err = show(t);
	if (err)
		return out_of_memory(error);
	return t->screen || first ? 0 : print_lines(t, error);
}

static bool goes_on(void *arg)
{
	struct top *t = arg;
	bool changed = false, gone = false;
	int key;

	while (t->screen && (key = screen__key(t->screen, &gone)) >= 0)
		changed |= keys__take(&t->choice, key, t->page.rows);
	if (changed && !t->choice.quits)
		t->failed |= show(t) != 0;
	return !t->choice.quits && !gone && !t->failed;
}

static int begin(void *arg, struct loop *loop, struct error *error)
{
	struct top *t = arg;
	int err;

	progress__end(&t->progress);
	if (!t->on_screen)
		return 0;
	fflush(stderr);
	t->screen = screen__open(terminal__describe(stdout, t->options->color).color);
	if (!t->screen)
		return error__set(error, FAULT_SYSTEM, -ENOTTY,
				  "this terminal cannot be used as a screen; --plain prints lines");
	t->keys = (struct loop_source){.fd = screen__fd(t->screen)};
	err = t->keys.fd < 0 ? 0 : loop__add(loop, &t->keys, EPOLLIN);
	return err ? error__set(error, FAULT_SYSTEM, err, "cannot wait for keys: %s",
				strerror(-err))
		   : 0;
}

/* ---- the run ---- */

static const char *text_of_whom(const struct options *o, char *to, size_t size)
{
	const struct whom *w = &o->whom;
	size_t used;

	if (o->command)
		return o->command[0];
	if (w->port)
		snprintf(to, size, "port %u", (unsigned)w->port);
	if (!w->pid_cnt)
		return w->port ? to : w->unit ? w->unit : w->container ? w->container : w->cgroup;
	used = snprintf(to, size, "process");
	for (size_t i = 0; i < w->pid_cnt && used < size; i++)
		used += snprintf(to + used, size - used, "%s %d", i ? "," : "", w->pids[i]);
	return to;
}

/* On a screen nothing else may write: where stderr is the same terminal, nobody hears the server. */
static int server_output(bool on_screen)
{
	return on_screen && isatty(STDERR_FILENO) ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
}

static struct run_options run_options(const struct options *o, const struct run_view *view, int fd)
{
	return (struct run_options){
		.command = o->command,
		.whom = &o->whom,
		.user = o->user,
		.output_fd = fd,
		.duration_sec = o->duration_sec,
		.wait_sec = o->wait_sec,
		.view = view,
		.tracer = o->tracer,
	};
}

/* The last screen stays, with the sums of all: on the screen itself the last of them were still open. */
static int leave(struct top *t)
{
	bool color = terminal__describe(stdout, t->options->color).color;
	int err = 0;

	if (!t->screen)
		return 0;
	t->choice.shows_help = false;
	if (t->meter.last_ns)
		err = make_page(t, false);
	screen__close(t->screen);
	t->screen = NULL;
	if (!err)
		top_page__print(stdout, &t->page, color);
	return err;
}

static int print_sums(const struct top *t, struct error *error)
{
	const struct top_counts *c = &t->numbers.all.of[TOP_WHOLE];

	printf("at the end: %" PRIu64 " connections, %" PRIu64 " wakes, %" PRIu64
	       " wasted\nherd %s, skew %s, stranding %s\n",
	       c->connections, c->wakes, c->wasted,
	       verdict__name(t->numbers.verdicts[TOP_HERD].value),
	       verdict__name(t->numbers.verdicts[TOP_SKEW].value),
	       verdict__name(t->numbers.verdicts[TOP_STRANDING].value));
	return fflush(stdout)
		       ? error__set(error, FAULT_DATA, -errno, "cannot write: %s", strerror(errno))
		       : 0;
}

/* What was open until the end is over now. */
static int show_end(struct top *t, const struct run_result *run, struct error *error)
{
	struct top_look look = {
		.begun_ns = run->begun_ns,
		.now_ns = clock__now_ns(),
		.totals = &run->report->totals,
		.loss = &run->report->loss,
		.verdicts = &run->report->verdicts,
	};

	if (numbers__take(&t->numbers, &t->meter, &look))
		return out_of_memory(error);
	/* Of what was counted now some was over long before: no rate comes of that. */
	t->numbers.span_ns[TOP_PERIOD] = 0;
	return t->on_screen ? print_sums(t, error) : print_lines(t, error);
}

static enum exit_status finish(struct top *t, const struct run_result *run, struct error *error)
{
	const struct report *report = run->report;

	if (show_end(t, run, error))
		return command__fail(error);
	if (run->server_gone)
		log_note("the server is gone%s%s", *report->server_exit ? ": " : "",
			 report->server_exit);
	if (!report->loss.incomplete)
		return EXIT_RAN;
	log_error("the result is incomplete: %s", report->loss.reason);
	return EXIT_INCOMPLETE;
}

static enum exit_status run(struct top *t)
{
	struct run_view view = {
		.period_ns = t->period_ns,
		.wants_flows = true,
		.begin = begin,
		.look = look,
		.goes_on = goes_on,
		.arg = t,
	};
	int fd = server_output(t->on_screen), err;
	struct run_options options = run_options(t->options, &view, fd);
	struct run_result result = {0};
	struct error error = {0};
	enum exit_status status;

	interrupt__catch();
	err = run__trace(&options, NULL, &result, &error);
	progress__end(&t->progress);
	if (leave(t) && !err)
		err = out_of_memory(&error);
	if (!err && *result.problem)
		err = error__set(&error, FAULT_DATA, -ENODATA, "%s%s", result.problem,
				 result.too_late ? " (--wait SEC gives it more time)" : "");
	status = err ? command__fail(&error) : finish(t, &result, &error);
	report__free(result.report);
	tracer__free(result.tracer);
	if (fd >= 0)
		close(fd);
	return status;
}

enum exit_status command__top(const struct options *o)
{
	char whom[256] = "";
	struct top t = {
		.options = o,
		.on_screen = !o->plain && isatty(STDOUT_FILENO),
		.title = text__harmless(text_of_whom(o, whom, sizeof(whom))),
		.choice = TOP_CHOICE,
		.period_ns = (uint64_t)(every_sec(o) * NS_PER_SEC),
	};
	struct error error = {0};
	enum exit_status status;

	if (!t.title) {
		out_of_memory(&error);
		return command__fail(&error);
	}
	if (t.on_screen && !screen__is_possible()) {
		t.on_screen = false;
		log_note("this terminal is no screen (TERM is %s): lines, as with --plain",
			 getenv("TERM") ? getenv("TERM") : "not set");
	}
	t.choice.by = o->lines == LINES_BY_LISTENER ? TOP_LISTENERS : TOP_WORKERS;
	progress__begin(&t.progress, stderr);
	if (!o->quiet)
		progress__show(&t.progress, clock__now_ns(), "attaching to the kernel");
	status = run(&t);
	numbers__drop(&t.numbers);
	numbers__drop(&t.held);
	meter__drop(&t.meter);
	top_page__drop(&t.page);
	verdicts__drop(&t.verdicts);
	free(t.title);
	return status;
}
