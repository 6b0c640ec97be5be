// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/address.h"
#include "metrics/confine.h"

#define PROGRAM_NAME "herdtrace-http"

#define START_MS 10000

/* ---- the program ---- */

/* Beside us in a built tree, in libexec where we are installed. Open, as nobody may not be able to get there. */
static int open_program(const char *given)
{
	static const char *const places[] = {PROGRAM_NAME, "../libexec/herdtrace/" PROGRAM_NAME};
	char self[PATH_MAX] = "", path[PATH_MAX + 64];
	int fd = -1;

	if (given)
		return open(given, O_PATH | O_CLOEXEC);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	dirname(self);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && fd < 0; i++) {
		snprintf(path, sizeof(path), "%s/%s", self, places[i]);
		fd = open(path, O_PATH | O_CLOEXEC);
	}
	return fd;
}

/* Puts them at their numbers, and closes all others but the program, which closes with exec. */
static int put_descriptors(int listener, int channel, int *program)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high = HTTP_CHANNEL_FD + 1;

	/* Out of the way of the numbers that are wanted first. */
	listener = fcntl(listener, F_DUPFD_CLOEXEC, high);
	channel = fcntl(channel, F_DUPFD_CLOEXEC, high);
	*program = fcntl(*program, F_DUPFD_CLOEXEC, high);
	if (null < 0 || listener < 0 || channel < 0 || *program < 0)
		return -1;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(listener, HTTP_LISTEN_FD) < 0 || dup2(channel, HTTP_CHANNEL_FD) < 0)
		return -1;
	if (*program > high)
		close_range(high, *program - 1, 0);
	return close_range(*program + 1, ~0u, 0);
}

static void __attribute__((noreturn)) run_program(int listener, int channel, int program)
{
	char *argv[] = {(char *)PROGRAM_NAME, NULL}, *none[] = {NULL};
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	sigset_t empty;

	/* Ctrl-C, or a unit's stop, is for the tracer: with it the channel ends. */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	setsid();
	if (!put_descriptors(listener, channel, &program) && !confine())
		fexecve(program, argv, none);
	_exit(127);
}

/* The child of a child, whose end nobody but init waits for. */
static int start(int listener, int channel, int program)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return -errno;
	if (!child) {
		child = fork();
		if (!child)
			run_program(listener, channel, program);
		_exit(child < 0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status ? -EAGAIN : 0;
}

/* Returns 0 once it serves. */
static int await_ready(int channel)
{
	struct pollfd fd = {.fd = channel, .events = POLLIN};
	char word;

	if (poll(&fd, 1, START_MS) == 1 && recv(channel, &word, 1, MSG_DONTWAIT) == 1 &&
	    word == HTTP_READY)
		return 0;
	return -ECHILD;
}

static int start_program(struct endpoint *e, int listener, const char *name, struct error *error)
{
	int program = open_program(name), pair[2] = {-1, -1}, err = 0;

	if (program < 0)
		return error__set(error, FAULT_SYSTEM, -ENOENT,
				  "cannot find " PROGRAM_NAME
				  ", which answers for metrics; it is installed with herdtrace");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		err = -errno;
	if (!err)
		err = start(listener, pair[1], program);
	close(program);
	if (pair[1] >= 0)
		close(pair[1]);
	e->channel = pair[0];
	if (!err)
		err = await_ready(e->channel);
	if (!err)
		return 0;
	endpoint__close(e);
	return error__set(error, FAULT_SYSTEM, err, "cannot start " PROGRAM_NAME ": %s",
			  err == -ECHILD ? "it does not begin to serve" : strerror(-err));
}

int endpoint__open(struct endpoint *e, const char *address, const char *program,
		   struct error *error)
{
	int listener, err;

	*e = ENDPOINT_CLOSED;
	listener = address__listen(address, e->url, sizeof(e->url), error);
	if (listener < 0)
		return listener;
	err = start_program(e, listener, program, error);
	close(listener);
	return err;
}

/* ---- the channel ---- */

static void take_wishes(void *arg)
{
	struct endpoint *e = arg;
	char word;
	ssize_t got;

	/* One at a time: what never stops talking holds nobody up. Descriptors that come along are not taken. */
	got = recv(e->channel, &word, 1, MSG_DONTWAIT);
	if (got == 1)
		e->wanted |= word == HTTP_WANT;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		e->gone = true;
}

int endpoint__add_to(struct endpoint *e, struct loop *loop)
{
	e->source = (struct loop_source){.fd = e->channel, .ready = take_wishes, .arg = e};
	return loop__add(loop, &e->source, POLLIN);
}

/* The texts in a file without a name, one behind the other; its descriptor, or negative errno. */
static int write_texts(endpoint_writer write, void *arg, struct http_news *news)
{
	int fd = memfd_create("metrics", MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	uint64_t before = 0;
	int err = 0;

	for (int f = 0; out && f < HTTP_FORMAT_CNT; f++) {
		write(arg, out, f);
		news->size[f] = ftell(out) - before;
		before += news->size[f];
	}
	if (!out || ferror(out))
		err = -ENOMEM;
	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return err;
}

int endpoint__send(struct endpoint *e, endpoint_writer write, void *arg)
{
	struct http_news news = {{0}};
	int fd = write_texts(write, arg, &news);
	struct iovec part = {&news, sizeof(news)};
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	if (fd < 0)
		return fd;
	*CMSG_FIRSTHDR(&message) = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof(fd));
	/* Who hangs has texts enough that it has not read. */
	sendmsg(e->channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
	e->wanted = false;
	return 0;
}

void endpoint__close(struct endpoint *e)
{
	if (e->channel >= 0)
		close(e->channel);
	e->channel = -1;
}
