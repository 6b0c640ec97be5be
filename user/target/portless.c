// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* In place of port.c in a static build: libmnl, which asks the kernel who listens, has no static form in Debian. */
#include "target/port.h"

#include <errno.h>

int port__find(struct targets *targets, unsigned port, struct error *error)
{
	(void)targets;
	(void)port;
	return error__set(
		error, FAULT_INPUT, -EOPNOTSUPP,
		"this is a static build, which has no --port: name the server by -p, --unit, "
		"--cgroup or --container");
}
