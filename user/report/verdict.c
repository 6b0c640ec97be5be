// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/advice.h"
#include "report/reason.h"
#include "report/state.h"

static bool decide_complete(struct verdicts *v, const struct totals *t)
{
	if (!herd__decide(&v->herd, &v->herd_bound, t) ||
	    !skew__decide(&v->skew, &v->skew_finding, t) || !stranding__decide(&v->stranding, t))
		return false;
	v->advice = advice__make(v, t);
	return v->advice;
}

static bool decide_incomplete(struct verdicts *v, const struct report_loss *loss)
{
	v->advice = strdup("");
	v->herd_bound = 1;
	v->skew_finding = (struct skew_finding){.pool = -1, .chance = 1, .bound = 1};
	return v->advice &&
	       verdict__set(&v->herd, VERDICT_INCONCLUSIVE, "data is missing: %s", loss->reason) &&
	       verdict__set(&v->skew, VERDICT_INCONCLUSIVE, "data is missing") &&
	       verdict__set(&v->stranding, VERDICT_INCONCLUSIVE, "data is missing");
}

int verdicts__decide(struct verdicts *v, const struct totals *t, const struct report_loss *loss)
{
	return (loss->incomplete ? decide_incomplete(v, loss) : decide_complete(v, t)) ? 0
										       : -ENOMEM;
}
