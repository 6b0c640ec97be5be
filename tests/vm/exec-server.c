// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * exec-server: its second thread accepts two connections and then executes this program again, which
 * accepts two more and ends. So the number of a task goes over to another one while it is traced.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 8888 /* as every reference server */

static int make_listener(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 16))
		err(1, "cannot listen");
	return fd;
}

static void accept_two(int listener)
{
	for (int i = 0; i < 2; i++) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			err(1, "cannot accept");
		close(fd);
	}
}

static void *execute(void *arg)
{
	const int *listener = arg;
	char number[16];

	accept_two(*listener);
	snprintf(number, sizeof(number), "%d", *listener);
	execl("/proc/self/exe", "exec-server", number, NULL);
	err(1, "cannot execute");
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int listener;

	if (argc > 1) {
		accept_two(atoi(argv[1]));
		return 0;
	}
	listener = make_listener();
	if (pthread_create(&thread, NULL, execute, &listener))
		errx(1, "cannot start a thread");
	for (;;)
		pause();
}
