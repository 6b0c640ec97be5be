// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "load/turns.h"

#include <stdlib.h>

/* Fisher and Yates. */
static void shuffle(struct turns *t, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		size_t j = nrand48(t->state) % (i + 1);

		t->order[i] = t->order[j];
		t->order[j] = i;
	}
	t->cnt = cnt;
	t->at = 0;
}

size_t turns__next(struct turns *t, size_t cnt)
{
	if (t->at == t->cnt || t->cnt != cnt)
		shuffle(t, cnt);
	return t->order[t->at++];
}
