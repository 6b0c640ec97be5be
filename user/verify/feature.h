/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the running kernel has, by what is in its types: never by its version. */
#ifndef HERDTRACE_VERIFY_FEATURE_H
#define HERDTRACE_VERIFY_FEATURE_H

#include <stdbool.h>

#include "base/error.h"
#include "verify/claim.h"

struct features {
	bool present[FEATURE_CNT];
};

/* Looks into /sys/kernel/btf/vmlinux. Returns 0, or negative errno and an error. */
int features__read(struct features *features, struct error *error);

#endif
