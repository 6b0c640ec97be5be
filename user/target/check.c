// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfs.h"

/* Where execvp() looks without $PATH. */
#define DEFAULT_PATH "/bin:/usr/bin"

/* What the kernel reads of a script to find its interpreter: BINPRM_BUF_SIZE. */
#define SCRIPT_HEAD 256

/* ---- /proc ---- */

int check__proc(struct error *error)
{
	switch (procfs__view()) {
	case PROCFS_OURS: return 0;
	case PROCFS_FOREIGN:
		return error__set(
			error, FAULT_SYSTEM, -EOPNOTSUPP,
			"/proc is not that of this PID namespace (unshare --mount-proc "
			"mounts it), and tracing needs the initial one: run it on the host");
	case PROCFS_NONE: break;
	}
	if (errno != ENOENT)
		return error__set(error, FAULT_SYSTEM, -errno, "cannot read /proc/self/status: %s",
				  strerror(errno));
	return error__set(error, FAULT_SYSTEM, -EOPNOTSUPP,
			  "/proc is not mounted, or not that of this PID namespace: mount it there "
			  "(mount -t proc proc /proc)");
}

/* ---- processes ---- */

/* text: what it is here. Somebody may have read it in a container. */
static int refuse_number(pid_t pid, int err, const char *text, struct error *error)
{
	pid_t inner = procfs__find_inner(pid);
	char here[128];

	snprintf(here, sizeof(here), text, pid);
	if (!inner)
		return error__set(error, FAULT_INPUT, err, "%s", here);
	return error__set(error, FAULT_INPUT, err,
			  "%s: the one that is %d in a PID namespace of its own is process %d here",
			  here, pid, inner);
}

/* It may be there all the same (the mount option hidepid). */
static int explain_missing(pid_t pid, struct error *error)
{
	if (kill(pid, 0) && errno == ESRCH)
		return refuse_number(pid, -ESRCH, "there is no process %d", error);
	return error__set(
		error, FAULT_SYSTEM, -EPERM,
		"/proc hides process %d (hidepid): run it with all of root's capabilities", pid);
}

int check__process(pid_t pid, struct error *error)
{
	struct procfs_process p;
	int err = check__proc(error);

	if (err)
		return err;
	if (procfs__look_up(pid, &p))
		return explain_missing(pid, error);
	if (p.is_kernel_thread)
		return refuse_number(pid, -EINVAL,
				     "process %d is a thread of the kernel, no server", error);
	if (p.pid != pid)
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "%d is a thread of process %d: trace that (-p %d)", pid, p.pid,
				  p.pid);
	if (p.is_zombie)
		return error__set(error, FAULT_INPUT, -ESRCH,
				  "process %d has ended: it is a zombie, for which its parent %d "
				  "has not waited",
				  pid, p.parent);
	return 0;
}

/* ---- commands ---- */

static bool is_program(const char *path)
{
	struct stat status;

	if (access(path, X_OK) || stat(path, &status))
		return false;
	errno = EACCES;
	return S_ISREG(status.st_mode);
}

/*
 * The interpreter that a script names in its first line, as execve() takes it; "" for a file that names
 * none, and where that is left for execve() to say.
 */
static void read_interpreter(const char *path, char head[SCRIPT_HEAD])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, head, SCRIPT_HEAD - 1);
	size_t begin, len;

	if (fd >= 0)
		close(fd);
	head[got > 0 ? got : 0] = '\0';
	begin = strncmp(head, "#!", 2) ? 0 : 2 + strspn(head + 2, " \t");
	len = begin ? strcspn(head + begin, " \t\n") : 0;
	if (!head[begin + len])
		len = 0;
	memmove(head, head + begin, len);
	head[len] = '\0';
}

/* Returns 0 or an errno, as execve() would. */
static int check_file(const char *path)
{
	char interpreter[SCRIPT_HEAD];

	if (!is_program(path))
		return errno;
	read_interpreter(path, interpreter);
	return *interpreter && !is_program(interpreter) ? errno : 0;
}

/* Does a search go on with the next directory? */
static bool is_elsewhere(int error)
{
	return error == EACCES || error == ENOENT || error == ENOTDIR || error == ESTALE ||
	       error == ENODEV || error == ETIMEDOUT;
}

/* An empty directory is the current one. */
static int search(const char *directories, const char *name)
{
	const char *at = directories;
	bool denied = false;
	int error, len;

	for (;; at += len + 1) {
		char path[PATH_MAX];

		len = strcspn(at, ":");
		error = ENAMETOOLONG;
		if (snprintf(path, sizeof(path), "%.*s%s%s", len, at, len ? "/" : "", name) <
		    (int)sizeof(path))
			error = check_file(path);
		if (!is_elsewhere(error))
			return error;
		denied |= error == EACCES;
		if (!at[len])
			break;
	}
	/* What may not be run says more than what is not there. */
	return denied ? EACCES : error;
}

int check__command(const char *name)
{
	const char *directories = getenv("PATH");

	if (!*name)
		return ENOENT;
	if (strchr(name, '/'))
		return check_file(name);
	return search(directories ? directories : DEFAULT_PATH, name);
}
