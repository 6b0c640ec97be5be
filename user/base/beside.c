// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/beside.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

bool beside__find(char *path, size_t size, const char *const *places)
{
	char self[PATH_MAX] = "";

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return false;
	dirname(self);
	for (; *places; places++) {
		if ((size_t)snprintf(path, size, "%s/%s", self, *places) < size &&
		    !access(path, R_OK | X_OK))
			return true;
	}
	return false;
}

bool beside__find_servers(char *path, size_t size)
{
	static const char *const places[] = {"servers", "../libexec/herdtrace", NULL};

	return beside__find(path, size, places);
}
