// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The kernel lists its listeners (sock_diag(7)) with the inodes of their sockets; who has one of these open is in
 * /proc/PID/fd.
 */
#include "target/port.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/procfs.h"

/* How many ports are named instead of one that nobody listens on. */
#define NEAR_MAX 4

struct port_listener {
	unsigned long inode;
	unsigned port;
	pid_t owner; /* the first that was found, 0: none */
};

struct search {
	VECTOR(struct port_listener) listeners;
	VECTOR(ino_t) namespaces; /* that were asked */
	struct targets *targets;
	unsigned port;
	int err;
};

/* ---- listeners ---- */

static int take_message(const struct nlmsghdr *header, void *arg)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(header);
	struct search *s = arg;
	struct port_listener *slot = vector_add(&s->listeners);

	if (!slot)
		return MNL_CB_ERROR;
	slot->inode = m->idiag_inode;
	slot->port = ntohs(m->id.idiag_sport);
	return MNL_CB_OK;
}

/* socket: in the namespace that is asked. Returns 0 or negative errno. */
static int ask(struct search *s, struct mnl_socket *socket, int family)
{
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request =
		mnl_nlmsg_put_extra_header(header, sizeof(struct inet_diag_req_v2));
	ssize_t got;
	int more = MNL_CB_OK;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = 1 << TCP_LISTEN;
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -errno;
	while (more == MNL_CB_OK) {
		got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		more = got < 0 ? MNL_CB_ERROR
			       : mnl_cb_run(buffer, got, 0, mnl_socket_get_portid(socket),
					    take_message, s);
	}
	/* A kernel without IPv6 has nothing to say of it. */
	return more == MNL_CB_ERROR && errno != ENOENT ? -errno : 0;
}

static int ask_all(struct search *s)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int err;

	if (!socket)
		return -errno;
	err = ask(s, socket, AF_INET);
	if (!err)
		err = ask(s, socket, AF_INET6);
	mnl_socket_close(socket);
	return err;
}

/* ---- network namespaces ---- */

static bool was_asked(const struct search *s, ino_t namespace)
{
	for (size_t i = 0; i < s->namespaces.cnt; i++)
		if (s->namespaces.at[i] == namespace)
			return true;
	return false;
}

static int ask_inside(struct search *s, int fd)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), err;

	if (own < 0)
		return -errno;
	err = setns(fd, CLONE_NEWNET) ? -errno : ask_all(s);
	/* One that may not be entered is none that could be traced. */
	if (err == -EPERM)
		err = 0;
	else if (setns(own, CLONE_NEWNET) && !err)
		err = -errno;
	close(own);
	return err;
}

/* A namespace, or the process whose it was, may be gone by now: there is nothing to find then. */
static void ask_namespace_of(struct search *s, pid_t pid)
{
	struct stat status;
	char path[64];
	ino_t *slot;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", procfs__living_thread(pid));
	if (s->err || stat(path, &status) || was_asked(s, status.st_ino))
		return;
	slot = vector_add(&s->namespaces);
	fd = slot ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (!slot)
		s->err = -ENOMEM;
	if (fd < 0)
		return;
	*slot = status.st_ino;
	s->err = ask_inside(s, fd);
	close(fd);
}

/* Which needs no right to enter it. */
static void ask_own_namespace(struct search *s)
{
	struct stat status;
	ino_t *slot = vector_add(&s->namespaces);

	s->err = !slot ? -ENOMEM : stat("/proc/self/ns/net", &status) ? -errno : ask_all(s);
	if (!s->err)
		*slot = status.st_ino;
}

/* ---- who has them ---- */

/* A socket that a process has open, which may be a listener. */
struct open_socket {
	struct search *search;
	pid_t pid;
};

static void note_socket(void *arg, unsigned long inode)
{
	const struct open_socket *o = arg;
	struct search *s = o->search;

	for (size_t i = 0; i < s->listeners.cnt; i++) {
		struct port_listener *l = &s->listeners.at[i];

		if (l->inode != inode)
			continue;
		if (!l->owner)
			l->owner = o->pid;
		if (l->port == s->port && !s->err)
			s->err = targets__add(s->targets, o->pid);
	}
}

static void look_at_sockets(struct search *s, pid_t pid)
{
	struct open_socket open_socket = {s, pid};

	procfs__each_socket(pid, note_socket, &open_socket);
}

static void each_process(struct search *s, void (*visit)(struct search *s, pid_t pid))
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		s->err = -errno;
	while (proc && (entry = readdir(proc)))
		if (isdigit(entry->d_name[0]))
			visit(s, atoi(entry->d_name));
	if (proc)
		closedir(proc);
}

/* ---- what to say where there is none ---- */

static int distance(const struct search *s, const struct port_listener *l)
{
	return abs((int)l->port - (int)s->port);
}

/* The one that is nearest of those further away than before; NULL: no more. Of one port, any. */
static const struct port_listener *next_near(const struct search *s,
					     const struct port_listener *before)
{
	const struct port_listener *best = NULL;

	for (size_t i = 0; i < s->listeners.cnt; i++) {
		const struct port_listener *l = &s->listeners.at[i];

		if (before && distance(s, l) <= distance(s, before))
			continue;
		if (!best || distance(s, l) < distance(s, best))
			best = l;
	}
	return best;
}

static int refuse(const struct search *s, struct error *error)
{
	const struct port_listener *l = NULL;
	char near[256] = "";
	size_t used = 0;

	for (int i = 0; i < NEAR_MAX && (l = next_near(s, l)); i++) {
		used += snprintf(near + used, sizeof(near) - used, "%s%u", i ? ", " : "", l->port);
		if (l->owner)
			used += snprintf(near + used, sizeof(near) - used, " (process %d)",
					 l->owner);
	}
	if (!used)
		return error__set(error, FAULT_INPUT, -ENOENT,
				  "nobody listens on TCP port %u, nor on any other", s->port);
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "nobody listens on TCP port %u: the nearest with a listener are %s",
			  s->port, near);
}

static bool has_listener(const struct search *s)
{
	for (size_t i = 0; i < s->listeners.cnt; i++)
		if (s->listeners.at[i].port == s->port)
			return true;
	return false;
}

static int conclude(const struct search *s, struct error *error)
{
	if (s->err)
		return error__set(error, FAULT_SYSTEM, s->err,
				  "cannot find out who listens on port %u: %s", s->port,
				  strerror(-s->err));
	if (s->targets->pids.cnt)
		return 0;
	if (!has_listener(s))
		return refuse(s, error);
	return error__set(error, FAULT_INPUT, -ESRCH,
			  "there is a listener on TCP port %u, but no process that can be seen has "
			  "it open",
			  s->port);
}

int port__find(struct targets *targets, unsigned port, struct error *error)
{
	struct search s = {.targets = targets, .port = port};
	int err;

	ask_own_namespace(&s);
	each_process(&s, ask_namespace_of);
	each_process(&s, look_at_sockets);
	err = conclude(&s, error);
	free(s.listeners.at);
	free(s.namespaces.at);
	return err;
}
