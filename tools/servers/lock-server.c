// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * lock-server: workers take turns, under a lock, at a blocking accept (Apache's prefork way).
 *
 * One worker waits on the listener, the others wait for the lock: one wake per connection by the
 * listener, and one by whoever hands the lock on. The herd is not gone but moved, so it matters how
 * the lock wakes: fcntl and flock wake one waiter, and so does the futex under a mutex.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>

static const char doc[] = "Lock server: workers sleep in accept one at a time, under a lock.";

struct settings {
	int listener;
	int how; /* 'f', or the key of an option */
	int file;
	pthread_mutex_t *mutex; /* in memory that the workers share */
};

static const struct argp_option own_options[] = {
	{"flock", 'l', NULL, 0, "The lock is flock; default: fcntl (F_SETLKW)", 0},
	{"mutex", 'm', NULL, 0, "The lock is a process-shared pthread mutex", 0},
	{0},
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	(void)arg;
	if (key != 'l' && key != 'm')
		return ARGP_ERR_UNKNOWN;
	settings->how = key;
	return 0;
}

static void make_lock(struct settings *settings)
{
	const int prot = PROT_READ | PROT_WRITE;
	pthread_mutexattr_t attr;

	settings->file = memfd_create("lock-server", MFD_CLOEXEC);
	if (settings->file < 0 || ftruncate(settings->file, sizeof(*settings->mutex)))
		err(1, "cannot make the lock file");
	settings->mutex = mmap(NULL, sizeof(*settings->mutex), prot, MAP_SHARED, settings->file, 0);
	if (settings->mutex == MAP_FAILED)
		err(1, "cannot map the mutex");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(settings->mutex, &attr);
}

/* flock belongs to the open file description: each worker needs one of its own. */
static int open_again(int file)
{
	char path[32];
	int own;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	own = open(path, O_RDWR | O_CLOEXEC);
	if (own < 0)
		err(1, "cannot open the lock file by %s", path);
	return own;
}

static void lock(const struct settings *settings, int file)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (settings->how == 'm') {
		if (pthread_mutex_lock(settings->mutex) == EOWNERDEAD) /* it guards no data */
			pthread_mutex_consistent(settings->mutex);
		return;
	}
	while (settings->how == 'l' ? flock(file, LOCK_EX) : fcntl(file, F_SETLKW, &whole))
		if (errno != EINTR)
			err(1, "cannot take the lock");
}

static void unlock(const struct settings *settings, int file)
{
	struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	if (settings->how == 'm')
		pthread_mutex_unlock(settings->mutex);
	else if (settings->how == 'l' ? flock(file, LOCK_UN) : fcntl(file, F_SETLK, &whole))
		err(1, "cannot release the lock");
}

static void work(struct worker *worker, void *arg)
{
	const struct settings *settings = arg;

	int file = settings->file;

	if (settings->how == 'l')
		worker->own_fd = file = open_again(file);
	for (;;) {
		int connection;

		lock(settings, file);
		connection = worker__accept(settings->listener);
		unlock(settings, file);
		worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	const struct argp own = {.options = own_options, .parser = parse_own};
	struct settings settings = {.how = 'f'};
	struct server_options options;

	server__parse(&options, argc, argv, doc, &own, &settings);
	if (options.threads && settings.how == 'f')
		errx(2, "fcntl locks are per process: --threads needs --flock or --mutex");
	make_lock(&settings);
	settings.listener = server__listen(&options, 0);
	return server__run(&options, work, &settings);
}
