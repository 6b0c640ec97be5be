// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * crowd serve FILE WORKERS
 * crowd load FILE CLIENTS SECONDS
 *
 * A server whose workers sleep in accept, and clients that give it no rest. Who connects notes the time in
 * FILE, by its port; who accepts finds it there. The load ends with
 *
 *   time NS ns         per connection
 *   wait-p50 NS ns
 *   wait-p99 NS ns     from connect() to the return of accept
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT       8888
#define FIRST_PORT 20000
#define PORTS_EACH 2000 /* of a client, taken in turn */
#define CLIENT_MAX 20
#define WAIT_MAX   (1u << 18)
#define WARM_UP_NS 200000000ull

struct notes {
	uint64_t begun_ns[65536]; /* by the client's port */
	uint32_t wait_cnt;
	uint64_t waits_ns[WAIT_MAX];
	uint64_t counting; /* after the warm-up */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static struct notes *open_notes(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *memory;

	if (fd < 0 || ftruncate(fd, sizeof(struct notes)))
		err(1, "%s", path);
	memory = mmap(NULL, sizeof(struct notes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	return memory;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* A TCP socket at this port of ours. */
static int bound_socket(uint16_t port)
{
	const struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		err(1, "cannot bind port %u", port);
	return fd;
}

/* ---- the server ---- */

static void note_wait(struct notes *notes, uint16_t port, uint64_t now)
{
	uint32_t at;

	if (!__atomic_load_n(&notes->counting, __ATOMIC_RELAXED))
		return;
	at = __atomic_fetch_add(&notes->wait_cnt, 1, __ATOMIC_RELAXED);
	if (at < WAIT_MAX)
		notes->waits_ns[at] = now - notes->begun_ns[port];
}

static void work(struct notes *notes, int listener)
{
	struct sockaddr_in peer;
	socklen_t len;
	char line[16];

	for (;;) {
		int fd = (len = sizeof(peer), accept(listener, (struct sockaddr *)&peer, &len));

		if (fd < 0 && errno == ECONNABORTED)
			continue;
		if (fd < 0)
			err(1, "accept");
		note_wait(notes, ntohs(peer.sin_port), now_ns());
		while (read(fd, line, sizeof(line)) > 0)
			;
		close(fd);
	}
}

static int serve(struct notes *notes, unsigned workers)
{
	int listener = bound_socket(PORT);

	if (listen(listener, SOMAXCONN))
		err(1, "listen");
	while (workers--)
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(notes, listener);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* ---- the clients ---- */

static void connect_once(struct notes *notes, uint16_t port)
{
	const struct sockaddr_in to = loopback(PORT);
	/* Closed by a reset: the port is free again. */
	const struct linger at_once = {.l_onoff = 1};
	int fd = bound_socket(port);
	char answer[16];

	notes->begun_ns[port] = now_ns();
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) || write(fd, "x\n", 2) != 2 ||
	    shutdown(fd, SHUT_WR))
		err(1, "cannot connect");
	while (read(fd, answer, sizeof(answer)) > 0)
		;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(1, "SO_LINGER");
	close(fd);
}

static void hurry(struct notes *notes, unsigned client, uint64_t end_ns)
{
	for (unsigned i = 0; now_ns() < end_ns; i++)
		connect_once(notes, FIRST_PORT + client * PORTS_EACH + i % PORTS_EACH);
	_exit(0);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_result(struct notes *notes, double seconds)
{
	uint32_t cnt = notes->wait_cnt;

	if (!cnt || cnt > WAIT_MAX)
		errx(1, "%u connections: too few or too many", cnt);
	qsort(notes->waits_ns, cnt, sizeof(*notes->waits_ns), by_size);
	printf("time %.0f ns\n", seconds * 1e9 / cnt);
	printf("wait-p50 %llu ns\n", (unsigned long long)notes->waits_ns[cnt / 2]);
	printf("wait-p99 %llu ns\n", (unsigned long long)notes->waits_ns[cnt / 100 * 99]);
}

static int load(struct notes *notes, unsigned clients, unsigned seconds)
{
	uint64_t begin = now_ns() + WARM_UP_NS, end = begin + seconds * 1000000000ull;
	int status;

	notes->wait_cnt = 0;
	for (unsigned i = 0; i < clients; i++)
		if (!fork())
			hurry(notes, i, end);
	usleep(WARM_UP_NS / 1000);
	begin = now_ns();
	notes->counting = 1;
	while (wait(&status) > 0)
		if (status)
			errx(1, "a client failed");
	notes->counting = 0;
	print_result(notes, (now_ns() - begin) / 1e9);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(open_notes(argv[2]), strtoul(argv[3], NULL, 10));
	if (argc == 5 && !strcmp(argv[1], "load") && strtoul(argv[3], NULL, 10) <= CLIENT_MAX)
		return load(open_notes(argv[2]), strtoul(argv[3], NULL, 10),
			    strtoul(argv[4], NULL, 10));
	errx(2, "usage: crowd serve FILE WORKERS | load FILE CLIENTS SECONDS");
}
