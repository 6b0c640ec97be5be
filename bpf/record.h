/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The only wire format of herdtrace: what the BPF programs put into the ring buffer, what
 * --record writes to a file and what the model reads. Both sides include this file.
 *
 * Rules: every record starts with struct record_header, has a fixed size (but META, STACK, WAITERS, PLACE), is a
 * multiple of 8 bytes long, is zeroed before it is filled, and holds no kernel address: objects
 * are named by handles, addresses scrambled with a key that is new in every run.
 *
 * How it may grow: fields are appended to records, never moved; 0 in them says "not recorded", as for
 * a reader of an older file; types are added at the end. A type that an older reader can do without has
 * RECORD_OPTIONAL set and is skipped there. Anything else that an older reader would misread takes a
 * new RECORD_VERSION; versions that are read: user/record/recording.h.
 * Of those that are known, what is wrong is refused as of any other.
 *
 * Version 1 had the records up to MIGRATE, without the fields marked "v2".
 */
#ifndef HERDTRACE_RECORD_H
#define HERDTRACE_RECORD_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define RECORD_VERSION  2
#define RECORD_COMM_LEN 16
#define RECORD_OPTIONAL 0x8000

enum record_type {
	RECORD_META = 1, /* a setting of the run, written by the loader: key and text */
	RECORD_TASK,     /* a task of the tree: seen, forked, executed, ended */
	RECORD_LISTEN,   /* a socket became a listener, or was found to be one */
	RECORD_UNLISTEN, /* a listener closed: what its queue still holds is reset or migrated */
	RECORD_SELECT,   /* reuseport_select_sock chose a socket for a SYN */
	RECORD_ARRIVAL,  /* a connection is about to be put on a listener's accept queue */
	RECORD_REFUSED,  /* ... and was not: the arrival did not take place */
	RECORD_WAITER,   /* a task was asleep in a call that this arrival can end */
	RECORD_WALK,     /* the walk over the listener's wait queue ended */
	RECORD_WAKE,     /* a task was made runnable (sched_waking) */
	RECORD_RUN,      /* a woken task got a CPU */
	RECORD_ACCEPT,   /* inet_csk_accept returned */
	RECORD_RETURN,   /* a woken task returned from its waiting call to user space */
	RECORD_SLEEP,    /* a woken task slept again in a waiting call */
	RECORD_END,      /* totals and losses, the last record of every stream */
	RECORD_PATH,     /* the name of an AF_UNIX listener, right after its LISTEN */
	RECORD_MIGRATE,  /* a queued connection goes from a closing listener to another one */
	RECORD_STANDBY, /* a task without a wake sleeps in a waiting call while a connection waits (v2) */
	RECORD_STACK,   /* the kernel stack behind a stack_id: names (v2) */
	RECORD_HOLDER,  /* a process had a listener open when the trace ended (v2) */
	RECORD_WAITERS, /* several WAITERs of one arrival (v2) */
	RECORD_TYPE_CNT,

	RECORD_PLACE = RECORD_OPTIONAL + 1, /* where a task is, as /proc has it (v2) */
	RECORD_EPOLL, /* an epoll instance that watches a listener, likewise (v2) */
	RECORD_OPTIONAL_END,
};

/* Why a task was woken. */
enum wake_cause {
	CAUSE_ACCEPT = 1, /* entry of a blocking accept */
	CAUSE_EPOLL,      /* through ep_poll_callback */
	CAUSE_POLL,       /* select or poll */
	CAUSE_IO_URING,   /* io_uring accept or poll */
	CAUSE_CHAIN,      /* the harvesting task woke the next one (ep_done_scan) */
	CAUSE_LOCK,       /* hand-over of the listener's socket lock (release_sock) */
	CAUSE_OTHER,      /* a wait queue function that is not known: makes the run incomplete */
	CAUSE_SIGNAL,     /* SIGIO to the owner of the listener's file (O_ASYNC), v2 */
	CAUSE_CNT,
};

/* The waiting calls that a listener can end. */
enum wait_call {
	CALL_NONE,
	CALL_ACCEPT,
	CALL_EPOLL,
	CALL_POLL,
	CALL_IO_URING,
	CALL_CNT,
};

enum task_event {
	TASK_SEEN = 1, /* there when the trace began, or first noticed by a wake */
	TASK_FORKED,
	TASK_EXECED,
	TASK_EXITED,
	TASK_RENAMED, /* by itself or by somebody else; what exec calls it, EXECED says (v2) */
	TASK_EVENT_CNT,
};

/* Keys of RECORD_META. A reader refuses those it does not know. */
enum meta_key {
	META_RELEASE = 1, /* uname -r */
	META_ARCH,        /* uname -m */
	META_MODE,        /* "fentry" or "kprobe" */
	META_HOOK,        /* "FUNCTION HOW", one for each hook */
	META_ARGUMENT,    /* one for each word of COMMAND, or of the command line of -p PID */
	META_SERVER_EXIT, /* how the server ended, in words */
	META_NOTE,        /* something a reader of the report must know */
	META_ASKED,       /* v2: how many connections the client was to open, decimal */
	META_SHORTFALL,   /* v2: why there is less than was asked for; a note as well */
	META_VERSION,     /* v2: of the herdtrace that traced */
	META_HOST,        /* v2: uname -n */
	META_BEGUN,       /* v2: when the trace began, on CLOCK_REALTIME: nanoseconds, decimal */
	META_ENDED,       /* v2: likewise, when it ended */
	META_KEY_CNT,
};

struct record_header {
	__u16 type; /* enum record_type */
	__u16 len;  /* bytes, this header included */
	__u32 tid;  /* the task that the record is about, 0 for none */
	__u64 time_ns;
};

/*
 * One end of a connection; IPv4 addresses fill the first four bytes. AF_UNIX: of a peer, its
 * process id does (host byte order), of a listener nothing: its name is in a PATH record.
 */
struct record_endpoint {
	__u8 family; /* AF_INET, AF_INET6 or AF_UNIX */
	__u8 pad;
	__u16 port; /* host byte order */
	__u8 address[16];
	__u32 pad2;
};

struct record_meta {
	struct record_header header;
	__u16 key;      /* enum meta_key */
	__u16 text_len; /* bytes of text; the record is padded with zeros to a multiple of 8 */
	__u32 pad;
	/* text follows, not terminated */
};

struct record_task {
	struct record_header header;
	__u32 event; /* enum task_event */
	__u32 tgid;
	__u32 parent_tid; /* FORKED: whose child. EXECED, v2: the number that it had as a thread until
			   * then, where it was not the first one of its process; else 0 */
	__u32 pad;
	char comm[RECORD_COMM_LEN];
};

struct record_listen {
	struct record_header header;
	__u64 listener; /* handle */
	struct record_endpoint local;
	__u32 reuseport; /* 1: SO_REUSEPORT is set */
	__u32 backlog;
	__u32 queued; /* connections that waited in its accept queue already */
	__u32 was_there; /* v2: 1: it listened before it was traced, which may be told more than once */
	__u64 inode;     /* v2: of the socket's file, as /proc has it; 0: not known */
};

struct record_unlisten {
	struct record_header header;
	__u64 listener;
};

struct record_select {
	struct record_header header;
	__u64 listener; /* the chosen socket */
	__u64 group;    /* handle of the kernel's struct sock_reuseport */
	__u32 hash;
	__u32 socks;     /* sockets in the group */
	__u32 index;     /* of the chosen one, RECORD_NO_INDEX when it was not found */
	__u32 predicted; /* (u64)hash * socks >> 32 */
	__u32 program;   /* 1: a BPF program of the group had the choice, not the formula */
	__u32 cpu;       /* 1 + the CPU that chose, 0: not known */
	struct record_endpoint peer;
};

#define RECORD_NO_INDEX 0xffffffffu

struct record_arrival {
	struct record_header header;
	__u64 arrival; /* unique in the stream */
	__u64 listener;
	__u64 child; /* the new connection's socket */
	struct record_endpoint peer;
	struct record_endpoint local;
	__u64 syn_ns; /* v2: when its SYN was first answered, to a microsecond; 0: not known */
};

struct record_refused {
	struct record_header header;
	__u64 arrival;
};

struct record_waiter {
	struct record_header header; /* tid: the sleeping task */
	__u64 arrival;
	__u32 tgid;
	__u16 cause;     /* what its wake would be called */
	__u16 elsewhere; /* 1: on another listener of the reuseport group */
	__u32 place;     /* v2: ascends in the order of the listener's queue, from 1 */
	__u32 flags;     /* v2: enum waiter_flag, of its entry there */
};

struct record_waiters {
	struct record_header header; /* time_ns: when the first one was found */
	__u64 arrival;
	__u32 cnt; /* at least 1 */
	__u32 pad;
	/* as many struct waiter_entry follow */
};

/* What is as in WAITER is called as it is there. */
struct waiter_entry {
	__u32 tid;
	__u32 tgid;
	__u32 place;
	__u16 cause;
	__u8 elsewhere;
	__u8 flags;
};

enum waiter_flag {
	WAITER_KNOWN = 1, /* the flags were recorded */
	WAITER_EXCLUSIVE = 2,
	/* What is above says which entry of the listener's queue it was, without the rest: 1 + its number modulo
	 * WAITER_ENTRIES, 0: not recorded. An epoll instance is one, whoever sleeps in it. */
	WAITER_ENTRY = 4,
};

#define WAITER_ENTRIES 32

/* What the list of an arrival's waiters is not; 0: it has all of them. For a reader from before, not 0 is "not all". */
enum waiters_state {
	WAITERS_MAY_BE_MORE = 1, /* a queue was longer than can be searched, or changed meanwhile */
	WAITERS_ARE_CUT = 2,     /* the others were counted */
};

struct record_walk {
	struct record_header header;
	__u64 arrival;
	__u32 offers;    /* entries whose function was called */
	__u32 truncated; /* enum waiters_state; before v2 grew, 0 or 1 */
	/* v2: tasks that were asleep, too, and are in no WAITER or WAITERS. Each is counted once, and none of them is
	 * listed. Of one arrival with several WALKs each has the same. */
	__u32 unlisted;
	__u32 unlisted_exclusive; /* of them, through an exclusive entry of the listener's queue */
};

struct record_wake {
	struct record_header header; /* tid: the wakee */
	__u64 arrival; /* 0: none known (a lock hand-over); for a chain wake the last arrival
			* that was offered to the epoll item: the model prefers the waker's own
			* until the waker returns */
	__u32 cause;
	__u32 tgid;
	__u32 waker_tid; /* whose context it was: often an unrelated task or the idle task (0) */
	__s32 stack_id;  /* of --stacks, negative for none */
	__u64 exec_ns;   /* CPU time the wakee had used by then */
	__u64 object;    /* handle of the epoll instance or listener it slept on */
	char comm[RECORD_COMM_LEN];
	__u64 number;        /* v2: of the wake, among those of its task, from 1 */
	__u32 waker_cpu;     /* v2: 1 + the CPU of the waker, 0: not known */
	__u16 waker_context; /* v2: enum waker_context */
	__u16 pad;
};

/* On top of what the waker's task was it woken: by the task itself, or by a softirq that ran on top of it? */
enum waker_context {
	WAKER_UNKNOWN,
	WAKER_TASK,
	WAKER_SOFTIRQ,
	WAKER_CONTEXT_CNT,
};

struct record_run {
	struct record_header header;
	__u64 number; /* v2: of the newest wake that it runs for */
};

struct record_accept {
	struct record_header header;
	__u64 listener;
	__u64 child; /* 0 on error */
	__s32 error; /* negative errno, 0 when child is set */
	__u32 tgid;
};

struct record_return {
	struct record_header header;
	__u32 call; /* enum wait_call */
	__u32 pad;
	__s64 result;
	__u64 number; /* v2: of the newest wake that it returns for */
};

struct record_sleep {
	struct record_header header;
	__u32 call;
	__u32 pad;
	__u64 exec_ns;
	__u64 number; /* v2: of the newest wake that it ends */
};

struct record_end {
	struct record_header header;
	/* What the kernel side counted, to hold the stream against. */
	__u64 arrivals;
	__u64 wakes;
	__u64 accepts;
	/* What was lost. */
	__u64 ring_drops;
	__u64 map_full;
	__u64 missed_probes;
	__u64 long_lists; /* v2: of an epoll's ready items, too long to find a listener among them */
	__u64 early_calls; /* v2: waits from before the trace that ended where nothing sees the return */
};

/* sun_path has 108 bytes, the verifier wants a power of two; an abstract name begins with '@'. */
#define RECORD_PATH_LEN 128

struct record_path {
	struct record_header header;
	__u64 listener;
	char path[RECORD_PATH_LEN]; /* ends with NUL */
};

struct record_migrate {
	struct record_header header;
	__u64 arrival; /* unique in the stream: stands for the connection from now on */
	__u64 from;    /* listener */
	__u64 to;
	__u64 child; /* as in its ARRIVAL */
};

struct record_standby {
	struct record_header
		header; /* tid: the task, time_ns: when it went to sleep, or ran again */
	__u64 listener; /* where it is in accept, else 0 */
	__u32 call;     /* enum wait_call; CALL_NONE: it runs again */
	__u32 queued;   /* connections that waited by then, at all listeners */
};

struct record_holder {
	struct record_header header; /* tid: the process, its first thread */
	__u64 listener;
	__u32 parent; /* process */
	__u32 pad;
};

struct record_stack {
	struct record_header header;
	__s32 stack_id; /* of WAKE */
	__u16 text_len; /* as in META */
	__u16 pad;
	/* text follows: names from the innermost function out, joined by " < " */
};

struct record_place {
	struct record_header header; /* tid: the task */
	__u32 ns_pid; /* number of its process in the innermost PID namespace, 0: there is one only */
	__u32 ns_tid;   /* likewise its own */
	__u16 text_len; /* as in META */
	__u16 pad;
	__u32 pad2;
	/* text follows: the path of its cgroup */
};

struct record_epoll {
	struct record_header header; /* tid: the first process that was found to have it open */
	__u64 listener;
	__u32 fd;        /* of the instance, in that process */
	__u32 watched;   /* number of the listener's descriptor when it was added */
	__u32 events;    /* as in epoll_ctl(), with the flags */
	__u32 processes; /* traced ones that have the instance open, 0: not known */
};

/* One record of any type, for readers that copy. META's, STACK's and PLACE's text and WAITERS' entries come on top. */
union record_any {
	struct record_header header;
	struct record_meta meta;
	struct record_task task;
	struct record_listen listen;
	struct record_unlisten unlisten;
	struct record_select select;
	struct record_arrival arrival;
	struct record_refused refused;
	struct record_waiter waiter;
	struct record_walk walk;
	struct record_wake wake;
	struct record_run run;
	struct record_accept accept;
	struct record_return ret;
	struct record_sleep sleep;
	struct record_end end;
	struct record_path path;
	struct record_migrate migrate;
	struct record_standby standby;
	struct record_stack stack;
	struct record_holder holder;
	struct record_waiters waiters;
	struct record_place place;
	struct record_epoll epoll;
};

/* Head of a recording. */
#define RECORD_FILE_MAGIC "HERDREC"
#define RECORD_BYTE_ORDER 0x01020304u

struct record_file_head {
	char magic[8];
	__u32 byte_order; /* RECORD_BYTE_ORDER as the writer stores it */
	__u32 version;    /* RECORD_VERSION */
};

_Static_assert(sizeof(struct record_header) == 16, "wire format");
_Static_assert(sizeof(struct record_endpoint) == 24, "wire format");
_Static_assert(sizeof(struct record_meta) == 24, "wire format");
_Static_assert(sizeof(struct record_task) == 48, "wire format");
_Static_assert(sizeof(struct record_listen) == 72, "wire format");
_Static_assert(sizeof(struct record_unlisten) == 24, "wire format");
_Static_assert(sizeof(struct record_select) == 80, "wire format");
_Static_assert(sizeof(struct record_arrival) == 96, "wire format");
_Static_assert(sizeof(struct record_refused) == 24, "wire format");
_Static_assert(sizeof(struct record_waiter) == 40, "wire format");
_Static_assert(sizeof(struct record_walk) == 40, "wire format");
_Static_assert(sizeof(struct record_wake) == 88, "wire format");
_Static_assert(sizeof(struct record_run) == 24, "wire format");
_Static_assert(sizeof(struct record_accept) == 40, "wire format");
_Static_assert(sizeof(struct record_return) == 40, "wire format");
_Static_assert(sizeof(struct record_sleep) == 40, "wire format");
_Static_assert(sizeof(struct record_end) == 80, "wire format");
_Static_assert(sizeof(struct record_path) == 152, "wire format");
_Static_assert(sizeof(struct record_migrate) == 48, "wire format");
_Static_assert(sizeof(struct record_standby) == 32, "wire format");
_Static_assert(sizeof(struct record_stack) == 24, "wire format");
_Static_assert(sizeof(struct record_holder) == 32, "wire format");
_Static_assert(sizeof(struct record_waiters) == 32, "wire format");
_Static_assert(sizeof(struct waiter_entry) == 16, "wire format");
_Static_assert(sizeof(struct record_place) == 32, "wire format");
_Static_assert(sizeof(struct record_epoll) == 40, "wire format");
_Static_assert(sizeof(struct record_file_head) == 16, "wire format");

#endif
