/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef HERDTRACE_BASE_DESCRIPTORS_H
#define HERDTRACE_BASE_DESCRIPTORS_H

/*
 * To be called before anything is opened: standard input, output or error that is closed would become
 * the next file, and that be written to by whoever says something. What is closed reads as empty and
 * swallows messages, but a result cannot be written there. A limit on the size of files fails the
 * writing, not the process. Returns 0 or negative errno.
 */
int descriptors__prepare(void);

#endif
