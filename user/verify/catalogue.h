/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The claims about the kernel that 'herdtrace verify' checks. */
#ifndef HERDTRACE_VERIFY_CATALOGUE_H
#define HERDTRACE_VERIFY_CATALOGUE_H

#include "verify/claim.h"

extern const struct claim catalogue[];
extern const size_t catalogue_cnt;

/* The claim with this id, NULL when there is none. */
const struct claim *catalogue__find(const char *id);

/* What is expected where the feature that the claim depends on is there, or is not. */
const char *claim__expected(const struct claim *claim, bool feature_present);

/* What is looked for: "io_issue_def.poll_exclusive", "reuseport_migrate_sock()"; "" for NONE. */
const char *feature__name(enum feature_id id);

#endif
