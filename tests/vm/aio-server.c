// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * aio-server: waits for connections with Linux AIO (IOCB_CMD_POLL), whose wait queue entries are of a kind that
 * herdtrace does not know. By system call: no library is wanted for one test.
 */
#include <linux/aio_abi.h>
#include <poll.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "listener.h"

static void wait_for_one(aio_context_t context, int listener)
{
	struct iocb poll = {
		.aio_lio_opcode = IOCB_CMD_POLL,
		.aio_fildes = listener,
		.aio_buf = POLLIN,
	};
	struct iocb *polls[] = {&poll};
	struct io_event event;

	if (syscall(SYS_io_submit, context, 1, polls) != 1)
		err(1, "cannot submit");
	if (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
		err(1, "cannot wait");
}

int main(void)
{
	int listener = make_listener(16), fd;
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 4, &context))
		err(1, "cannot set up");
	for (;;) {
		wait_for_one(context, listener);
		while ((fd = accept(listener, NULL, NULL)) >= 0)
			close(fd);
	}
}
