// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/confine.h"

#include <cap-ng.h>
#include <grp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The kernel's overflow ID: what owns nothing anywhere. */
#define NOBODY 65534

static int set_limits(void)
{
	static const struct {
		int what;
		rlim_t limit;
	} limits[] = {
		{RLIMIT_NOFILE, 256},     {RLIMIT_NPROC, 0}, {RLIMIT_FSIZE, 0},
		{RLIMIT_AS, 512ul << 20}, {RLIMIT_CORE, 0},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit = {limits[i].limit, limits[i].limit};

		if (setrlimit(limits[i].what, &limit))
			return -1;
	}
	return 0;
}

/* Without CAP_SETUID there is nobody else to be, and for who is no user of ours no need to. */
static int leave_root(void)
{
	if (geteuid())
		return 0;
	return setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			       setresuid(NOBODY, NOBODY, NOBODY)
		       ? -1
		       : 0;
}

int confine(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	/* Where that may not be changed, no new privileges is as good. */
	capng_apply(CAPNG_SELECT_BOUNDS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || leave_root() ||
	    capng_apply(CAPNG_SELECT_CAPS) || set_limits())
		return -1;
	capng_get_caps_process();
	return capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE && geteuid() ? 0 : -1;
}
