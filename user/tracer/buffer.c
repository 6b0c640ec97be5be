// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/buffer.h"

#include <unistd.h>

/* One reader keeps up with some two million records a second: this is what a CPU writes while he looks elsewhere. */
#define BYTES_PER_CPU (4ul << 20)
#define LEAST_BYTES   (16ul << 20)
#define MOST_BYTES    (256ul << 20)
/* It is the kernel's memory, and none that can be swapped. */
#define MEMORY_SHARE 64

size_t buffer__suggest(unsigned cpus, uint64_t memory)
{
	size_t bytes = BYTES_PER_CPU * cpus, page = sysconf(_SC_PAGESIZE), rounded;

	if (bytes < LEAST_BYTES)
		bytes = LEAST_BYTES;
	if (bytes > MOST_BYTES)
		bytes = MOST_BYTES;
	rounded = buffer__round(bytes);
	while (rounded > page && rounded > memory / MEMORY_SHARE)
		rounded /= 2;
	return rounded;
}

size_t buffer__default(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES);

	/* Where nobody knows, as on a machine that has enough. */
	return buffer__suggest(cpus > 0 ? cpus : 1,
			       pages > 0 ? (uint64_t)pages * sysconf(_SC_PAGESIZE) : UINT64_MAX);
}

size_t buffer__round(size_t bytes)
{
	size_t rounded = sysconf(_SC_PAGESIZE);

	while (rounded < bytes)
		rounded *= 2;
	return rounded;
}
