// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* accept-client: connects to a server, sends it one line, and closes. */
#include <argp.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct settings {
	const char *host;
	const char *message;
	const char *port;
};

static const struct argp_option option_table[] = {
	{"port", 'p', "P", 0, "TCP port (default 8888)", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case 'p': settings->port = arg; break;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "too many arguments");
		*(state->arg_num ? &settings->message : &settings->host) = arg;
		break;
	case ARGP_KEY_END:
		if (!settings->message)
			argp_error(state, "HOST and MESSAGE are needed");
		break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int connect_to(const struct settings *settings)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list, *address;
	int fd = -1;
	int gai_err = getaddrinfo(settings->host, settings->port, &hints, &list);

	if (gai_err)
		errx(1, "cannot find %s:%s: %s", settings->host, settings->port,
		     gai_strerror(gai_err));
	for (address = list; address; address = address->ai_next) {
		fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && !connect(fd, address->ai_addr, address->ai_addrlen))
			break;
		if (!address->ai_next)
			err(1, "cannot connect to %s:%s", settings->host, settings->port);
		close(fd);
	}
	freeaddrinfo(list);
	return fd;
}

/* One send for the line and its newline: the server need not wait for a second packet. */
static void send_line(int fd, const char *message)
{
	size_t len = strlen(message) + 1;
	char *line = malloc(len);

	if (!line)
		err(1, "cannot send the message");
	memcpy(line, message, len - 1);
	line[len - 1] = '\n';
	for (size_t done = 0; done < len;) {
		ssize_t n = send(fd, line + done, len - done, MSG_NOSIGNAL);

		if (n < 0)
			err(1, "cannot send the message");
		done += n;
	}
	free(line);
}

int main(int argc, char **argv)
{
	const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.args_doc = "HOST MESSAGE",
		.doc = "Sends one line to a server.",
	};
	struct settings settings = {.port = "8888"};
	int fd;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &settings);
	fd = connect_to(&settings);
	send_line(fd, settings.message);
	close(fd);
	return 0;
}
