// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* Those below are open, so that what is opened next is this one. */
static int open_missing(int fd, int flags)
{
	if (fcntl(fd, F_GETFD) >= 0)
		return 0;
	return open("/dev/null", flags) == fd ? 0 : -errno;
}

/* A handler that does nothing: unlike a signal that is ignored, nobody inherits it. */
static void on_limit(int number)
{
	(void)number;
}

int descriptors__prepare(void)
{
	struct sigaction action = {.sa_handler = on_limit, .sa_flags = SA_RESTART};
	int err = open_missing(STDIN_FILENO, O_RDONLY);

	sigaction(SIGXFSZ, &action, NULL);
	/* For reading, so that a report fails there instead of getting lost. */
	if (!err)
		err = open_missing(STDOUT_FILENO, O_RDONLY);
	if (!err)
		err = open_missing(STDERR_FILENO, O_WRONLY);
	return err;
}
