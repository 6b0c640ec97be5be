/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_CLI_VERSION_H
#define HERDTRACE_CLI_VERSION_H

#define HERDTRACE_VERSION "0.1.0"

#endif
