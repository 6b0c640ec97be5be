/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The traced command: started held back, released, followed to its end, ended with its tree. */
#ifndef HERDTRACE_TARGET_LAUNCH_H
#define HERDTRACE_TARGET_LAUNCH_H

#include <stdbool.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct launch {
	pid_t pid;      /* of the command, 0: none was started */
	int release_fd; /* writing here lets it go, -1 afterwards */
	int news_fd;    /* says whether it is ready, and how exec went */
	int child_fd;   /* readable when launch__reap() has something to notice, -1: closed */
	sigset_t mask;  /* of signals, as it was before child_fd was opened */
	bool ended;
	bool alone; /* no child of ours is left: with its end, whoever it started has ended, too */
	bool stopped; /* launch__stop() ended it, not itself */
	int status;   /* as wait() gives it, once ended */
};

#define LAUNCH_NONE                                             \
	{                                                       \
		.release_fd = -1, .news_fd = -1, .child_fd = -1 \
	}

/*
 * Starts the command in a process group of its own, held back before exec; whether there is such a
 * command has been looked at then. user: run it as that user, in a session of its own, with nothing on its
 * standard input and no other descriptor of ours open, NULL: as ours. Where our standard input is a
 * terminal, the command gets none. output_fd: gets its stdout and stderr; -1: both go to our stderr.
 * Orphans of its tree become our children. Returns 0, or negative errno and an error; nothing is left
 * of it then.
 */
int launch__start(struct launch *launch, char *const argv[], const char *user, int output_fd,
		  struct error *error);

/* Lets it go. Returns 0, or negative errno and an error, of exec. */
int launch__release(struct launch *launch, const char *name, struct error *error);

/* Notices what has ended. Never blocks. */
void launch__reap(struct launch *launch);

/*
 * Ends the command and all its descendants: SIGTERM, and SIGKILL for those that are still there
 * after grace_ms. Returns when none is left that can be ended.
 */
void launch__stop(struct launch *launch, int grace_ms);

/* How it ended, in words: "exit status 1", "killed by signal 9 (Killed)", "stopped by herdtrace". */
void launch__describe(const struct launch *launch, char *text, size_t size);

#endif
