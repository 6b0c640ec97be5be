/* SPDX-License-Identifier: GPL-2.0 */
/* Putting records into the ring buffer. */
#ifndef HERDTRACE_EMIT_BPF_H
#define HERDTRACE_EMIT_BPF_H

#include "state.bpf.h"
#include "compat.bpf.h"

/*
 * Reserves a zeroed record with its header filled in, NULL when the ring is full: the drop is
 * counted, and makes the run incomplete.
 */
#define RECORD_RESERVE(TYPE, NAME, TID)                                                \
	({                                                                             \
		struct record_##NAME *r_ = bpf_ringbuf_reserve(&ring, sizeof(*r_), 0); \
		if (r_) {                                                              \
			__builtin_memset(r_, 0, sizeof(*r_));                          \
			r_->header.type = (TYPE);                                      \
			r_->header.len = sizeof(*r_);                                  \
			r_->header.tid = (TID);                                        \
			r_->header.time_ns = bpf_ktime_get_ns();                       \
		} else {                                                               \
			count(&counters.ring_drops, 1);                                \
		}                                                                      \
		r_;                                                                    \
	})

/*
 * While there is something to read the reader looks by himself from time to time; he is woken when the ring fills
 * up, or when he sleeps because nothing happens. A wake-up for every record would be one more wake on the machine for
 * each that is being counted. It is the work of an interrupt, hence never done inside of a walk.
 */
static __always_inline u64 record__wakeup(void)
{
	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < reader.wake_at)
		return BPF_RB_NO_WAKEUP;
	reader.wake_at = cfg.ring_wakeup;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void record__submit(void *record)
{
	bpf_ringbuf_submit(record, record__wakeup());
}

static __always_inline void emit_named_task(struct task_struct *task, enum task_event event,
					    u32 parent_tid, const char *comm)
{
	struct record_task *r = RECORD_RESERVE(RECORD_TASK, task, BPF_CORE_READ(task, pid));

	if (!r)
		return;
	r->event = event;
	r->tgid = BPF_CORE_READ(task, tgid);
	r->parent_tid = parent_tid;
	bpf_probe_read_kernel_str(&r->comm, sizeof(r->comm), comm);
	record__submit(r);
}

static __always_inline void emit_task(struct task_struct *task, enum task_event event,
				      u32 parent_tid)
{
	emit_named_task(task, event, parent_tid, task->comm);
}

/* Follows a task from now on. False when that is not possible (counted as a loss). */
static __always_inline bool task__follow(struct task_struct *task, enum task_event event,
					 u32 parent_tid)
{
	struct task_state fresh = {.tgid = BPF_CORE_READ(task, tgid)};
	u32 tid = BPF_CORE_READ(task, pid);

	int err = task__insert(tid, &fresh, BPF_NOEXIST);

	/* Another copy of the hook, or the loader, was faster and has told of it. */
	if (err == -EEXIST)
		return true;
	if (err) {
		count(&counters.map_full, 1);
		return false;
	}
	emit_task(task, event, parent_tid);
	return true;
}

#endif
