// SPDX-License-Identifier: GPL-2.0
/* Who waits for an arrival. */
#include "waiters.bpf.h"

struct waiter_batches_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BATCH_CNT);
	__type(key, u32);
	__type(value, struct waiter_batch);
} waiter_batches SEC(".maps");

/* A ring goes on waiting while its task does something else. */
static __always_inline bool sleeps_elsewhere(u32 tid)
{
	struct task_state *t = cfg.running ? NULL : task__find(tid);

	return t && !t->ring.entered;
}

static __always_inline void batch__tell(struct waiter_batch *b)
{
	u32 cnt = b->head.cnt & WAITERS_AT_ONCE;
	u64 size = sizeof(b->head) + cnt * sizeof(b->at[0]);

	b->head.header.len = size;
	if (bpf_ringbuf_output(&ring, b, size, record__wakeup()))
		count(&counters.ring_drops, 1);
	b->head.cnt = 0;
}

static __always_inline void batch__begin(struct waiter_batch *b, u64 arrival)
{
	b->head.header.type = RECORD_WAITERS;
	b->head.header.time_ns = bpf_ktime_get_ns();
	b->head.arrival = arrival;
}

__noinline int emit_waiter(__u64 arrival, __u64 task_address, __u32 cause, __u64 place)
{
	const struct task_struct *task = (const struct task_struct *)task_address;
	u32 key = place == WAITER_ELSEWHERE ? BATCH_ELSEWHERE : BATCH_HERE;
	struct waiter_batch *b;
	struct waiter_entry *w;
	struct task_ids ids;

	if (!task__is_asleep(task))
		return 0;
	ids = task__ids(task);
	/* It may wait for the ring's eventfd, or for the ring as a file, or for something else. */
	if (cause == CAUSE_IO_URING && sleeps_elsewhere(ids.tid))
		return 1;
	b = bpf_map_lookup_elem(&waiter_batches, &key);
	if (!b)
		return 0;
	if (b->head.cnt && b->head.arrival != arrival)
		batch__tell(b);
	if (!b->head.cnt)
		batch__begin(b, arrival);
	w = &b->at[b->head.cnt & WAITERS_AT_ONCE];
	w->tid = ids.tid;
	w->tgid = ids.tgid;
	w->place = key == BATCH_HERE ? place >> 32 : 0;
	w->cause = cause;
	w->elsewhere = key == BATCH_ELSEWHERE;
	w->flags = (__u8)place;
	if (++b->head.cnt >= WAITERS_AT_ONCE)
		batch__tell(b);
	return 0;
}

__noinline int emit_batch(__u32 key)
{
	struct waiter_batch *b = bpf_map_lookup_elem(&waiter_batches, &key);

	if (b && b->head.cnt)
		batch__tell(b);
	return 0;
}
