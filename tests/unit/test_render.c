/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Table, CSV and what all formats share: exact text, hostile names, absent values, full disks. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_fixture.h"

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(wake_cause__name(CAUSE_ACCEPT), "accept");
	assert_string_equal(wake_cause__name(CAUSE_IO_URING), "io_uring");
	assert_string_equal(wake_cause__name((enum wake_cause)77), "unknown");
	assert_string_equal(wake_outcome__name(OUTCOME_EAGAIN), "eagain");
	assert_string_equal(wake_outcome__name((enum wake_outcome)77), "unknown");
	assert_string_equal(verdict__name(VERDICT_REFUTED), "refuted");
	assert_string_equal(verdict__name((enum verdict)77), "unknown");
	report__free(NULL);
}

static const char golden_table[] =
	"kernel 6.1.0-56-amd64 x86_64\n"
	"\n"
	"   conn  peer             waiting  woken  by           accepted by    wasted   wait\n"
	"*     1  127.0.0.1:40502        2      2  epoll+chain  worker 2 (72)       1  88 µs\n"
	"!     2  127.0.0.1:40504     512+      1  epoll+lock   nobody (lost)       1      -\n"
	"* woke a task for nothing  ! stranded\n"
	"\n"
	"worker  pid  command          wakes  accepted  eagain  swallowed  idle  wasted CPU\n"
	"     1   71  epoll-server         2         0       1          1     0       62 µs\n"
	"     2   72  " SAFE_COMM "      2         1       1          0     0      1.2 µs\n"
	"\n"
	"    wait  conns                    woken  conns\n"
	"< 128 µs      1  ################      1      1  ################\n"
	"                                     2-3      1  ################\n"
	"\n"
	"2 connections, 3 wakes (1.50 per connection), 2 wasted: 1 EAGAIN, 1 swallowed in the"
	" kernel\n"
	"1 accepted, 0 still waiting at the end, 1 lost with their listener\n"
	"1 more connection accepted that arrived before the trace\n"
	"CPU time burnt by wasted wakes: 63 µs\n"
	"1 hand-over of the socket lock not counted as wakes (0 of them without an arrival)\n"
	"note: two\\x0alines\n"
	"server: killed by signal 15\n"
	"THUNDERING HERD: PROVED - 1 of 2, \"really\"\n"
	"SKEW: REFUTED - even\n"
	"STRANDING: INCONCLUSIVE - @home\n"
	"advice: EPOLLEXCLUSIVE\n";

static void test_table(void **state)
{
	static const char *const locales[] = {"C", "C.UTF-8", ""};
	struct report *report = new_report();

	(void)state;
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		char *text;

		setlocale(LC_ALL, locales[i]);
		text = render(report, (struct render_options){.format = RENDER_TABLE});
		assert_string_equal(text, golden_table);
		free(text);
	}
	setlocale(LC_ALL, "C");
	report__free(report);
}

/* Workers and listeners without a row are at least counted. */
static void test_table_others(void **state)
{
	struct report *report = new_reuseport_report();
	char *text;

	(void)state;
	report->totals.folded.workers = 7;
	report->totals.folded.sum.wakes = 30;
	report->totals.folded.sum.accepted = 21;
	report->totals.folded.listeners = 1;
	report->totals.folded.connections = 22;
	text = render(report,
		      (struct render_options){.format = RENDER_TABLE, .summary_only = true});
	assert_contains(text, "\n7 more workers that ended: 30 wakes, 21 accepted\n");
	assert_contains(text, "\n1 more listener that closed: 22 connections, 0 accepted\n");
	free(text);
	report__free(report);
}

static void test_table_summary_and_loss(void **state)
{
	struct render_options options = {.format = RENDER_TABLE, .summary_only = true};
	struct report *report = new_report();
	char *text;

	(void)state;
	free(report->loss.reason);
	report->loss.reason = strdup("3 records\033 lost");
	report->loss.incomplete = true;
	report->totals.workers[0].tid = 99;
	report->totals.workers[0].outcome[OUTCOME_PENDING] = 1;
	report->totals.summary.outcome[OUTCOME_PENDING] = 1;
	text = render(report, options);
	assert_lacks(text, "127.0.0.1:40502");
	assert_contains(text, "worker  pid  tid  command ");
	assert_contains(text, "idle  pending  wasted CPU\n");
	assert_contains(text, "\n1 wake had no outcome yet");
	assert_contains(text, "\nINCOMPLETE: 3 records\\x1b lost\nTHUNDERING HERD: ");
	free(text);
	report__free(report);
}

static void test_table_reuseport(void **state)
{
	struct report *report = new_reuseport_report();
	char *text = render(report, (struct render_options){.format = RENDER_TABLE});

	(void)state;
	assert_contains(text, "listener  address         protocol  group  connections"
			      "  accepted\n");
	assert_contains(text, "   conn  listener  peer ");
	assert_contains(text, "wasted  socket  predicted   wait\n");
	assert_contains(text, "     1  1 of 2  yes        88 µs\n");
	assert_contains(text, "     1       -  program        -\n");
	assert_contains(text,
			"\nreuseport: 2 selections, 1 as the hash predicts, 1 by a BPF program\n");
	report->connections[0].selection.predicted = 0;
	free(text);
	text = render(report, (struct render_options){.format = RENDER_TABLE});
	assert_contains(text, "  1 of 2  no (0)     88 µs\n");
	report->connections[1].selection.program = false;
	free(text);
	text = render(report, (struct render_options){.format = RENDER_TABLE});
	assert_contains(text, "     1       -  -              -\n");
	free(text);
	report__free(report);
}

static void test_table_migrated(void **state)
{
	struct report *report = new_migrated_report();
	char *text = render(report, (struct render_options){.format = RENDER_TABLE});

	(void)state;
	assert_contains(text, "       1  @\\x1b[31m\\xff   unix  ");
	assert_contains(text, "  pid 712 ");
	assert_contains(text, "\n1 connection moved to another listener of the group when theirs "
			      "closed\n");
	free(text);
	report->totals.summary.migrated = 0;
	text = render(report, (struct render_options){.format = RENDER_TABLE});
	assert_lacks(text, "moved to another listener");
	free(text);
	report__free(report);
}

static void test_table_color(void **state)
{
	struct render_options options = {.format = RENDER_TABLE, .terminal = {.color = true}};
	struct report *report = new_report();
	char *text = render(report, options);

	(void)state;
	assert_contains(text, "THUNDERING HERD: \033[31mPROVED\033[0m - ");
	assert_contains(text, "SKEW: \033[32mREFUTED\033[0m - ");
	assert_contains(text, "\033[31m2 wasted\033[0m: ");
	assert_contains(text, "\n\033[33m*\033[0m     1  ");
	assert_contains(text, "\n\033[31m!\033[0m     2  ");
	assert_contains(text, "       \033[31m1\033[0m  88 µs\n");
	assert_lacks(text, "\033[31mw"); /* what the worker calls itself */
	free(text);
	report__free(report);
}

/* Display cells of the longest line of the connection table. */
static size_t table_width(const char *text)
{
	const char *line = strstr(text, "conn ");
	size_t widest = 0, cells = 0;

	assert_non_null(line);
	for (; line[0] != '\n' || line[1] != '\n'; line++) {
		cells += ((unsigned char)*line & 0xc0) != 0x80;
		cells = *line == '\n' ? 0 : cells;
		widest = cells > widest ? cells : widest;
	}
	return widest;
}

/* What may be cut is cut first, then whole columns go; what must be there stays, whatever the width is. */
static void test_table_width(void **state)
{
	struct report *report = new_report();

	(void)state;
	strcpy(report->connections[1].peer, "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
	for (unsigned width = 1; width < 130; width++) {
		char *text = render(report, (struct render_options){.terminal = {.width = width}});

		if (width < 114)
			assert_in_range(table_width(text), 1, width < 53 ? 53 : width);
		else
			assert_int_equal(table_width(text), 114);
		free(text);
	}
	report__free(report);
}

static void assert_columns(const struct report *report, unsigned width, const char *head,
			   const char *says)
{
	char *text = render(report, (struct render_options){.terminal = {.width = width}});

	assert_contains(text, head);
	if (says)
		assert_contains(text, says);
	else
		assert_lacks(text, "no room");
	free(text);
}

static void test_columns_that_do_not_fit(void **state)
{
	struct report *report = new_migrated_report();

	(void)state;
	assert_columns(report, 140, "  moved from  peer  ", NULL);
	assert_columns(report, 140, "  socket  predicted   wait\n", NULL);
	assert_columns(report, 121, "  socket  predicted   wait\n", NULL);
	assert_columns(report, 109, "  wasted  socket   wait\n", "columns: predicted (--json has");
	assert_columns(report, 84, "   conn  listener  moved from  waiting  woken  by ",
		       "predicted, socket, peer (--json");
	assert_columns(report, 80, "\n!     2 ", "  (lost) ");
	assert_columns(report, 72, "   conn  listener  waiting  woken  by ", "peer, moved");
	assert_columns(report, 52, "   conn  listener  waiting  woken  accepted by ", "from, by");
	report__free(report);
	report = new_report();
	/* What is not there anyway is not missed. */
	assert_columns(report, 65, "   conn  waiting  woken  by ",
		       "no room for the columns: peer (--json has them)\n");
	report__free(report);
}

/* No line is longer than the terminal is wide. */
static void test_lines_fit(void **state)
{
	struct report *(*const makers[])(void) = {new_report, new_reuseport_report,
						  new_migrated_report};

	(void)state;
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct report *report = makers[i]();

		report->totals.workers[0].tid = 4194303;
		report->totals.workers[0].outcome[OUTCOME_PENDING] = 1;
		for (unsigned width = 80; width <= 120; width += 20) {
			char *text = render(report,
					    (struct render_options){.verbose = true,
								    .terminal = {.width = width}});

			for (const char *line = text; *line; line = strchr(line, '\n') + 1)
				assert_in_range(strcspn(line, "\n"), 0, width + 8);
			free(text);
		}
		report__free(report);
	}
}

static void test_table_verbose(void **state)
{
	struct report *report = new_report();
	char *text = render(report, (struct render_options){.verbose = true});

	(void)state;
	assert_contains(text, "kernel 6.1.0-56-amd64 x86_64\nattach mode fentry\n"
			      "2 hooks, epoll_wait through do_epoll_wait\n\n");
	free(text);
	report__free(report);
}

/* ---- which rows ---- */

/* So many rows, alike but for every tenth, which wastes nothing. */
static struct report *new_large_report(unsigned cnt)
{
	struct report *report = new_report();

	for (size_t i = 0; i < report->connection_cnt; i++)
		free(report->connections[i].wakes);
	free(report->connections);
	report->connections = array(cnt, sizeof(*report->connections));
	report->connection_cnt = report->totals.summary.connections = cnt;
	for (unsigned i = 0; i < cnt; i++) {
		add_accepted(&report->connections[i]);
		report->connections[i].id = i + 1;
		report->connections[i].waited_ns = i;
		report->connections[i].wasted = i % 10 ? 1 : 0;
	}
	return report;
}

static size_t count_rows(const char *text)
{
	size_t cnt = 0;

	for (const char *at = text; (at = strstr(at, "127.0.0.1:40502")); at++)
		cnt++;
	return cnt;
}

static void assert_rows(unsigned connections, struct render_rows rows, size_t cnt, const char *says)
{
	struct report *report = new_large_report(connections);
	char *text = render(report, (struct render_options){.rows = rows});

	assert_int_equal(count_rows(text), cnt);
	if (says)
		assert_contains(text, says);
	else
		assert_lacks(text, "not shown");
	free(text);
	report__free(report);
}

static void test_few_rows(void **state)
{
	(void)state;
	assert_rows(50, (struct render_rows){0}, 50, NULL);
	assert_rows(51, (struct render_rows){0}, 10,
		    "\nnot shown: 36 more like conn 50, 5 more like conn 51 (--rows all shows "
		    "them)\n");
	assert_rows(1000, (struct render_rows){0}, 10,
		    "\nnot shown: 891 more like conn 1000, 99 more like conn 991 (");
}

static void test_rows_as_asked(void **state)
{
	(void)state;
	assert_rows(1000, (struct render_rows){true, SIZE_MAX}, 1000, NULL);
	assert_rows(1000, (struct render_rows){true, 1000}, 1000, NULL);
	assert_rows(30, (struct render_rows){true, 20}, 20,
		    "\nnot shown: 8 more like conn 30, 2 more like conn 21 (");
	assert_rows(30, (struct render_rows){true, 1}, 1,
		    "\nnot shown: 26 more like conn 30, 3 others (");
	assert_rows(30, (struct render_rows){true, 0}, 0, NULL);
}

/* CSV has all rows, whatever the table shows. */
static void test_rows_of_the_table_only(void **state)
{
	struct report *report = new_large_report(100);
	char *text =
		render(report, (struct render_options){.format = RENDER_CSV, .rows = {true, 0}});

	(void)state;
	assert_int_equal(count_rows(text), 100);
	free(text);
	report__free(report);
}

static const char csv_head[] =
	"id,time_ns,listener,peer,waiters,offers,woken,wasted,causes,outcome,accepted_by,"
	"accepted_worker,arrival_to_accept_ns,stranded,hash,sockets,index,predicted_index,"
	"incomplete\n";

static void test_csv(void **state)
{
	static const char rows[] =
		"1,0,1,\"'=cmd|'\"\"A1\"\",x\\x0d\\x0a\",2,2,2,1,epoll+chain,accepted,72,2,87600,"
		"false,3000000000,2,1,1,false\n"
		"2,2000000,1,127.0.0.1:40504,512,2,1,1,epoll+lock,lost,,,,true,5,2,,0,false\n";
	struct report *report = new_reuseport_report();
	char *text;

	(void)state;
	strcpy(report->connections[0].peer, "=cmd|'\"A1\",x\r\n");
	text = render(report, (struct render_options){.format = RENDER_CSV});
	assert_memory_equal(text, csv_head, strlen(csv_head));
	assert_string_equal(text + strlen(csv_head), rows);
	free(text);
	report->loss.incomplete = true;
	text = render(report, (struct render_options){.format = RENDER_CSV});
	assert_non_null(strstr(text, ",0,true\n"));
	free(text);
	report__free(report);
}

static void test_csv_summary(void **state)
{
	struct render_options options = {.format = RENDER_CSV, .summary_only = true};
	struct report *report = new_report();
	char *text;

	(void)state;
	report->loss.ring_drops = 7;
	report->loss.incomplete = true;
	report->totals.summary.migrated = 5;
	text = render(report, options);
	assert_memory_equal(text, "key,value\nsummary.connections,2\n", 32);
	assert_contains(text, "\nsummary.lost,1\nsummary.migrated,5\n");
	assert_contains(text, "\nsummary.wakes_by_cause.chain,1\n");
	assert_contains(text, "\nsummary.wakes_by_outcome.swallowed,1\n");
	assert_contains(text, "\nloss.ring_drops,7\n");
	assert_contains(text, "\nloss.incomplete,true\nloss.reason,\n");
	assert_contains(text, "\nverdict.herd,proved\n");
	assert_contains(text, "\nverdict.herd_reason,\"1 of 2, \"\"really\"\"\"\n");
	assert_contains(text, "\nverdict.stranding_reason,'@home\n");
	assert_lacks(text, "asked");
	assert_lacks(text, "shortfall");
	free(text);
	report->asked = 20;
	free(report->shortfall);
	report->shortfall = strdup("2 of 20");
	text = render(report, options);
	assert_contains(text, "\nsummary.asked,20\n");
	assert_contains(text, "\nshortfall,2 of 20\n");
	free(text);
	report__free(report);
}

/* Nothing seen, and no texts at all: what an early end of a run may leave. */
static void test_empty(void **state)
{
	struct report report = {.totals.summary.connections = 0};
	char *text = render(&report, (struct render_options){.format = RENDER_TABLE});

	(void)state;
	assert_contains(text, "\n0 connections, 0 wakes, 0 wasted\n");
	assert_contains(text, "THUNDERING HERD: INCONCLUSIVE\n");
	assert_lacks(text, "conn ");
	assert_lacks(text, "advice");
	free(text);
	text = render(&report, (struct render_options){.format = RENDER_CSV});
	assert_string_equal(text, csv_head);
	free(text);
}

/* One worker is a table, too. */
static void test_one_worker(void **state)
{
	struct report *report = new_report();
	char *text;

	(void)state;
	report->totals.worker_cnt = 1;
	text = render(report, (struct render_options){.format = RENDER_TABLE});
	assert_contains(text, "     1   71  epoll-server");
	free(text);
	report__free(report);
}

static void test_counts_without_rows(void **state)
{
	struct report *report = array(1, sizeof(*report));

	(void)state;
	/* What is left when memory ran out while the report was built. */
	report->command_cnt = report->note_cnt = report->hook_cnt = 3;
	report->totals.listener_cnt = report->totals.worker_cnt = report->connection_cnt = 3;
	report__free(report);
}

static void test_full_disk(void **state)
{
	static const size_t sizes[] = {64, 64 * 1024}; /* fails in the middle, at the end */
	static char buffer[64 * 1024];
	struct report *report = new_report();

	(void)state;
	for (int format = RENDER_TABLE; format < RENDER_FORMAT_CNT; format++) {
		struct render_options options = {.format = (enum render_format)format};

		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			FILE *out = fopen("/dev/full", "w");

			assert_non_null(out);
			setvbuf(out, buffer, _IOFBF, sizes[i]);
			assert_int_equal(render__report(out, report, &options), -ENOSPC);
			fclose(out);
		}
	}
	report__free(report);
}

/* Without a buffer nothing is left for the last flush to fail on: the reason may be lost. */
static void test_full_disk_unbuffered(void **state)
{
	struct report *report = new_report();

	(void)state;
	for (int format = RENDER_TABLE; format < RENDER_FORMAT_CNT; format++) {
		struct render_options options = {.format = (enum render_format)format};
		FILE *out = fopen("/dev/full", "w");

		assert_non_null(out);
		setvbuf(out, NULL, _IONBF, 0);
		assert_true(render__report(out, report, &options) < 0);
		fclose(out);
	}
	report__free(report);
}

static void test_unknown_format(void **state)
{
	struct render_options options = {.format = RENDER_FORMAT_CNT};
	struct report report = {.totals.summary.connections = 0};
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(out);
	assert_int_equal(render__report(out, &report, &options), -EINVAL);
	fclose(out);
}

static void test_large(void **state)
{
	struct report *report = array(1, sizeof(*report));
	struct report_connection *connections = array(20000, sizeof(*connections));
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(out);
	report->connections = connections;
	report->connection_cnt = report->totals.summary.connections = 20000;
	for (size_t i = 0; i < report->connection_cnt; i++)
		add_accepted(&connections[i]);
	for (int format = RENDER_TABLE; format < RENDER_FORMAT_CNT; format++) {
		struct render_options options = {.format = (enum render_format)format};

		assert_int_equal(render__report(out, report, &options), 0);
	}
	fclose(out);
	report__free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_table_summary_and_loss),
		cmocka_unit_test(test_table_others),
		cmocka_unit_test(test_table_reuseport),
		cmocka_unit_test(test_table_migrated),
		cmocka_unit_test(test_table_color),
		cmocka_unit_test(test_table_width),
		cmocka_unit_test(test_columns_that_do_not_fit),
		cmocka_unit_test(test_lines_fit),
		cmocka_unit_test(test_table_verbose),
		cmocka_unit_test(test_few_rows),
		cmocka_unit_test(test_rows_as_asked),
		cmocka_unit_test(test_rows_of_the_table_only),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_csv_summary),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_one_worker),
		cmocka_unit_test(test_counts_without_rows),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_full_disk_unbuffered),
		cmocka_unit_test(test_unknown_format),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
