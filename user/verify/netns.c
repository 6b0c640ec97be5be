// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int bring_up(const char *device)
{
	struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int netns__enter(struct error *error)
{
	int err = unshare(CLONE_NEWNET) ? -errno : 0;

	if (err)
		return error__set(error, FAULT_SYSTEM, err,
				  "cannot make a network namespace: %s (this needs root)",
				  strerror(-err));
	err = bring_up("lo");
	if (err)
		error__set(error, FAULT_SYSTEM, err,
			   "cannot bring up lo in a network namespace: %s", strerror(-err));
	return err;
}

int netns__set_migrate(bool on)
{
	int fd = open("/proc/sys/net/ipv4/tcp_migrate_req", O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (write(fd, on ? "1" : "0", 1) != 1)
		err = -errno;
	close(fd);
	return err;
}
