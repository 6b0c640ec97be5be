// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* accept-client: connects to a server, over TCP or AF_UNIX, sends it one line, and closes. */
#include <argp.h>
#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix-address.h"

struct settings {
	const char *words[2]; /* of the command line: [HOST] MESSAGE */
	unsigned int word_cnt;
	const char *host; /* TCP only */
	const char *message;
	const char *port;
	const char *unix_path; /* NULL: TCP */
};

enum { OPT_UNIX = 0x100 };

static const struct argp_option option_table[] = {
	{"port", 'p', "P", 0, "TCP port (default 8888)", 0},
	{"unix", OPT_UNIX, "PATH", 0, "AF_UNIX; '@NAME' is an abstract address", 0},
	{0},
};

static void check_settings(struct settings *settings, struct argp_state *state)
{
	struct sockaddr_un address;
	int err = settings->unix_path ? unix_address__parse(settings->unix_path, &address) : 0;

	if (err < 0)
		argp_error(state, "bad socket path '%s': %s", settings->unix_path, strerror(-err));
	if (settings->unix_path && settings->word_cnt != 1)
		argp_error(state, "with --unix, MESSAGE alone is needed");
	if (!settings->unix_path && settings->word_cnt != 2)
		argp_error(state, "HOST and MESSAGE are needed");
	settings->host = settings->words[0];
	settings->message = settings->words[settings->word_cnt - 1];
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case 'p': settings->port = arg; break;
	case OPT_UNIX: settings->unix_path = arg; break;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "too many arguments");
		settings->words[settings->word_cnt++] = arg;
		break;
	case ARGP_KEY_END: check_settings(settings, state); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int connect_unix(const struct settings *settings)
{
	struct sockaddr_un address;
	socklen_t len = unix_address__parse(settings->unix_path, &address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, len))
		err(1, "cannot connect to %s", settings->unix_path);
	return fd;
}

static int connect_tcp(const struct settings *settings)
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
		.args_doc = "HOST MESSAGE\n--unix PATH MESSAGE",
		.doc = "Sends one line to a server.",
	};
	struct settings settings = {.port = "8888"};
	int fd;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &settings);
	fd = settings.unix_path ? connect_unix(&settings) : connect_tcp(&settings);
	send_line(fd, settings.message);
	close(fd);
	return 0;
}
