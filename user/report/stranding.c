// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Did a connection wait while somebody could have taken it? */
#include <inttypes.h>

#include "report/state.h"

bool stranding__decide(struct report_verdict *v, const struct totals *t)
{
	uint64_t connections = t->summary.connections;
	const int limit_ms = STRANDED_NS / 1000000;

	if (t->late || t->summary.lost)
		return verdict__set(
			v, VERDICT_PROVED,
			"%" PRIu64 " of %" PRIu64 " connections waited more than %d ms while "
			"another task slept, %" PRIu64 " were lost when their listener closed",
			t->late, connections, limit_ms, t->summary.lost);
	if (!connections)
		return verdict__set(v, VERDICT_INCONCLUSIVE, "there was no connection");
	return verdict__set(v, VERDICT_REFUTED,
			    "none of %" PRIu64
			    " connections waited more than %d ms while another task "
			    "slept, none was lost",
			    connections, limit_ms);
}
