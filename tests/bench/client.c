// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * client SIZE SAMPLES [PORT]: connections to 127.0.0.1, one after another: connect, send a line, read to the
 * end. Prints the guest's instructions per connection, the median of SAMPLES of SIZE: all of it, ours, the
 * kernel's, the server's, and those of who looks on. In the lowest class of the scheduler, so that all
 * others sleep again before the next one.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "meter.h"

#define WARM_UP 40

static void connect_once(const struct sockaddr_in *to)
{
	/* Closed by a reset: no TIME_WAIT, which timers would end in the middle of a later sample. */
	const struct linger at_once = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[256];

	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		err(1, "cannot connect");
	if (write(fd, "x\n", 2) != 2 || shutdown(fd, SHUT_WR))
		err(1, "cannot send");
	while (read(fd, answer, sizeof(answer)) > 0)
		;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
	close(fd);
}

static void connect_often(const struct sockaddr_in *to, unsigned long cnt)
{
	while (cnt--)
		connect_once(to);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	const struct sched_param none = {0};
	struct meter meter = {0};
	unsigned long size, samples;

	if (argc < 3 || argc > 4)
		errx(2, "usage: client SIZE SAMPLES [PORT]");
	size = strtoul(argv[1], NULL, 10);
	samples = strtoul(argv[2], NULL, 10);
	if (!size || !samples || samples > METER_MAX)
		errx(2, "SIZE is a number, SAMPLES one up to %u", METER_MAX);
	to.sin_port = htons(argc > 3 ? strtoul(argv[3], NULL, 10) : 8888);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (sched_setscheduler(0, SCHED_IDLE, &none))
		err(1, "SCHED_IDLE");
	connect_often(&to, WARM_UP);
	while (samples--) {
		meter__begin(&meter);
		connect_often(&to, size);
		meter__end(&meter);
	}
	printf("%llu\n", (unsigned long long)(meter__median(&meter) / size));
	return 0;
}
