// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/vector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vector__grow(void **at, size_t *cnt, size_t *capacity, size_t size)
{
	size_t room = *capacity ? *capacity * 2 : 16;
	void *larger;

	if (*cnt == *capacity) {
		larger = reallocarray(*at, room, size);
		if (!larger)
			return -ENOMEM;
		*at = larger;
		*capacity = room;
	}
	memset((char *)*at + *cnt * size, 0, size);
	return 0;
}
