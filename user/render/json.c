/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The JSON document, schema herdtrace/1. Later versions only add fields.
 *
 * The frame is written here and jansson prints one value at a time into it. The rows of connections, of which
 * there may be millions, are written as they come (json_rows.c).
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "render/formats.h"
#include "render/json_rows.h"
#include "print/json.h"
#include "render/values.h"
#include "report/severity.h"
#include "report/split.h"
#include "report/words.h"

#define INDENT 2

struct document {
	FILE *out;
	int depth; /* blanks before every further line of the value that is being printed */
	bool begun;
	int err; /* of the stream, while its reason is known */
};

/* jansson's output, moved to its depth. A line end in the output is layout: in texts it is \n. */
static int print_indented(const char *text, size_t size, void *data)
{
	struct document *document = data;
	const char *end = text + size;

	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		const char *stop = line_end ? line_end + 1 : end;

		size_t len = (size_t)(stop - text);

		errno = 0;
		if (fwrite(text, 1, len, document->out) != len) {
			document->err = errno ? -errno : -EIO;
			return -1;
		}
		if (line_end)
			fprintf(document->out, "%*s", document->depth, "");
		text = stop;
	}
	return 0;
}

/* Prints and gives up the value. NULL is what is left of a value when memory ran out. */
static int print_value(struct document *document, json_t *value, int depth)
{
	int err = 0;

	if (!value)
		return -ENOMEM;
	document->depth = depth;
	if (json_dump_callback(value, print_indented, document,
			       JSON_INDENT(INDENT) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)) < 0)
		err = document->err ? document->err : -ENOMEM;
	json_decref(value);
	return err;
}

static void print_key(struct document *document, const char *key)
{
	fprintf(document->out, "%s\n%*s\"%s\": ", document->begun ? "," : "{", INDENT, "", key);
	document->begun = true;
}

/* A member of the document itself; the key is one of ours. */
static int print_member(struct document *document, const char *key, json_t *value)
{
	print_key(document, key);
	return print_value(document, value, INDENT);
}

static json_t *kernel(const struct report *report)
{
	json_t *object = json_object();

	set(&object, "release", string(report->kernel_release));
	set(&object, "arch", string(report->kernel_arch));
	return object;
}

static json_t *attach(const struct report *report)
{
	json_t *object = json_object(), *hooks = json_array();

	for (size_t i = 0; i < report->hook_cnt; i++) {
		json_t *hook = json_object();

		set(&hook, "function", string(report->hooks[i].function));
		set(&hook, "how", string(report->hooks[i].how));
		append(&hooks, hook);
	}
	set(&object, "mode", string(report->attach_mode));
	set(&object, "hooks", hooks);
	return object;
}

static json_t *epolls(const struct report_listener *listener)
{
	json_t *array = json_array();

	for (size_t i = 0; i < listener->epolls.cnt; i++) {
		const struct report_epoll *epoll = &listener->epolls.at[i];
		json_t *object = json_object(), *flags = json_array();
		uint32_t events = epoll->events;
		const char *name;

		while ((name = epoll_flags__take(&events)))
			append(&flags, json_string(name));
		set(&object, "pid", number(epoll->pid));
		set(&object, "fd", number(epoll->fd));
		set(&object, "flags", flags);
		set(&object, "processes", number_or_null(epoll->processes));
		append(&array, object);
	}
	return array;
}

static json_t *listeners(const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->totals.listener_cnt; i++) {
		const struct report_listener *listener = &report->totals.listeners[i];
		json_t *object = json_object();

		set(&object, "id", number(listener->id));
		set(&object, "address", string(listener->address));
		set(&object, "protocol", string(listener->protocol));
		set(&object, "reuseport_group", number_or_null(listener->reuseport_group));
		set(&object, "connections", number(listener->connections));
		set(&object, "accepted", number(listener->accepted));
		if (listener->backlog >= 0)
			set(&object, "backlog", number(listener->backlog));
		if (listener->epolls.cnt)
			set(&object, "epolls", epolls(listener));
		append(&array, object);
	}
	return array;
}

static void set_worker_numbers(json_t **object, const struct report_worker *worker)
{
	set(object, "wakes", number(worker->wakes));
	set(object, "accepted", number(worker->accepted));
	set(object, "handed_on", number(worker->outcome[OUTCOME_HANDED_ON]));
	set(object, "eagain", number(worker->outcome[OUTCOME_EAGAIN]));
	set(object, "swallowed", number(worker->outcome[OUTCOME_SWALLOWED]));
	set(object, "idle", number(worker->outcome[OUTCOME_IDLE]));
	set(object, "exited", number(worker->outcome[OUTCOME_EXITED]));
	set(object, "pending", number(worker->outcome[OUTCOME_PENDING]));
	set(object, "lock", number(worker->lock_wakes));
	set(object, "useful", number(worker->outcome[OUTCOME_ACCEPTED]));
	set(object, "wasted_cpu_ns", number(worker->wasted_cpu_ns));
}

/* Only what there is. */
static void set_place(json_t **object, const struct report_worker *worker,
		      const struct report_place *place)
{
	if (worker->ns_tid) {
		set(object, "ns_pid", number(worker->ns_pid));
		set(object, "ns_tid", number(worker->ns_tid));
	}
	if (place && *place->unit)
		set(object, "unit", string(place->unit));
	if (place && *place->container)
		set(object, "container", string(place->container));
}

static json_t *workers(const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->totals.worker_cnt; i++) {
		const struct report_worker *worker = &report->totals.workers[i];
		json_t *object = json_object();

		set(&object, "pid", number(worker->pid));
		set(&object, "tid", number(worker->tid));
		set(&object, "comm", string(worker->comm));
		set_worker_numbers(&object, worker);
		set(&object, "waited", json_boolean(worker->waited));
		set_place(&object, worker, totals__place_of(&report->totals, worker));
		append(&array, object);
	}
	return array;
}

/* Those that are gone and have no row (report/fold.h). */
static json_t *others(const struct folded *from)
{
	json_t *object = json_object(), *workers = json_object(), *listeners = json_object();

	set(&workers, "count", number(from->workers));
	set_worker_numbers(&workers, &from->sum);
	set(&listeners, "count", number(from->listeners));
	set(&listeners, "connections", number(from->connections));
	set(&listeners, "accepted", number(from->accepted));
	set(&object, "workers", workers);
	set(&object, "listeners", listeners);
	return object;
}

static json_t *wakes_by_outcome(const struct report_summary *from)
{
	json_t *object = json_object();

	for (unsigned outcome = 0; outcome < OUTCOME_CNT; outcome++)
		set(&object, wake_outcome__name(outcome), number(from->outcome[outcome]));
	return object;
}

static json_t *load(const struct load_sample *from)
{
	json_t *object = json_object();

	set(&object, "arrivals", number(from->arrivals));
	set(&object, "busy", number(from->busy));
	set(&object, "most_queued", number(from->most_queued));
	return object;
}

static json_t *severity(const struct totals *totals)
{
	struct severity s = severity__of(totals);
	bool known = s.connections_per_sec > 0;
	json_t *object = json_object();

	set(&object, "wasted_per_connection", json_real(s.wasted_per_connection));
	set(&object, "connections_per_sec", known ? json_real(s.connections_per_sec) : json_null());
	set(&object, "wasted_per_sec", known ? json_real(s.wasted_per_sec) : json_null());
	set(&object, "cpu_percent", known ? json_real(s.cpu_percent) : json_null());
	return object;
}

/* Nothing about a client where none is known of: recordings of before have no word of it. */
static json_t *summary(const struct report *report)
{
	const struct report_summary *from = &report->totals.summary;
	json_t *object = json_object(), *selections = json_object();

	set(&selections, "selections", number(from->selections));
	set(&selections, "as_predicted", number(from->selections_predicted));
	set(&selections, "by_program", number(from->selections_by_program));
	set(&selections, "not_predicted", number(from->selections_unpredicted));

	set(&object, "connections", number(from->connections));
	set(&object, "accepted", number(from->accepted));
	set(&object, "wakes", number(from->wakes));
	set(&object, "wasted", number(from->wasted));
	set(&object, "wakes_by_cause", values__wakes_by_cause(&from->wakes_by_cause));
	set(&object, "waiting", number(from->waiting));
	set(&object, "lost", number(from->lost));
	set(&object, "migrated", number(from->migrated));
	set(&object, "accepted_untracked", number(from->accepted_untracked));
	set(&object, "offers", number(from->offers));
	set(&object, "wakes_by_outcome", wakes_by_outcome(from));
	set(&object, "lock_without_arrival", number(from->lock_without_arrival));
	set(&object, "wasted_cpu_ns", number(from->wasted_cpu_ns));
	set(&object, "reuseport", selections);
	set(&object, "load", load(&report->totals.load));
	set(&object, "severity", severity(&report->totals));
	if (report->asked)
		set(&object, "asked", number(report->asked));
	return object;
}

static json_t *loss(const struct report_loss *from)
{
	json_t *object = json_object();

	set(&object, "ring_drops", number(from->ring_drops));
	set(&object, "map_full", number(from->map_full));
	set(&object, "missed_probes", number(from->missed_probes));
	set(&object, "long_lists", number(from->long_lists));
	set(&object, "early_calls", number(from->early_calls));
	set(&object, "unbalanced", number(from->unbalanced));
	set(&object, "incomplete", json_boolean(from->incomplete));
	set(&object, "reason", string(from->reason));
	return object;
}

static json_t *herd_sample(const struct report *report)
{
	const struct herd_sample *from = &report->totals.herd;
	json_t *object = json_object();

	set(&object, "opportunities", number(from->possible));
	set(&object, "woke_many", number(from->many));
	set(&object, "herds", number(from->herds));
	set(&object, "undecided", number(from->undecided));
	set(&object, "wasted", number(from->wasted));
	set(&object, "bound", json_real(report->verdicts.herd_bound));
	return object;
}

/* Null where there was no listener or group with two workers, or data is missing. */
static json_t *skew_sample(const struct report *report)
{
	const struct skew_finding *from = &report->verdicts.skew_finding;
	const struct pools *pools = &report->totals.pools;
	json_t *object;

	if (from->pool < 0 || !from->workers || (size_t)from->pool >= pools->all.cnt)
		return json_null();
	object = json_object();
	set(&object, "listener",
	    number(report->totals.listeners[pools->all.at[from->pool].listener].id));
	set(&object, "workers", number(from->workers));
	set(&object, "draws", number(from->draws));
	set(&object, "worker_tid", number(report->totals.workers[from->worker].tid));
	set(&object, "share", json_real(from->share));
	set(&object, "even_share", json_real(from->even_share));
	set(&object, "bound", json_real(from->bound));
	set(&object, "p", json_real(from->chance));
	return object;
}

static json_t *stranding_sample(const struct report *report)
{
	const struct stranding_sample *from = &report->totals.stranding;
	uint64_t stranded = stranding_sample__stranded(from);
	json_t *object = json_object();

	set(&object, "opportunities", number(from->possible));
	set(&object, "stranded", number(stranded));
	set(&object, "lost", number(from->of[STRANDING_LOST]));
	set(&object, "nobody_left", number(from->of[STRANDING_NOBODY]));
	set(&object, "run_delay", number(from->of[STRANDING_RUN]));
	set(&object, "other_listeners", number(from->of[STRANDING_GROUP]));
	set(&object, "passed_over", number(from->of[STRANDING_LISTENER]));
	set(&object, "longest_wait_ns", number(from->longest_ns));
	set(&object, "bound", json_real(stranded ? 1 : split__upper_of_none(from->possible)));
	return object;
}

static json_t *verdict(const struct report *report)
{
	json_t *object = json_object();

	set(&object, "herd", json_string(verdict__name(report->verdicts.herd.value)));
	set(&object, "skew", json_string(verdict__name(report->verdicts.skew.value)));
	set(&object, "stranding", json_string(verdict__name(report->verdicts.stranding.value)));
	set(&object, "reason", string(report->verdicts.herd.reason));
	set(&object, "herd_reason", string(report->verdicts.herd.reason));
	set(&object, "skew_reason", string(report->verdicts.skew.reason));
	set(&object, "stranding_reason", string(report->verdicts.stranding.reason));
	set(&object, "herd_sample", herd_sample(report));
	set(&object, "skew_sample", skew_sample(report));
	set(&object, "stranding_sample", stranding_sample(report));
	return object;
}

/* Names from the innermost function out. */
static json_t *frames(const char *names)
{
	json_t *array = json_array();
	const char *end;

	for (; names; names = end ? end + strlen(STACK_SEPARATOR) : NULL) {
		char *name;

		end = strstr(names, STACK_SEPARATOR);
		name = end ? strndup(names, (size_t)(end - names)) : strdup(names);
		append(&array, name ? string(name) : NULL);
		free(name);
	}
	return array;
}

static json_t *stacks(const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->stack_cnt; i++) {
		const struct report_stack *stack = &report->stacks[i];
		json_t *object = json_object();

		set(&object, "id", number(stack->id));
		set(&object, "cause", json_string(wake_cause__name(stack->cause)));
		set(&object, "wakes", number(stack->wakes));
		set(&object, "frames", frames(stack->names));
		append(&array, object);
	}
	return array;
}

/* What was expected: a verdict, or a number. */
static json_t *expectation(const struct expectation_result *r)
{
	const struct expectation *e = r->expectation;
	static const char *const units[] = {
		[UNIT_NUMBER] = "", [UNIT_PERCENT] = "%", [UNIT_TIME] = "ns"};
	json_t *object = json_object();

	set(&object, "text", string(e->text));
	set(&object, "result", json_string(expectation_outcome__name(r->outcome)));
	set(&object, "why", string(r->why));
	if (!e->quantity) {
		set(&object, "verdict", json_string(disease__name(e->disease)));
		set(&object, "expected", json_string(verdict__name(e->wanted)));
		return object;
	}
	set(&object, "number", json_string(e->quantity->name));
	set(&object, "unit", json_string(units[e->quantity->unit]));
	set(&object, "relation", json_string(relation__sign(e->relation)));
	set(&object, "limit", json_real(e->limit));
	/* JSON has no infinity. */
	set(&object, "got", r->has_got && isfinite(r->got) ? json_real(r->got) : json_null());
	return object;
}

static json_t *expectations(const struct expectation_results *results)
{
	json_t *array = json_array();

	for (size_t i = 0; i < results->cnt; i++)
		append(&array, expectation(&results->at[i]));
	return array;
}

/* "2026-11-26T15:12:01.123Z", null when it is not known. */
static json_t *time_of_day(uint64_t ns)
{
	time_t sec = (time_t)(ns / NS_PER_SEC);
	char text[64], whole[96];
	struct tm utc;

	if (!ns || !gmtime_r(&sec, &utc))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(whole, sizeof(whole), "%s.%03uZ", text, (unsigned)(ns / NS_PER_MS % 1000));
	return json_string(whole);
}

/* The order of these calls is the order of the document. */
static int print_document(struct document *to, const struct report *report,
			  const struct render_options *options)
{
	int err = print_member(to, "schema", json_string("herdtrace/1"));

	err = err ? err : print_member(to, "kernel", kernel(report));
	err = err ? err : print_member(to, "attach", attach(report));
	err = err ? err
		  : print_member(to, "command", strings(report->command, report->command_cnt));
	err = err ? err : print_member(to, "listeners", listeners(report));
	err = err ? err : print_member(to, "workers", workers(report));
	err = err ? err : json_rows__write(to->out, report, !options->summary_only);
	err = err ? err : print_member(to, "summary", summary(report));
	err = err ? err : print_member(to, "loss", loss(&report->loss));
	err = err ? err : print_member(to, "verdict", verdict(report));
	err = err ? err : print_member(to, "notes", strings(report->notes, report->note_cnt));
	err = err ? err : print_member(to, "server_exit", string_or_null(report->server_exit));
	err = err ? err : print_member(to, "advice", string_or_null(report->verdicts.advice));
	err = err ? err : print_member(to, "trace_end_ns", number(report->ended_ns));
	err = err ? err : print_member(to, "version", string_or_null(report->version));
	err = err ? err : print_member(to, "host", string_or_null(report->host));
	err = err ? err : print_member(to, "begin", time_of_day(report->wall_begun_ns));
	err = err ? err : print_member(to, "end", time_of_day(report->wall_ended_ns));
	if (!err && report__is_short(report))
		err = print_member(to, "shortfall", string(report->shortfall));
	if (!err && report->stack_cnt)
		err = print_member(to, "stacks", stacks(report));
	if (!err && (report->totals.folded.workers || report->totals.folded.listeners))
		err = print_member(to, "others", others(&report->totals.folded));
	if (!err && options->results)
		err = print_member(to, "expectations", expectations(options->results));
	return err;
}

int render_json__write(FILE *out, const struct report *report, const struct render_options *options)
{
	struct document document = {.out = out};
	int err;

	err = print_document(&document, report, options);
	if (!err)
		fputs("\n}\n", out);
	return err;
}
