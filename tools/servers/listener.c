// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Listeners of all servers: TCP, or AF_UNIX with --unix. */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "unix-address.h"

/* ---- TCP ---- */

#define CANNOT_LISTEN      "cannot listen on %s:%s"
#define CANNOT_LISTEN_IPV6 "cannot listen on [%s]:%s"

static struct addrinfo *resolve(const struct server_options *options, int *err)
{
	struct addrinfo hints = {
		.ai_family = options->family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *address = NULL;

	*err = getaddrinfo(options->host, options->port, &hints, &address);
	return address;
}

static int listen_tcp(const struct server_options *options, int type, bool reuseport)
{
	const int on = 1;
	int gai_err, fd;
	struct addrinfo *address = resolve(options, &gai_err);

	if (!address)
		errx(1, "bad address '%s': %s", options->host, gai_strerror(gai_err));
	fd = socket(address->ai_family, type, options->mptcp ? IPPROTO_MPTCP : 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (reuseport && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on))) ||
	    bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, options->backlog))
		err(1, strchr(options->host, ':') ? CANNOT_LISTEN_IPV6 : CANNOT_LISTEN,
		    options->host, options->port);
	freeaddrinfo(address);
	return fd;
}

/* ---- AF_UNIX ---- */

/* A socket file, to be removed by the process that made it. */
struct made_file {
	pid_t maker;
	struct stat stat;
	struct sockaddr_un address;
};

/* At the exit of any process that has inherited this. */
static void remove_file(int status, void *arg)
{
	struct made_file *made = arg;
	struct stat now;

	(void)status;
	if (made->maker != getpid())
		return;
	if (!lstat(made->address.sun_path, &now) && now.st_ino == made->stat.st_ino &&
	    now.st_dev == made->stat.st_dev)
		unlink(made->address.sun_path);
}

static void remove_at_exit(const struct sockaddr_un *address)
{
	struct made_file *made = malloc(sizeof(*made));

	if (!made)
		err(1, "cannot remember the socket file");
	*made = (struct made_file){.maker = getpid(), .address = *address};
	if (lstat(address->sun_path, &made->stat) || on_exit(remove_file, made))
		err(1, "cannot remember the socket file");
}

/* A server that was killed leaves its socket file behind: nobody listens there any more. */
static bool is_left_behind(const struct sockaddr_un *address, socklen_t len)
{
	struct stat stat;
	bool refused;
	int fd;

	if (lstat(address->sun_path, &stat) || !S_ISSOCK(stat.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)address, len) && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_unix(int fd, const struct sockaddr_un *address, socklen_t len)
{
	int err = bind(fd, (const struct sockaddr *)address, len);

	if (!err || errno != EADDRINUSE)
		return err;
	if (is_left_behind(address, len) && !unlink(address->sun_path))
		return bind(fd, (const struct sockaddr *)address, len);
	errno = EADDRINUSE;
	return -1;
}

static int listen_unix(const struct server_options *options, int type)
{
	struct sockaddr_un address;
	socklen_t len = unix_address__parse(options->unix_path, &address);
	int fd = socket(AF_UNIX, type, 0);

	if (fd < 0 || bind_unix(fd, &address, len))
		err(1, "cannot listen on %s", options->unix_path);
	if (address.sun_path[0])
		remove_at_exit(&address);
	if (listen(fd, options->backlog))
		err(1, "cannot listen on %s", options->unix_path);
	return fd;
}

/* ---- another process' ---- */

static int take_over(const char *from, bool nonblock)
{
	int pid, number, process, fd;

	if (sscanf(from, "%d:%d", &pid, &number) != 2)
		errx(1, "'%s' is no PID:FD", from);
	process = syscall(SYS_pidfd_open, pid, 0);
	fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);
	if (fd < 0 || (nonblock && fcntl(fd, F_SETFL, O_NONBLOCK)))
		err(1, "cannot take %s", from);
	close(process);
	return fd;
}

/* ---- all ---- */

void listener__check_address(struct server_options *options, struct argp_state *state)
{
	struct sockaddr_un unix_address;
	struct addrinfo *address;
	int err;

	if (options->unix_path) {
		err = unix_address__parse(options->unix_path, &unix_address);
		if (err < 0)
			argp_error(state, "bad socket path '%s': %s", options->unix_path,
				   strerror(-err));
		return;
	}
	if (!options->host)
		options->host = options->family == AF_INET6 ? "::1" : "127.0.0.1";
	address = resolve(options, &err);
	if (!address)
		argp_error(state, "bad address '%s': %s", options->host, gai_strerror(err));
	freeaddrinfo(address);
}

int server__listen(const struct server_options *options, unsigned int flags)
{
	int type = SOCK_STREAM | SOCK_CLOEXEC | (flags & LISTEN_NONBLOCK ? SOCK_NONBLOCK : 0);

	if (options->from)
		return take_over(options->from, flags & LISTEN_NONBLOCK);
	if (options->unix_path)
		return listen_unix(options, type);
	return listen_tcp(options, type, options->reuseport || (flags & LISTEN_REUSEPORT));
}
