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
#include <stdbool.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/procfs.h"
#include "target/check.h"

/* What SIGKILL does not end in this time hangs inside of the kernel, and nobody can end it. */
#define KILL_LIMIT_MS 10000

/* ---- in the child ---- */

/* Sent through a pipe that exec closes: that the child is ready (0), or what it could not do. */
struct news {
	int error;
	char what[16];
};

static bool tell(int fd, int error, const char *what)
{
	struct news news = {.error = error};

	snprintf(news.what, sizeof(news.what), "%s", what);
	return write(fd, &news, sizeof(news)) == sizeof(news);
}

static void __attribute__((noreturn)) fail(int fd, int error, const char *what)
{
	/* Nobody is left to tell when this fails as well. */
	_exit(tell(fd, error, what) ? 127 : 126);
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

static int put_file(const char *path, int flags, int fd)
{
	int from = open(path, flags | O_NOCTTY | O_CLOEXEC);
	int err = from < 0 || dup2(from, fd) < 0 ? -1 : 0;

	if (from >= 0)
		close(from);
	return err;
}

/*
 * Ctrl-C is for us: we report, then end it. So it is in the background, where reading from the
 * terminal would stop it for ever.
 */
static int leave_foreground(void)
{
	setpgid(0, 0);
	return isatty(STDIN_FILENO) ? put_file("/dev/null", O_RDONLY, STDIN_FILENO) : 0;
}

/*
 * Another user gets nothing of our terminal but its lines on it. In a session of its own it has no
 * controlling terminal, and TIOCSTI, by which it would type into our shell, is refused on any other
 * one (tiocsti() in drivers/tty/tty_io.c). Nor can it read what is typed there.
 */
static int leave_terminal(void)
{
	if (setsid() < 0 || put_file("/dev/null", O_RDONLY, STDIN_FILENO))
		return -1;
	return isatty(STDERR_FILENO) ? put_file("/proc/self/fd/2", O_WRONLY, STDERR_FILENO) : 0;
}

/* Closes all but the standard ones and one that exec closes. */
static void close_others(int fd)
{
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, fd - 1, 0);
	close_range(fd + 1, ~0u, 0);
}

static int put_standard_files(bool is_ours, int output_fd)
{
	if (output_fd >= 0 && dup2(output_fd, STDERR_FILENO) < 0)
		return -1;
	if (is_ours ? leave_foreground() : leave_terminal())
		return -1;
	return dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? -1 : 0;
}

static void __attribute__((noreturn))
run_child(char *const argv[], const struct passwd *user, int output_fd, int hold_fd, int news_fd)
{
	sigset_t none;
	char go;
	int error;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (put_standard_files(!user, output_fd))
		fail(news_fd, errno, "prepare");
	if (become(user))
		fail(news_fd, errno, "change user for");
	/* Cleared by a change of user, so after it. A parent that died before lets nobody go. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		fail(news_fd, errno, "prepare");
	error = check__command(argv[0]);
	if (error)
		fail(news_fd, error, "run");
	if (!tell(news_fd, 0, "") || read(hold_fd, &go, 1) != 1)
		_exit(126);
	if (user)
		close_others(news_fd);
	execvp(argv[0], argv);
	fail(news_fd, errno, "run");
}

/* ---- in the parent ---- */

/*
 * The user of that number. One without an entry in the user database is nobody's name: it gets the
 * group of the same number and no other, and a home that is always there.
 */
static struct passwd *find_number(const char *name)
{
	static struct passwd unknown = {.pw_dir = (char *)"/"};
	struct passwd *known;
	unsigned long number;
	char *end;

	if (!*name || strspn(name, "0123456789") != strlen(name))
		return NULL;
	errno = 0;
	number = strtoul(name, &end, 10);
	/* The last one stands for "leave it as it is" in setuid()'s kin. */
	if (errno || number >= UINT32_MAX)
		return NULL;
	known = getpwuid(number);
	unknown.pw_name = (char *)name;
	unknown.pw_uid = unknown.pw_gid = number;
	return known ? known : &unknown;
}

static int find_user(const char *name, struct passwd **user, struct error *error)
{
	*user = NULL;
	if (!name)
		return 0;
	errno = 0;
	*user = getpwnam(name);
	if (!*user)
		*user = find_number(name);
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
	int err;

	/* Where it is ignored, nobody hears how a child ended. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &launch->mask);
	launch->child_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (launch->child_fd >= 0)
		return prctl(PR_SET_CHILD_SUBREAPER, 1) ? -errno : 0;
	err = -errno;
	sigprocmask(SIG_SETMASK, &launch->mask, NULL);
	return err;
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

/*
 * Waits for what the child has to tell. Returns 0 where it is ready, or runs; or negative errno and
 * an error.
 */
static int await_news(const struct launch *launch, const char *name, bool until_exec,
		      struct error *error)
{
	struct news news = {0};
	ssize_t got;

	do
		got = read(launch->news_fd, &news, sizeof(news));
	while (got < 0 && errno == EINTR);
	if (got == sizeof(news) && news.error)
		return error__set(error, news.error == EPERM ? FAULT_SYSTEM : FAULT_INPUT,
				  -news.error, "cannot %s %s: %s", news.what, name,
				  strerror(news.error));
	if (got == sizeof(news) || until_exec)
		return 0;
	return error__set(error, FAULT_INPUT, -ECHILD, "cannot start %s: it was killed", name);
}

static void close_pipes(struct launch *launch)
{
	close_pipe((const int[]){launch->release_fd, launch->news_fd});
	launch->release_fd = launch->news_fd = -1;
}

/* The child that could not be made ready ends by itself. */
static void abandon(struct launch *launch)
{
	close_pipes(launch);
	while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
		;
	launch->pid = 0;
	unwatch_children(launch);
}

/* Forks the child and takes its pipes. Returns 0 or negative errno. */
static int start_child(struct launch *launch, char *const argv[], const struct passwd *user,
		       int output_fd)
{
	int hold[2] = {-1, -1}, news[2] = {-1, -1}, err;

	if (pipe2(hold, O_CLOEXEC) || pipe2(news, O_CLOEXEC) || (launch->pid = fork()) < 0) {
		err = -errno;
		launch->pid = 0;
		close_pipe(hold);
		close_pipe(news);
		return err;
	}
	if (!launch->pid) {
		close(hold[1]);
		run_child(argv, user, output_fd, hold[0], news[1]);
	}
	close(hold[0]);
	close(news[1]);
	launch->release_fd = hold[1];
	launch->news_fd = news[0];
	return 0;
}

int launch__start(struct launch *launch, char *const argv[], const char *user, int output_fd,
		  struct error *error)
{
	struct passwd *pw;
	int err;

	*launch = (struct launch)LAUNCH_NONE;
	err = check__proc(error);
	if (!err)
		err = find_user(user, &pw, error);
	if (err)
		return err;
	err = watch_children(launch);
	if (!err)
		err = start_child(launch, argv, pw, output_fd);
	if (err) {
		unwatch_children(launch);
		return error__set(error, FAULT_INPUT, err, "cannot start %s: %s", argv[0],
				  strerror(-err));
	}
	err = await_news(launch, argv[0], false, error);
	/* Where /proc hides it, neither its tasks nor its descendants could be found. */
	if (!err)
		err = check__process(launch->pid, error);
	if (err)
		abandon(launch);
	return err;
}

int launch__release(struct launch *launch, const char *name, struct error *error)
{
	ssize_t got = write(launch->release_fd, "", 1);
	int err;

	/* One that has been killed takes nothing and tells nothing: its end is noticed. */
	(void)got;
	err = await_news(launch, name, true, error);
	close_pipes(launch);
	return err;
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

/*
 * Sends a signal to a process if it is below us. A number from /proc may be another one's by now:
 * what is held by a descriptor, and is below us after it was opened, is ours.
 */
static bool signal_process(pid_t pid, int signal)
{
	int fd = pidfd_open(pid, 0);
	bool is_ours = fd >= 0 && procfs__is_below(pid, getpid());

	if (is_ours)
		pidfd_send_signal(fd, signal, NULL, 0);
	if (fd >= 0)
		close(fd);
	return is_ours;
}

/* The same for everything below us; returns how many there were. */
static size_t signal_descendants(int signal)
{
	pid_t *pids;
	size_t cnt = procfs__descendants(getpid(), &pids), ours = 0;

	for (size_t i = 0; i < cnt; i++)
		ours += signal_process(pids[i], signal);
	free(pids);
	return ours;
}

/* Not alone, and nobody lives: what is left is no child to wait for, a tracer has it. */
static bool is_anybody_left(const struct launch *launch)
{
	return !launch->alone && signal_descendants(0);
}

void launch__stop(struct launch *launch, int grace_ms)
{
	const int step_ms = 5;
	uint64_t now = clock__now_ns(), patience_ns = now + grace_ms * NS_PER_MS;

	launch__reap(launch);
	/* One that is held back ends as soon as the pipe is closed. */
	launch->stopped |= launch->pid && !launch->ended;
	close_pipes(launch);
	if (!launch->pid)
		return;
	signal_descendants(SIGTERM);
	/* A stopped task takes SIGTERM only when it goes on. */
	signal_descendants(SIGCONT);
	for (launch__reap(launch); is_anybody_left(launch); launch__reap(launch)) {
		now = clock__now_ns();
		if (now >= patience_ns + KILL_LIMIT_MS * NS_PER_MS)
			break;
		if (now >= patience_ns)
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
	else if (!launch->ended)
		snprintf(text, size, "not ended by SIGKILL");
	else if (launch->stopped)
		snprintf(text, size, "stopped by herdtrace");
	else if (WIFSIGNALED(launch->status))
		snprintf(text, size, "killed by signal %d (%s)", WTERMSIG(launch->status),
			 strsignal(WTERMSIG(launch->status)));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(launch->status));
}
