// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * herdtrace-http: answers GET /metrics for a tracer, whose listening socket and channel (http/channel.h) it finds open.
 * Started without privileges, it reads what anybody sends, and can do nothing but that: all it gets of the
 * traced system are finished texts. It ends with the channel.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/clock.h"
#include "http/channel.h"
#include "http/negotiate.h"

/* A client that says nothing for so long goes. Longer than most pause between two scrapes. */
#define IDLE_SEC        75
#define CONNECTIONS_MAX 64
/* Of each connection, for what it sends: no request has more to say. */
#define REQUEST_BYTES_MAX (16 * 1024)
/* So new a text is good for the next who asks: whatever comes, the tracer makes only few. */
#define FRESH_NS (200 * NS_PER_MS)
/* Prometheus waits for ten seconds, if not told otherwise. */
#define PATIENCE_NS    (5 * NS_PER_SEC)
#define TEXT_BYTES_MAX (64u << 20)

/* A request that waits for a text. */
struct request {
	struct MHD_Connection *connection;
	uint64_t since_ns;
	bool asleep;
	struct request *next;
};

struct server {
	struct MHD_Daemon *daemon;
	struct request *requests;
	char *text[HTTP_FORMAT_CNT];
	size_t size[HTTP_FORMAT_CNT];
	uint64_t taken_ns; /* when the texts came, 0: none have yet */
	bool asked;
};

static const char *const content_types[HTTP_FORMAT_CNT] = {
	[HTTP_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
	[HTTP_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/* ---- answers ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
			      const char *text, size_t size)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
		MHD_add_response_header(response, "Allow", "GET, HEAD");
		/* Nobody reads what else was to come. */
		MHD_add_response_header(response, "Connection", "close");
	}
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_line(struct MHD_Connection *connection, unsigned status,
				   const char *line)
{
	return answer(connection, status, "text/plain; charset=utf-8", line, strlen(line));
}

static enum MHD_Result answer_metrics(const struct server *s, struct MHD_Connection *connection)
{
	enum http_format format =
		negotiate(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"));

	return answer(connection, MHD_HTTP_OK, content_types[format], s->text[format],
		      s->size[format]);
}

static void ask(struct server *s)
{
	const char want = HTTP_WANT;

	/* A channel that is full has been asked. */
	if (!s->asked)
		send(HTTP_CHANNEL_FD, &want, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	s->asked = true;
}

static enum MHD_Result wait_for_text(struct server *s, struct MHD_Connection *connection,
				     void **state)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return MHD_NO;
	*request = (struct request){
		.connection = connection,
		.since_ns = clock__now_ns(),
		.asleep = true,
		.next = s->requests,
	};
	s->requests = request;
	*state = request;
	ask(s);
	MHD_suspend_connection(connection);
	return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *size, void **state)
{
	struct server *s = arg;
	const struct request *request = *state;
	uint64_t now = clock__now_ns();

	(void)version, (void)data, (void)size;
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		return answer_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD only\n");
	if (!strcmp(url, "/"))
		return answer_line(connection, MHD_HTTP_OK, "herdtrace: see /metrics\n");
	if (strcmp(url, "/metrics"))
		return answer_line(connection, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
	if (s->taken_ns &&
	    (now - s->taken_ns < FRESH_NS || (request && s->taken_ns >= request->since_ns)))
		return answer_metrics(s, connection);
	if (request)
		return answer_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				   "herdtrace does not answer: it has not begun, or hangs\n");
	return wait_for_text(s, connection, state);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct server *s = arg;
	struct request *request = *state, **at = &s->requests;

	(void)connection, (void)code;
	*state = NULL;
	if (!request)
		return;
	while (*at && *at != request)
		at = &(*at)->next;
	if (*at)
		*at = request->next;
	free(request);
}

/* Those that have waited since then or longer. */
static void wake_requests(struct server *s, uint64_t since_ns)
{
	for (struct request *r = s->requests; r; r = r->next)
		if (r->asleep && r->since_ns <= since_ns) {
			r->asleep = false;
			MHD_resume_connection(r->connection);
		}
}

/* ---- the channel ---- */

static bool read_text(struct server *s, int fd, const struct http_news *news)
{
	char *text[HTTP_FORMAT_CNT] = {NULL};
	uint64_t at = 0;
	bool complete = true;

	for (int f = 0; f < HTTP_FORMAT_CNT; f++) {
		uint64_t size = news->size[f];

		text[f] = size <= TEXT_BYTES_MAX ? malloc(size + 1) : NULL;
		complete &= text[f] && pread(fd, text[f], size, at) == (ssize_t)size;
		at += size;
	}
	for (int f = 0; f < HTTP_FORMAT_CNT; f++) {
		char *old = complete ? s->text[f] : text[f];

		if (complete) {
			s->text[f] = text[f];
			s->size[f] = news->size[f];
		}
		free(old);
	}
	return complete;
}

/* Returns false when the tracer is gone. */
static bool take_news(struct server *s)
{
	struct http_news news;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {&news, sizeof(news)};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(HTTP_CHANNEL_FD, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	int fd;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return false;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	if (got == sizeof(news) && read_text(s, fd, &news))
		s->taken_ns = clock__now_ns();
	close(fd);
	s->asked = false;
	wake_requests(s, s->taken_ns);
	return true;
}

/* ---- serving ---- */

/* In ms; -1: nothing is due. */
static int next_due(const struct server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;
	uint64_t now = clock__now_ns();
	int due = MHD_get_timeout(s->daemon, &ms) == MHD_YES ? (ms < 60000 ? (int)ms : 60000) : -1;

	for (const struct request *r = s->requests; r; r = r->next) {
		uint64_t end = r->since_ns + PATIENCE_NS;
		int left = end > now ? (int)((end - now) / NS_PER_MS) + 1 : 0;

		if (r->asleep && (due < 0 || left < due))
			due = left;
	}
	return due;
}

static void serve(struct server *s)
{
	struct pollfd fds[] = {
		{.fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		 .events = POLLIN},
		{.fd = HTTP_CHANNEL_FD, .events = POLLIN},
	};

	for (;;) {
		if (poll(fds, 2, next_due(s)) < 0 && errno != EINTR)
			return;
		if (fds[1].revents && !take_news(s))
			return;
		wake_requests(s, clock__now_ns() - PATIENCE_NS);
		MHD_run(s->daemon);
		/* Who asked while another's answer was on its way is not answered with that. */
		for (const struct request *r = s->requests; r; r = r->next)
			if (r->asleep)
				ask(s);
	}
}

static struct MHD_Daemon *start(struct server *s)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
				s, MHD_OPTION_LISTEN_SOCKET, HTTP_LISTEN_FD,
				MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SEC,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_BYTES_MAX,
				MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
	const char ready = HTTP_READY;
	struct server server = {0};

	if (argc > 1 || getsockopt(HTTP_CHANNEL_FD, SOL_SOCKET, SO_TYPE, &(int){0},
				   &(socklen_t){sizeof(int)})) {
		fprintf(stderr, "%s: 'herdtrace metrics' starts this program\n", argv[0]);
		return 2;
	}
	/* Who was started as an open file is called by its number on some kernels (5.10). */
	prctl(PR_SET_NAME, "herdtrace-http");
	signal(SIGPIPE, SIG_IGN);
	server.daemon = start(&server);
	if (!server.daemon || send(HTTP_CHANNEL_FD, &ready, 1, MSG_NOSIGNAL) != 1)
		return 1;
	serve(&server);
	/* What waits would keep the daemon from ending. */
	return 0;
}
