// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/sockets.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/procfs.h"
#include "base/vector.h"

/* As /proc has the state of a UDP socket that is not connected. */
#define UNCONNECTED 7

/* Sockets of one process, by the numbers of their inodes. */
struct sockets {
	VECTOR(unsigned long) inodes;
};

static bool has(const struct sockets *s, unsigned long inode)
{
	for (size_t i = 0; i < s->inodes.cnt; i++)
		if (s->inodes.at[i] == inode)
			return true;
	return false;
}

static void add(void *sockets, unsigned long inode)
{
	struct sockets *s = sockets;
	unsigned long *slot = vector_add(&s->inodes);

	if (slot)
		*slot = inode;
}

/* "SLOT: LOCAL:PORT REMOTE:PORT STATE TX:RX TR:WHEN RETRANSMITS UID TIMEOUT INODE ..."; all have a port. */
static bool takes(const struct sockets *s, const char *line)
{
	unsigned long inode;
	unsigned state;

	return sscanf(line, "%*u: %*s %*s %x %*s %*s %*s %*s %*s %lu", &state, &inode) == 2 &&
	       state == UNCONNECTED && has(s, inode);
}

/* In the process' own network namespace. */
static bool finds(const struct sockets *s, pid_t pid, const char *table)
{
	char path[64], line[512];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", procfs__living_thread(pid), table);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = takes(s, line);
	if (f)
		fclose(f);
	return found;
}

static bool takes_udp(pid_t pid)
{
	struct sockets s = {0};
	bool found;

	procfs__each_socket(pid, add, &s);
	found = s.inodes.cnt && (finds(&s, pid, "udp") || finds(&s, pid, "udp6"));
	free(s.inodes.at);
	return found;
}

bool sockets__take_udp(pid_t root)
{
	pid_t *pids;
	size_t cnt = procfs__descendants(root, &pids);
	bool found = takes_udp(root);

	for (size_t i = 0; !found && i < cnt; i++)
		found = takes_udp(pids[i]);
	free(pids);
	return found;
}

/* ---- ours ---- */

static bool listens(int fd)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) && value;
}

bool sockets__inherit_listener(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name), flags = fcntl(fd, F_GETFD);

		found = isdigit(entry->d_name[0]) && flags >= 0 && !(flags & FD_CLOEXEC) &&
			listens(fd);
	}
	if (dir)
		closedir(dir);
	return found;
}
