// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* AF_UNIX addresses as server and client take them on the command line. */
#include "unix-address.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

int unix_address__parse(const char *text, struct sockaddr_un *address)
{
	size_t len = strlen(text);
	int abstract = *text == '@';

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!text[abstract])
		return -EINVAL;
	if (len >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memcpy(address->sun_path, text, len);
	/* An abstract name begins with a NUL and ends with the address: a NUL there would count. */
	if (abstract)
		address->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + len + !abstract;
}
