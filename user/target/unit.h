/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Units of systemd: what their names are in full, and whether there is such a unit, by the file system alone. */
#ifndef HERDTRACE_TARGET_UNIT_H
#define HERDTRACE_TARGET_UNIT_H

#include <stdbool.h>

/* What systemd allows, with its zero. */
#define UNIT_NAME_SIZE 256

/*
 * The name in full: "nginx" is nginx.service, and "php8.2-fpm" is php8.2-fpm.service, as what follows its dot is no type
 * of unit. False: it is too long for a unit.
 */
bool unit__complete(char to[UNIT_NAME_SIZE], const char *name);

/* root: "", or below what the system's files are. Also where it is an instance ("web@one.service") of a template. */
bool unit__is_installed(const char *root, const char *unit);

/* The unit that a name is an alias of (a link to its file): the name itself where it is none. */
void unit__resolve(char to[UNIT_NAME_SIZE], const char *root, const char *unit);

#endif
