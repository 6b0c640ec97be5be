// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * uring-server: accept through io_uring. One listener, made before the workers; each has a ring of
 * its own and sleeps until the ring has a completion.
 *
 * By default a request accepts one connection and the worker makes the next. --multishot: one
 * request per ring accepts for ever. --eventfd: it sleeps in poll() until the ring's eventfd says so,
 * as a program does that has another event loop. How a request waits on the listener is the kernel's choice,
 * and has changed: README.md has what was measured.
 */
#include "server.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>

#define RING_ENTRIES 8

static const char doc[] = "io_uring server: every worker has accept requests in a ring of its own.";

struct settings {
	int listener;
	bool multishot, eventfd;
	atomic_bool ending; /* the listener is shut down: only threads live to see this */
};

enum { OPT_MULTISHOT = 0x200, OPT_EVENTFD };

static const struct argp_option own_options[] = {
	{"multishot", OPT_MULTISHOT, NULL, 0, "One request per ring accepts for ever (5.19)", 0},
	{"eventfd", OPT_EVENTFD, NULL, 0, "Sleep in poll() on an eventfd of the ring", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	(void)arg;
	if (key == OPT_MULTISHOT)
		settings->multishot = true;
	else if (key == OPT_EVENTFD)
		settings->eventfd = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static void make_ring(struct io_uring *ring)
{
	errno = -io_uring_queue_init(RING_ENTRIES, ring, 0);
	if (errno == ENOSYS || errno == EPERM)
		err(1, "io_uring is switched off (sysctl kernel.io_uring_disabled, or seccomp)");
	if (errno)
		err(1, "cannot make an io_uring");
}

static void request_accept(struct io_uring *ring, int fd, bool multishot)
{
	struct io_uring_sqe *request = io_uring_get_sqe(ring);
	int n;

	if (multishot)
		io_uring_prep_multishot_accept(request, fd, NULL, NULL, SOCK_CLOEXEC);
	else
		io_uring_prep_accept(request, fd, NULL, NULL, SOCK_CLOEXEC);
	n = io_uring_submit(ring);
	errno = -n;
	if (n < 0)
		err(1, "cannot submit an accept request");
}

static int make_eventfd(struct io_uring *ring)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		err(1, "cannot make an eventfd");
	errno = -io_uring_register_eventfd(ring, fd);
	if (errno)
		err(1, "cannot register an eventfd");
	return fd;
}

/* 0, or negative errno. event_fd: of the ring, -1 for none. */
static int await_completion(struct io_uring *ring, int event_fd, struct io_uring_cqe **completion)
{
	struct pollfd event = {.fd = event_fd, .events = POLLIN};
	eventfd_t number;

	if (event_fd < 0)
		return io_uring_wait_cqe(ring, completion);
	while (io_uring_peek_cqe(ring, completion) == -EAGAIN)
		if (poll(&event, 1, -1) < 0 || eventfd_read(event_fd, &number))
			return -errno;
	return 0;
}

/* Returns the result of a request; *more: it goes on. */
static int next_result(struct io_uring *ring, int event_fd, bool *more)
{
	struct io_uring_cqe *completion;
	int result;

	/* EINTR: stopped and continued, or the kernel had work to do for the ring. */
	while ((result = await_completion(ring, event_fd, &completion)) == -EINTR)
		;
	errno = -result;
	if (result)
		err(1, "cannot wait for a completion");
	result = completion->res;
	*more = completion->flags & IORING_CQE_F_MORE;
	io_uring_cqe_seen(ring, completion);
	return result;
}

/*
 * Ends the server with status 3 if the kernel does not know the request. It looks at that before
 * it looks at what kind of file is to accept; so ask with one that is no socket.
 */
static void check_kernel(bool multishot)
{
	struct io_uring ring;
	int no_socket = epoll_create1(EPOLL_CLOEXEC);
	int result;
	bool more;

	if (no_socket < 0)
		err(1, "cannot make an epoll");
	make_ring(&ring);
	request_accept(&ring, no_socket, multishot);
	result = next_result(&ring, -1, &more);
	if (result == -EINVAL)
		errx(3, "this kernel cannot do it: its io_uring has no %saccept",
		     multishot ? "multishot " : "");
	if (result != -ENOTSOCK) {
		errno = -result;
		err(1, "cannot find out whether this kernel can accept through io_uring");
	}
	io_uring_queue_exit(&ring);
	close(no_socket);
}

static bool is_passing(int result)
{
	return result == -EAGAIN || result == -EINTR || result == -ECONNABORTED ||
	       result == -EPROTO;
}

static void serve(struct worker *worker, struct io_uring *ring, struct settings *settings)
{
	int event_fd = settings->eventfd ? make_eventfd(ring) : -1;
	bool armed = false;

	for (;;) {
		int result;

		if (!armed)
			request_accept(ring, settings->listener, settings->multishot);
		result = next_result(ring, event_fd, &armed);
		errno = -result;
		if (result >= 0)
			worker__handle(worker, result);
		else if (!is_passing(result) && !atomic_load(&settings->ending))
			err(1, "cannot accept");
	}
}

/* A thread that ends must take its request off the listener, or that would accept for nobody. */
static void free_ring(void *ring)
{
	io_uring_queue_exit(ring);
}

static void work(struct worker *worker, void *arg)
{
	struct io_uring ring;

	make_ring(&ring);
	pthread_cleanup_push(free_ring, &ring);
	serve(worker, &ring, arg);
	pthread_cleanup_pop(1);
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct server_options options;
	struct settings settings = {0};
	struct server server;
	int status;

	server__parse(&options, argc, argv, doc, &own, &settings);
	check_kernel(settings.multishot);
	settings.listener = server__listen(&options, 0);
	server__start(&server, &options, options.workers, work, &settings);
	while (server__wait(&server))
		;
	status = server__finish(&server);
	/*
	 * The kernel takes rings apart some time after their owners are gone, and their requests
	 * keep the listener open until then: the next server would find the port in use.
	 */
	atomic_store(&settings.ending, true);
	shutdown(settings.listener, SHUT_RDWR);
	exit(status);
}
