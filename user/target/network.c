// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int network__enter(pid_t pid, struct error *error)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err ? error__set(error, FAULT_SYSTEM, err,
				"cannot connect from the network namespace of process %d: %s", pid,
				strerror(-err))
		   : 0;
}
