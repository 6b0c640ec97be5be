/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A model that takes a tape bit by bit, as that of a run does. To be included after cmocka.h. */
#ifndef HERDTRACE_TEST_LIVE_MODEL_H
#define HERDTRACE_TEST_LIVE_MODEL_H

#include <string.h>

#include "model/model.h"
#include "record/check.h"
#include "records.h"

struct live_model {
	struct model *model;
	struct tape tape;
	size_t fed; /* bytes of the tape that the model has taken */
};

static inline void live_model__begin(struct live_model *m)
{
	memset(m, 0, sizeof(*m));
	m->model = model__new();
	assert_non_null(m->model);
}

static inline void live_model__end(struct live_model *m)
{
	model__free(m->model);
	tape__free(&m->tape);
}

/* The model takes what has been added to the tape. */
static inline void live_model__feed(struct live_model *m)
{
	while (m->fed < m->tape.len) {
		const struct record_header *r = (const void *)(m->tape.records + m->fed);
		const char *why;

		assert_int_equal(record__check(r, r->len, &why), r->len);
		assert_int_equal(model__take(m->model, r), 0);
		m->fed += r->len;
	}
}

#endif
