/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The commands: each goes from options to an exit status, a file for each. Only here errors are
 * printed, and become exit statuses.
 */
#ifndef HERDTRACE_COMMANDS_COMMANDS_H
#define HERDTRACE_COMMANDS_COMMANDS_H

#include "base/error.h"
#include "cli/exit_status.h"
#include "cli/options.h"

/* Does what the command line says. */
enum exit_status commands__run(int argc, char **argv);

/* Runs or attaches to a server, traces it, reports. */
enum exit_status command__trace(const struct options *options);

/* The same with a tracer that is open and rests, and rests again then. */
enum exit_status command__trace_again(const struct options *options, struct tracer *tracer);

/* Renders a recording. */
enum exit_status command__report(const struct options *options);

/* Draws one connection of a recording. */
enum exit_status command__explain(const struct options *options);

/* Tries everything, prints what came of it. EXIT_RAN when a trace would work, else EXIT_CANNOT. */
enum exit_status command__doctor(const struct options *options);

/* Whether the kernel does what it is said to: tries out the claims of the catalogue. */
enum exit_status command__verify(const struct options *options);

/* What differs between kernels, or between runs. Exit status as diff's: 2 is trouble of any kind. */
enum exit_status command__compare(const struct options *options);

/* Watches a server live, on a screen or as lines. */
enum exit_status command__top(const struct options *options);

/* Traces, and tells Prometheus how it goes. */
enum exit_status command__metrics(const struct options *options);

/* Shows lessons and runs what is in them. */
enum exit_status command__learn(const struct options *options);

/*
 * Prints an error, unless it has no text because somebody has said it already. Returns the exit
 * status for it; for one without a fault, EXIT_CANNOT.
 */
enum exit_status command__fail(const struct error *error);

#endif
