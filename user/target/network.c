// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfs.h"

static bool is_ours(const char *path)
{
	struct stat there, here;

	return !stat(path, &there) && !stat("/proc/self/ns/net", &here) &&
	       there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

/* To enter one takes a right (CAP_SYS_ADMIN) that to stay does not. */
int network__enter(pid_t pid, struct error *error)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", procfs__living_thread(pid));
	if (is_ours(path))
		return 0;
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
