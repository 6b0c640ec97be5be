// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * tape CONNECTIONS: writes a recording of so many to standard output. Four workers are woken for each, one
 * accepts: 19 records each.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/recording.h"
#include "records.h"

#define LISTENER 0x1111
#define WORKERS  4

static void connection(struct tape *tape, uint64_t arrival)
{
	tape__arrival(tape, arrival, LISTENER);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__waiter(tape, arrival, 11 + i);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__wake(tape, arrival, 11 + i, CAUSE_EPOLL);
	tape__walk(tape, arrival, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__run(tape, 11 + i);
	tape__accept(tape, 11 + arrival % WORKERS, arrival);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__sleep(tape, 11 + i);
}

static void flush(struct tape *tape)
{
	if (tape->len && fwrite(tape->records, tape->len, 1, stdout) != 1)
		err(1, "cannot write");
	tape->len = 0;
}

int main(int argc, char **argv)
{
	struct tape tape = {0};
	unsigned long cnt;

	if (argc != 2)
		errx(2, "usage: tape CONNECTIONS");
	cnt = strtoul(argv[1], NULL, 10);
	if (recording__begin(stdout))
		err(1, "cannot write");
	tape__listen(&tape, LISTENER, 8888);
	for (uint64_t arrival = 1; arrival <= cnt; arrival++) {
		connection(&tape, arrival);
		flush(&tape);
	}
	tape__end(&tape);
	flush(&tape);
	tape__free(&tape);
	if (fclose(stdout))
		err(1, "cannot write");
	return 0;
}
