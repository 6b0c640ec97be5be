// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* One tracer for several runs, one after another. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/state.h"

int tracer__rest(struct tracer *t, struct record_end *end)
{
	int err;

	err = tracer__stop(t);
	if (!err)
		err = ring_buffer__consume(t->ring);
	tracer__sum_up(t, end);
	return err < 0 ? err : 0;
}

/* One entry less: what the programs look at first (bpf/filter.h). Other maps have no such thing. */
static void leave_filter(struct tracer *t, const struct bpf_map *map, const void *key)
{
	struct filters *filters = &t->skel->bss->filters;
	__u64 head;
	__u32 tid;

	if (map == t->skel->maps.tasks) {
		memcpy(&tid, key, sizeof(tid));
		__sync_fetch_and_sub(&filters->tasks[filter__task_place(tid)], 1);
	} else if (map == t->skel->maps.heads) {
		memcpy(&head, key, sizeof(head));
		__sync_fetch_and_sub(&filters->heads[filter__head_place((__u32)head)], 1);
	}
}

/* Deletes every key: there is no entry yet, or no longer, that a run needs. */
static int empty_map(struct tracer *t, const struct bpf_map *map)
{
	void *key = malloc(bpf_map__key_size(map));
	int fd = bpf_map__fd(map), err = key ? 0 : -ENOMEM;

	while (!err && !bpf_map_get_next_key(fd, NULL, key)) {
		err = bpf_map_delete_elem(fd, key);
		if (!err)
			leave_filter(t, map, key);
		/* An exit hook may have been faster. */
		err = err == -ENOENT ? 0 : err;
	}
	free(key);
	return err;
}

static int forget(struct tracer *t)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, t->skel->obj)
	{
		enum bpf_map_type type = bpf_map__type(map);

		if (!err && (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH))
			err = empty_map(t, map);
	}
	return err;
}

int tracer__begin(struct tracer *t, tracer_sink sink, void *arg)
{
	int err;

	err = tracer__stop(t);
	if (!err)
		err = forget(t);
	t->sink = NULL;
	if (!err)
		err = ring_buffer__consume(t->ring);
	if (err < 0)
		return err;
	t->sink = sink;
	t->sink_arg = arg;
	t->misses_before = tracer__misses(t);
	/* All counters are 0 in a tracer that was just opened, .stopped among them. */
	t->skel->bss->counters = (struct counters){0};
	tracer__read_here(t);
	return 0;
}
