/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_CLI_VERSION_H
#define HERDTRACE_CLI_VERSION_H

#define HERDTRACE_VERSION "0.1.0"

/* What a build has to say of itself besides, for --version: what is left out of a static one (Makefile). */
#ifndef HERDTRACE_BUILD
#define HERDTRACE_BUILD ""
#endif

#endif
