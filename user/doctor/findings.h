/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What doctor has found, one after another: for the table and the JSON document, which say the same. */
#ifndef HERDTRACE_DOCTOR_FINDINGS_H
#define HERDTRACE_DOCTOR_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "base/vector.h"
#include "doctor/surroundings.h"

enum finding_kind {
	FINDING_CHECK,
	FINDING_HOOK,
	FINDING_WAITER, /* one way to wait: was the task that slept so recognised? */
	FINDING_KINDS,
};

enum finding_state {
	FINDING_OK,
	FINDING_FAILED,
	FINDING_NOT_TRIED,
	FINDING_NOT_NEEDED, /* of hooks, and so are those below */
	FINDING_NOT_THERE,  /* not in this kernel */
	FINDING_NOT_CALLED, /* attached, and this test does not make the kernel call it */
	FINDING_STATES,
};

struct doctor_finding {
	enum finding_kind kind;
	enum finding_state state;
	const char *name;   /* of a hook: its function */
	char found[256];    /* "": no more than the state */
	struct error cause; /* what is wrong; what would help */
	/* Of hooks. */
	const char *purpose, *how; /* how: NULL where it is not attached */
	unsigned programs;
	uint64_t calls; /* of the least called program */
	uint64_t
		run_ns; /* in all calls of all programs, as the kernel has measured it; 0: not known */
};

struct findings {
	struct utsname system;
	const char *attach_mode; /* NULL: nothing could be attached */
	bool can_trace;
	/* For who is to find out from afar what is wrong here. */
	struct surroundings surroundings;
	const char *libbpf; /* its version, NULL: not looked at */
	uint64_t start_ns,
		stop_ns; /* how long attaching took, and giving all of it back; 0: not done */
	VECTOR(struct doctor_finding) all;
};

/* One more, for the caller to fill in; until then it is as it should be. NULL: no memory. */
struct doctor_finding *findings__add(struct findings *findings, enum finding_kind kind,
				     const char *name);

/* As one word of the JSON document. */
const char *finding_state__name(enum finding_state state);

/* Frees what it owns, and leaves it empty. */
void findings__drop(struct findings *findings);

/* Each writes all of it and returns 0 or negative errno; the stream is not closed. */
int findings_table__write(FILE *out, const struct findings *findings);
int findings_json__write(FILE *out, const struct findings *findings);

#endif
