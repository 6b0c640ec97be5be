// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* How far up a tree is climbed: ends where a tree that changes meanwhile leads in a circle. */
#define DEPTH_MAX 10000

/* Reads a small file; returns its length, 0 when it is not there. */
static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? got : 0;
}

struct stat_line {
	char state;
	int parent, threads;
	unsigned flags;
};

/* A stat file: "PID (COMM) STATE PPID ...", where COMM may hold anything. */
static bool read_stat(const char *path, struct stat_line *line)
{
	char text[512], *end;

	if (!read_text(path, text, sizeof(text)))
		return false;
	end = strrchr(text, ')');
	/* The flags are the 9th field, the threads the 20th. */
	return end && sscanf(end + 1,
			     " %c %d %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d",
			     &line->state, &line->parent, &line->flags, &line->threads) == 4;
}

/* A process whose first thread has ended looks like a zombie, and lives on in the others. */
static bool is_zombie(const struct stat_line *line)
{
	return line->state == 'Z' && line->threads <= 1;
}

/* ---- whose numbers they are ---- */

/*
 * NSpid has a number for each PID namespace from that of /proc down to our own: one alone says that
 * they are the same. A /proc of a namespace that we are not in shows nothing of us at all.
 */
enum procfs_view procfs__view(void)
{
	char text[4096], *line;
	struct statfs fs;
	int number;

	if (statfs("/proc", &fs))
		return PROCFS_NONE;
	errno = ENOENT;
	if (fs.f_type != PROC_SUPER_MAGIC || !read_text("/proc/self/status", text, sizeof(text)))
		return PROCFS_NONE;
	line = strstr(text, "\nNSpid:");
	return line && sscanf(line, " NSpid: %*d%*[ \t]%d", &number) == 1 ? PROCFS_FOREIGN
									  : PROCFS_OURS;
}

/* ---- one process ---- */

/* PF_KTHREAD of include/linux/sched.h */
#define FLAG_KERNEL_THREAD 0x00200000

/* The process that a thread belongs to; 0: it is not there. */
static pid_t read_process(pid_t tid)
{
	char path[64], text[4096], *line;
	pid_t process = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (!read_text(path, text, sizeof(text)))
		return 0;
	line = strstr(text, "\nTgid:");
	return line && sscanf(line, " Tgid: %d", &process) == 1 ? process : 0;
}

int procfs__look_up(pid_t pid, struct procfs_process *process)
{
	struct stat_line line;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	process->pid = read_process(pid);
	if (!process->pid || !read_stat(path, &line))
		return -ESRCH;
	process->parent = line.parent;
	process->is_kernel_thread = line.flags & FLAG_KERNEL_THREAD;
	process->is_zombie = is_zombie(&line);
	return 0;
}

bool procfs__is_below(pid_t pid, pid_t root)
{
	struct stat_line line;
	char path[64];

	for (int depth = 0; depth < DEPTH_MAX && pid > 0; depth++) {
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if (!read_stat(path, &line))
			return false;
		if (line.parent == root)
			return true;
		pid = line.parent;
	}
	return false;
}

/* ---- trees ---- */

struct process {
	pid_t pid, parent;
	bool below;
};

static size_t list_processes(struct process **list)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t cnt = 0, room = 0;

	*list = NULL;
	while (proc && (entry = readdir(proc))) {
		struct stat_line line;
		char path[300];

		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		if (!isdigit(entry->d_name[0]) || !read_stat(path, &line) || is_zombie(&line))
			continue;
		if (cnt == room) {
			struct process *larger = reallocarray(*list, room + 256, sizeof(*larger));

			if (!larger)
				break;
			*list = larger;
			room += 256;
		}
		(*list)[cnt++] =
			(struct process){.pid = atoi(entry->d_name), .parent = line.parent};
	}
	if (proc)
		closedir(proc);
	return cnt;
}

static bool is_below(const struct process *list, size_t cnt, const struct process *p, pid_t root)
{
	if (p->parent == root)
		return true;
	for (size_t i = 0; i < cnt; i++)
		if (list[i].pid == p->parent)
			return list[i].below;
	return false;
}

size_t procfs__descendants(pid_t root, pid_t **pids)
{
	struct process *list;
	size_t cnt = list_processes(&list), found = 0;
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < cnt; i++) {
			if (!list[i].below && is_below(list, cnt, &list[i], root))
				list[i].below = more = true;
		}
	}
	*pids = calloc(cnt + 1, sizeof(**pids));
	for (size_t i = 0; *pids && i < cnt; i++)
		if (list[i].below)
			(*pids)[found++] = list[i].pid;
	free(list);
	return found;
}

/* ---- other namespaces ---- */

/* "NSpid: NUMBER NUMBER ...", from our namespace down to its own: does it end with this one? */
static bool is_called(pid_t pid, pid_t number)
{
	char path[64], text[4096], *at, *end;
	long last = 0;
	int cnt = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (!read_text(path, text, sizeof(text)) || !(at = strstr(text, "\nNSpid:")))
		return false;
	at += strlen("\nNSpid:");
	at[strcspn(at, "\n")] = '\0';
	for (;; at = end, cnt++) {
		long next = strtol(at, &end, 10);

		if (end == at)
			return cnt > 1 && last == number;
		last = next;
	}
}

pid_t procfs__find_inner(pid_t number)
{
	struct process *list;
	size_t cnt = list_processes(&list);
	pid_t found = 0;

	for (size_t i = 0; i < cnt && !found; i++)
		if (is_called(list[i].pid, number))
			found = list[i].pid;
	free(list);
	return found;
}

/* ---- threads ---- */

int procfs__each_thread(pid_t pid, int (*visit)(void *arg, pid_t tid), void *arg)
{
	struct dirent *entry;
	char path[64];
	int err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while (!err && (entry = readdir(dir)))
		if (isdigit(entry->d_name[0]))
			err = visit(arg, atoi(entry->d_name));
	closedir(dir);
	return err;
}

/* A nap is a sleep here. */
static enum task_rest read_state(pid_t pid, pid_t tid)
{
	struct stat_line line;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	if (!read_stat(path, &line) || line.state == 'Z' || line.state == 'X')
		return TASK_GONE;
	return line.state == 'S' ? TASK_SLEEPS : TASK_RUNS;
}

static bool is_napping(pid_t pid, pid_t tid)
{
	char path[64], text[128];
	long number;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	if (!read_text(path, text, sizeof(text)) || sscanf(text, "%ld", &number) != 1)
		return false;
#ifdef SYS_nanosleep
	if (number == SYS_nanosleep)
		return true;
#endif
	return number == SYS_clock_nanosleep;
}

enum task_rest procfs__rest(pid_t pid, pid_t tid)
{
	enum task_rest rest = read_state(pid, tid);

	return rest == TASK_SLEEPS && is_napping(pid, tid) ? TASK_NAPS : rest;
}

struct living {
	pid_t pid, tid;
};

static int keep_living(void *living, pid_t tid)
{
	struct living *l = living;

	if (read_state(l->pid, tid) != TASK_GONE)
		l->tid = tid;
	return l->tid;
}

pid_t procfs__living_thread(pid_t pid)
{
	struct living l = {pid, 0};

	procfs__each_thread(pid, keep_living, &l);
	return l.tid ? l.tid : pid;
}

bool procfs__runs(pid_t pid, pid_t tid)
{
	return read_state(pid, tid) == TASK_RUNS;
}

/* ---- sockets ---- */

void procfs__each_socket(pid_t pid, void (*visit)(void *arg, unsigned long inode), void *arg)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", procfs__living_thread(pid));
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		unsigned long inode;
		char link[64];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[len > 0 ? len : 0] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) == 1)
			visit(arg, inode);
	}
	if (dir)
		closedir(dir);
}

long procfs__call(pid_t pid, pid_t tid)
{
	char path[64], text[256];
	long number;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	if (!read_text(path, text, sizeof(text)))
		return PROCFS_NO_CALL;
	if (!strncmp(text, "running", 7))
		return PROCFS_RUNS_NOW;
	return sscanf(text, "%ld", &number) == 1 ? number : PROCFS_NO_CALL;
}
