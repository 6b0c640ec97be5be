// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * leader-server: leader and followers. One thread, the leader, sleeps in accept. When it has a
 * connection it promotes a follower first and handles the connection then.
 *
 * The listener has one waiter: one wake per connection, and one more by the promotion, a futex wake
 * of one follower. No connection changes hands, unlike with a queue.
 */
#include "server.h"

static const char doc[] = "Leader/followers server: one thread sleeps in accept, the rest follow.";

struct team {
	int listener;
	pthread_mutex_t lock;
	pthread_cond_t vacancy;
	bool led;
};

static void lead(struct team *team)
{
	pthread_mutex_lock(&team->lock);
	while (team->led)
		pthread_cond_wait(&team->vacancy, &team->lock);
	team->led = true;
	pthread_mutex_unlock(&team->lock);
}

static void promote_follower(struct team *team)
{
	pthread_mutex_lock(&team->lock);
	team->led = false;
	pthread_mutex_unlock(&team->lock);
	pthread_cond_signal(&team->vacancy);
}

static void work(struct worker *worker, void *arg)
{
	struct team *team = arg;

	for (;;) {
		int connection;

		lead(team);
		connection = worker__accept(team->listener);
		promote_follower(team);
		worker__handle(worker, connection);
	}
}

int main(int argc, char **argv)
{
	struct team team = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.vacancy = PTHREAD_COND_INITIALIZER,
	};
	struct server_options options;

	server__parse(&options, argc, argv, doc, NULL, NULL);
	options.threads = true; /* the workers of this design always are */
	team.listener = server__listen(&options, 0);
	return server__run(&options, work, &team);
}
