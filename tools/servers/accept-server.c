// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * accept-server: prefork. One listener, made before the workers; each sleeps in accept.
 *
 * A blocking accept waits as an exclusive entry at the tail of the listener's wait queue: the walk
 * ends at the first task it really wakes. One wake per connection, the workers in turn.
 *
 * --int80: by the system call that a 32-bit program makes (x86-64 only). The kernel does not ask what else
 * the program is.
 */
#include "server.h"

#include <errno.h>

static const char doc[] = "Prefork server: every worker sleeps in accept on one listener.";

struct settings {
	int listener;
	bool int80;
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != '8')
		return ARGP_ERR_UNKNOWN;
	((struct settings *)state->input)->int80 = true;
	return 0;
}

static int accept_int80(int listener)
{
	int result = -ENOSYS;
#ifdef __x86_64__
	const int accept4_of_i386 = 364;

	/* NOLINTNEXTLINE(bugprone-infinite-loop): the instruction writes the result */
	do
		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "a"(accept4_of_i386), "b"(listener), "c"(0), "d"(0),
				   "S"(SOCK_CLOEXEC)
				 : "memory", "r8", "r9", "r10", "r11");
	while (result == -EINTR || result == -ECONNABORTED);
#else
	(void)listener;
#endif
	if (result >= 0)
		return result;
	errno = -result;
	err(1, "cannot accept with int 0x80");
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;
	int listener = settings->listener;

	for (;;)
		worker__handle(worker,
			       settings->int80 ? accept_int80(listener) : worker__accept(listener));
}

int main(int argc, char **argv)
{
	static const struct argp_option own_options[] = {
		{"int80", '8', NULL, 0, "Accept as a 32-bit program does", 0},
		{0},
	};
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {0};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	settings.listener = server__listen(&options, 0);
	return server__run(&options, work, &settings);
}
