// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/procfs.h"

/* ---- in the child ---- */

/* What the child could not do, sent through a pipe that exec closes. */
struct failure {
	int error;
	char what[16];
};

static void __attribute__((noreturn)) fail(int fd, const char *what)
{
	struct failure failure = {.error = errno};

	snprintf(failure.what, sizeof(failure.what), "%s", what);
	/* Nobody is left to tell when this fails as well. */
	_exit(write(fd, &failure, sizeof(failure)) == sizeof(failure) ? 127 : 126);
}

static int become(const struct passwd *user)
{
	if (!user)
		return 0;
	if (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid))
		return -1;
	setenv("HOME", user->pw_dir, 1);
	setenv("USER", user->pw_name, 1);
	setenv("LOGNAME", user->pw_name, 1);
	return 0;
}

static int put_output(int output_fd)
{
	if (output_fd >= 0 && dup2(output_fd, STDERR_FILENO) < 0)
		return -1;
	return dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? -1 : 0;
}

static void __attribute__((noreturn))
run_child(char *const argv[], const struct passwd *user, int output_fd, pid_t parent, int hold_fd,
	  int result_fd)
{
	sigset_t none;
	char go;

	/* Ctrl-C is for us: we report, then end it. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (put_output(output_fd) || become(user))
		fail(result_fd, "prepare");
	/* Cleared by a change of user, so after it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		fail(result_fd, "prepare");
	if (read(hold_fd, &go, 1) != 1)
		_exit(126);
	execvp(argv[0], argv);
	fail(result_fd, "run");
}

/* ---- in the parent ---- */

static int find_user(const char *name, struct passwd **user, struct error *error)
{
	*user = NULL;
	if (!name)
		return 0;
	errno = 0;
	*user = getpwnam(name);
	if (*user)
		return 0;
	return error__set(error, FAULT_INPUT, errno ? -errno : -ENOENT, "there is no user '%s'",
			  name);
}

static sigset_t child_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return set;
}

/* One descriptor tells of the command, of its orphans, and works on every kernel. */
static int watch_children(struct launch *launch)
{
	sigset_t set = child_signal();

	/* Where it is ignored, nobody hears how a child ended. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &launch->mask);
	launch->child_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (launch->child_fd >= 0)
		return 0;
	sigprocmask(SIG_SETMASK, &launch->mask, NULL);
	return -1;
}

static void unwatch_children(struct launch *launch)
{
	if (launch->child_fd < 0)
		return;
	close(launch->child_fd);
	launch->child_fd = -1;
	sigprocmask(SIG_SETMASK, &launch->mask, NULL);
}

static void close_pipe(const int pipe[2])
{
	for (int i = 0; i < 2; i++)
		if (pipe[i] >= 0)
			close(pipe[i]);
}

int launch__start(struct launch *launch, char *const argv[], const char *user, int output_fd,
		  struct error *error)
{
	int hold[2] = {-1, -1}, result[2] = {-1, -1}, err;
	struct passwd *pw;
	pid_t parent = getpid();

	*launch = (struct launch)LAUNCH_NONE;
	err = find_user(user, &pw, error);
	if (err)
		return err;
	if (watch_children(launch) || prctl(PR_SET_CHILD_SUBREAPER, 1) || pipe2(hold, O_CLOEXEC) ||
	    pipe2(result, O_CLOEXEC))
		goto fail;
	launch->pid = fork();
	if (launch->pid < 0)
		goto fail;
	if (!launch->pid) {
		close(hold[1]);
		run_child(argv, pw, output_fd, parent, hold[0], result[1]);
	}
	close(hold[0]);
	close(result[1]);
	launch->release_fd = hold[1];
	launch->result_fd = result[0];
	return 0;
fail:
	err = -errno;
	launch->pid = 0;
	unwatch_children(launch);
	close_pipe(hold);
	close_pipe(result);
	return error__set(error, FAULT_INPUT, err, "cannot start %s: %s", argv[0], strerror(-err));
}

int launch__release(struct launch *launch, const char *name, struct error *error)
{
	struct failure failure = {0};
	ssize_t got;

	got = write(launch->release_fd, "", 1);
	close(launch->release_fd);
	launch->release_fd = -1;
	do
		got = read(launch->result_fd, &failure, sizeof(failure));
	while (got < 0 && errno == EINTR);
	close(launch->result_fd);
	launch->result_fd = -1;
	if (got != sizeof(failure))
		return 0;
	return error__set(error, FAULT_INPUT, -failure.error, "cannot %s %s: %s", failure.what,
			  name, strerror(failure.error));
}

void launch__reap(struct launch *launch)
{
	struct signalfd_siginfo signal;
	int status;
	pid_t pid;

	/* Before the look, so that what ends after it is told of again. */
	while (launch->child_fd >= 0 && read(launch->child_fd, &signal, sizeof(signal)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == launch->pid) {
			launch->ended = true;
			launch->status = status;
		}
	}
	launch->alone = pid < 0;
}

/* Sends a signal to everything below us; returns how many there were. */
static size_t signal_descendants(int signal)
{
	pid_t *pids;
	size_t cnt = procfs__descendants(getpid(), &pids);

	for (size_t i = 0; i < cnt; i++)
		kill(pids[i], signal);
	free(pids);
	return cnt;
}

static void close_pipes(struct launch *launch)
{
	close_pipe((const int[]){launch->release_fd, launch->result_fd});
	launch->release_fd = launch->result_fd = -1;
}

/* Not alone, and nobody lives: what is left is no child to wait for, a tracer has it. */
static bool is_anybody_left(const struct launch *launch)
{
	return !launch->alone && signal_descendants(0);
}

void launch__stop(struct launch *launch, int grace_ms)
{
	const int step_ms = 5;
	uint64_t patience_ns;

	close_pipes(launch);
	launch__reap(launch);
	if (!launch->pid)
		return;
	if (!launch->ended)
		launch->stopped = true;
	signal_descendants(SIGTERM);
	/* A stopped task takes SIGTERM only when it goes on. */
	signal_descendants(SIGCONT);
	patience_ns = clock__now_ns() + grace_ms * NS_PER_MS;
	for (launch__reap(launch); is_anybody_left(launch); launch__reap(launch)) {
		if (clock__now_ns() >= patience_ns)
			signal_descendants(SIGKILL);
		poll(&(struct pollfd){.fd = launch->child_fd, .events = POLLIN}, 1, step_ms);
	}
	launch__reap(launch);
	unwatch_children(launch);
}

void launch__describe(const struct launch *launch, char *text, size_t size)
{
	if (!launch->pid)
		text[0] = '\0';
	else if (launch->stopped)
		snprintf(text, size, "stopped by herdtrace");
	else if (WIFSIGNALED(launch->status))
		snprintf(text, size, "killed by signal %d (%s)", WTERMSIG(launch->status),
			 strsignal(WTERMSIG(launch->status)));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(launch->status));
}
