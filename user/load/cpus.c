// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "load/cpus.h"

#include <errno.h>

int cpus__read(struct cpus *cpus)
{
	cpus->cnt = 0;
	if (sched_getaffinity(0, sizeof(cpus->allowed), &cpus->allowed))
		return -errno;
	for (int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (CPU_ISSET(cpu, &cpus->allowed))
			cpus->list[cpus->cnt++] = cpu;
	return 0;
}

int cpus__pin(const struct cpus *cpus, size_t index)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpus->list[index], &one);
	return sched_setaffinity(0, sizeof(one), &one) ? -errno : 0;
}

int cpus__unpin(const struct cpus *cpus)
{
	return sched_setaffinity(0, sizeof(cpus->allowed), &cpus->allowed) ? -errno : 0;
}
