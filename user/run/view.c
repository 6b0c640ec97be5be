// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/view.h"

#include <errno.h>

#include "base/clock.h"
#include "run/state.h"

/* What was over so long ago is not told of any more. */
#define SETTLED_NS (2 * NS_PER_SEC)

static int look(struct run *s, uint64_t now)
{
	const struct run_view *view = s->options->view;
	struct record_end so_far;
	struct report_loss loss;
	struct run_moment moment = {
		.begun_ns = s->begun_ns,
		.now_ns = now,
		.totals = model__look(s->model, now - SETTLED_NS),
		.loss = &loss,
		.model = s->model,
	};

	if (!moment.totals)
		return error__set(s->error, FAULT_DATA, -ENOMEM, "out of memory");
	tracer__losses(s->tracer, &so_far);
	model__losses(s->model, &so_far, &loss);
	return view->look(view->arg, &moment, s->error);
}

int run__begin_view(struct run *s)
{
	const struct run_view *view = s->options->view;
	int err = view && view->begin ? view->begin(view->arg, &s->loop, s->error) : 0;

	s->view_ns = view ? s->begun_ns : LOOP_NEVER;
	return err;
}

int run__look_if_due(struct run *s)
{
	const struct run_view *view = s->options->view;
	uint64_t now = clock__now_ns();

	if (!view || (now < s->view_ns && !(view->is_due && view->is_due(view->arg))))
		return 0;
	/* A look that was asked for meanwhile does not put off the next one. */
	while (s->view_ns <= now)
		s->view_ns += view->period_ns;
	return look(s, now);
}

int run__look_last(struct run *s)
{
	return s->options->view ? look(s, clock__now_ns()) : 0;
}

bool run__view_goes_on(const struct run *s)
{
	const struct run_view *view = s->options->view;

	return !view || !view->goes_on || view->goes_on(view->arg);
}
