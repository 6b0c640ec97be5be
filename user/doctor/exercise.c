// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/exercise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/procfs.h"
#include "doctor/ring.h"

/* How long the server may take to go to sleep in its call. */
#define SLEEP_LIMIT_MS 5000

const struct exercise_kind exercise_kinds[EXERCISE_WAYS] = {
	[WAY_ACCEPT] = {"accept", CAUSE_ACCEPT},   [WAY_EPOLL] = {"epoll", CAUSE_EPOLL},
	[WAY_POLL] = {"poll", CAUSE_POLL},         [WAY_SELECT] = {"select", CAUSE_POLL},
	[WAY_RING] = {"io_uring", CAUSE_IO_URING}, [WAY_UNIX] = {"unix", CAUSE_ACCEPT},
};

/* Where the next connection is to go and how it is waited for; len 0: there is none. */
struct target {
	size_t way;
	int error; /* why this way cannot be tried, negative errno; then there is no connection */
	socklen_t len;
	struct sockaddr_storage address;
};

/* ---- the server ---- */

static int wait_in_accept(int fd)
{
	(void)fd;
	return 0;
}

static int wait_in_epoll(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int got = epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)
			  ? -1
			  : epoll_wait(epoll, &event, 1, -1);

	if (epoll >= 0)
		close(epoll);
	return got == 1 ? 0 : -1;
}

static int wait_in_poll(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, -1) == 1 ? 0 : -1;
}

static int wait_in_select(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, NULL) == 1 ? 0 : -1;
}

/*
 * A ring stays open until the server ends. What is left to do when one is closed the kernel does later on, and wakes
 * the task that used it for that (io_ring_exit_work(), TWA_SIGNAL), out of whatever it sleeps in by then: a connection
 * that comes at that moment finds nobody.
 */
static int wait_in_ring(int fd)
{
	struct ring ring;
	int err = ring__open(&ring);

	return err ? err : ring__await(&ring, fd);
}

/* Rings may be forbidden (kernel.io_uring_disabled), or not be in this kernel. */
static int try_ring(void)
{
	struct ring ring;

	return ring__open(&ring);
}

static const struct {
	int (*wait)(int fd);
	int (*try)(void); /* NULL: it works everywhere */
} waits[EXERCISE_WAYS] = {
	[WAY_ACCEPT] = {wait_in_accept, NULL}, [WAY_EPOLL] = {wait_in_epoll, NULL},
	[WAY_POLL] = {wait_in_poll, NULL},     [WAY_SELECT] = {wait_in_select, NULL},
	[WAY_RING] = {wait_in_ring, try_ring}, [WAY_UNIX] = {wait_in_accept, NULL},
};

/* A listener on the port that *address has, or on a free one, which is then put there. */
static int make_listener(struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)address, len) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)address, &len))
		return -1;
	return fd;
}

/* A task that comes and goes. */
static bool fork_once(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

/*
 * Tells where the listener is, waits there in this way, accepts. Returns whether that worked, or cannot
 * be tried.
 */
static bool serve_one(int control, int listener, enum exercise_way way)
{
	struct target target = {.way = way, .len = sizeof(target.address)};
	int connection;

	target.error = waits[way].try ? waits[way].try() : 0;
	if (getsockname(listener, (struct sockaddr *)&target.address, &target.len) ||
	    write(control, &target, sizeof(target)) != sizeof(target))
		return false;
	if (target.error)
		return true;
	if (waits[way].wait(listener))
		return false;
	connection = accept(listener, NULL, NULL);
	if (connection < 0)
		return false;
	close(connection);
	return true;
}

/* On two listeners, the second of which is closed, so that each connection comes to the first. */
static bool serve_tcp(int control)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd, second;
	bool good = true;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = make_listener(&address);
	second = make_listener(&address);
	if (fd < 0 || second < 0)
		return false;
	close(second);
	for (enum exercise_way way = 0; way < WAY_UNIX && good; way++)
		good = serve_one(control, fd, way);
	close(fd);
	return good;
}

/* On a name that the kernel chooses. Where there is no AF_UNIX, nothing has to work. */
static bool serve_unix(int control)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	if (fd < 0)
		return true;
	good = !bind(fd, (struct sockaddr *)&address, sizeof(address.sun_family)) &&
	       !listen(fd, 8) && serve_one(control, fd, WAY_UNIX);
	close(fd);
	return good;
}

static int serve(int control)
{
	struct target end = {0};
	char go;

	if (read(control, &go, 1) != 1 || !fork_once())
		return 1;
	prctl(PR_SET_NAME, "herdtrace-test");
	/* Fails, but is called. */
	syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0);
	if (!serve_tcp(control) || !serve_unix(control))
		return 1;
	return write(control, &end, sizeof(end)) != sizeof(end);
}

int exercise__start(struct exercise *e)
{
	pid_t parent = getpid();
	int pair[2];

	*e = (struct exercise){0};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	e->control = pair[0];
	e->pid = fork();
	if (e->pid < 0)
		return -errno;
	if (!e->pid) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(getppid() == parent ? serve(pair[1]) : 1);
	}
	close(pair[1]);
	return 0;
}

/* ---- the client ---- */

static int wait_until_asleep(pid_t pid)
{
	struct timespec step = {.tv_nsec = 1000000};

	for (int i = 0; i < SLEEP_LIMIT_MS; i++) {
		enum task_rest rest = procfs__rest(pid, pid);

		if (rest == TASK_SLEEPS)
			return 0;
		if (rest == TASK_GONE)
			return -ESRCH;
		nanosleep(&step, NULL);
	}
	return -ETIMEDOUT;
}

static int connect_to(const struct target *target)
{
	int fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;
	char unused;

	/* The server closes it: then it has accepted. */
	if (fd < 0 || connect(fd, (const struct sockaddr *)&target->address, target->len) ||
	    read(fd, &unused, 1) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* The next connection. Returns 0, or negative errno. */
static int serve_target(struct exercise *e, const struct target *target)
{
	int err;

	e->errors[target->way] = target->error;
	if (target->error)
		return 0;
	err = wait_until_asleep(e->pid);
	if (!err)
		err = connect_to(target);
	if (!err)
		e->made[e->made_cnt++] = target->way;
	return err;
}

int exercise__run(struct exercise *e)
{
	struct target target;
	int err = 0, status = 0;

	if (write(e->control, "", 1) != 1)
		err = -errno;
	while (!err) {
		if (read(e->control, &target, sizeof(target)) != sizeof(target))
			err = -EPIPE;
		if (err || !target.len)
			break;
		err = serve_target(e, &target);
	}
	close(e->control);
	if (err)
		kill(e->pid, SIGKILL);
	waitpid(e->pid, &status, 0);
	return err ? err : status ? -ECHILD : 0;
}
