// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static int event_fd = -1;

/* A handler, and no signalfd: what blocks outside of the loop (a write to a pipe) is to end, too. */
static void on_signal(int number)
{
	const uint64_t one = 1;
	int error = errno;

	interrupted = number;
	/* It can fail only when it is readable already. */
	if (write(event_fd, &one, sizeof(one)) < 0)
		errno = error;
}

void interrupt__catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool interrupt__seen(void)
{
	return interrupted;
}

int interrupt__fd(void)
{
	return event_fd;
}
