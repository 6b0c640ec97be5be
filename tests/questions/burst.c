// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * burst CONNECTIONS BURSTS SAMPLES: bursts of connections to 127.0.0.1:8888, each a connect, a line, and a read to the
 * end. Prints the guest's instructions per connection, all of it: ours, the kernel's, the server's. The median of
 * SAMPLES of BURSTS. In the highest class of the scheduler: no worker runs before the whole burst is queued, as on a
 * server that is never idle.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/meter.h"

#define PORT      8888
#define BURST_MAX 256

static int open_one(void)
{
	/* Closed by a reset: no TIME_WAIT, which timers would end in the middle of a later sample. */
	const struct linger at_once = {.l_onoff = 1};
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(PORT),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		err(1, "cannot connect");
	if (write(fd, "x\n", 2) != 2 || shutdown(fd, SHUT_WR))
		err(1, "cannot send");
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
	return fd;
}

static void burst(unsigned long cnt)
{
	int fds[BURST_MAX];
	char answer[256];

	for (unsigned long i = 0; i < cnt; i++)
		fds[i] = open_one();
	for (unsigned long i = 0; i < cnt; i++) {
		while (read(fds[i], answer, sizeof(answer)) > 0)
			;
		close(fds[i]);
	}
}

int main(int argc, char **argv)
{
	const struct sched_param first = {.sched_priority = 1};
	unsigned long cnt, bursts, samples;
	struct meter meter = {0};

	if (argc != 4)
		errx(2, "usage: burst CONNECTIONS BURSTS SAMPLES");
	cnt = strtoul(argv[1], NULL, 10);
	bursts = strtoul(argv[2], NULL, 10);
	samples = strtoul(argv[3], NULL, 10);
	if (!cnt || cnt > BURST_MAX || !bursts || !samples || samples > METER_MAX)
		errx(2, "CONNECTIONS is a number up to %d, SAMPLES one up to %d", BURST_MAX,
		     METER_MAX);
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		err(1, "SCHED_FIFO");
	for (int i = 0; i < 5; i++)
		burst(cnt);
	while (samples--) {
		meter__begin(&meter);
		for (unsigned long i = 0; i < bursts; i++)
			burst(cnt);
		meter__end(&meter);
	}
	printf("%llu\n", (unsigned long long)(meter__median(&meter) / (cnt * bursts)));
	return 0;
}
