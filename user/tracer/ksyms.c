// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/ksyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Further than this behind a symbol is something else: a trampoline, a BPF program. */
#define LONGEST_FUNCTION 0x10000

struct symbol {
	uint64_t address;
	const char *name;
};

struct ksyms {
	char *text;             /* the names live in here */
	struct symbol *symbols; /* by address */
	size_t cnt;
};

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = ((const struct symbol *)a)->address, y = ((const struct symbol *)b)->address;

	return (x > y) - (x < y);
}

static char *read_all(FILE *f)
{
	size_t room = 1 << 20, len = 0, got;
	char *text = malloc(room), *larger;

	while (text && (got = fread(text + len, 1, room - len - 1, f))) {
		len += got;
		if (len + 1 < room)
			continue;
		larger = realloc(text, room *= 2);
		if (!larger)
			free(text);
		text = larger;
	}
	if (text && ferror(f)) {
		free(text);
		return NULL;
	}
	if (text)
		text[len] = '\0';
	return text;
}

/* "ffffffff81000000 t name [module]": functions and data of the kernel itself. */
static bool parse_line(char *line, struct symbol *s)
{
	char *end;

	s->address = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	s->name = end + 3;
	return *s->name && !s->name[strcspn(s->name, " \t")];
}

static int parse_text(struct ksyms *k)
{
	size_t room = 0;

	for (char *line = k->text, *next; line && *line; line = next) {
		struct symbol s;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(line, &s))
			continue;
		if (k->cnt == room) {
			struct symbol *larger;

			room = room ? room * 2 : 1 << 17;
			larger = reallocarray(k->symbols, room, sizeof(*larger));
			if (!larger)
				return -ENOMEM;
			k->symbols = larger;
		}
		k->symbols[k->cnt++] = s;
	}
	return k->cnt ? 0 : -ENODATA;
}

/* The kernel lists them by address: mostly there is nothing to do, and only a look costs nothing. */
static void sort(struct ksyms *k)
{
	for (size_t i = 1; i < k->cnt; i++) {
		if (k->symbols[i - 1].address <= k->symbols[i].address)
			continue;
		qsort(k->symbols, k->cnt, sizeof(*k->symbols), compare_addresses);
		return;
	}
}

static int read_symbols(struct ksyms *k, FILE *f)
{
	int err;

	k->text = read_all(f);
	if (!k->text)
		return -errno;
	err = parse_text(k);
	if (!err)
		sort(k);
	return err;
}

struct ksyms *ksyms__parse(FILE *f)
{
	struct ksyms *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return NULL;
	err = read_symbols(k, f);
	if (err) {
		ksyms__free(k);
		errno = -err;
		return NULL;
	}
	return k;
}

struct ksyms *ksyms__load(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	struct ksyms *k;
	int err;

	if (!f)
		return NULL;
	k = ksyms__parse(f);
	err = errno;
	fclose(f);
	errno = err;
	return k;
}

void ksyms__free(struct ksyms *k)
{
	if (!k)
		return;
	free(k->symbols);
	free(k->text);
	free(k);
}

/* Few are asked for: to sort them all by name costs more. */
static const struct symbol *find(const struct ksyms *k, const char *name)
{
	for (size_t i = 0; i < k->cnt; i++)
		if (!strcmp(k->symbols[i].name, name))
			return &k->symbols[i];
	return NULL;
}

bool ksyms__has(const struct ksyms *k, const char *name)
{
	return find(k, name);
}

uint64_t ksyms__address(const struct ksyms *k, const char *name)
{
	const struct symbol *s = find(k, name);

	return s ? s->address : 0;
}

bool ksyms__are_hidden(const struct ksyms *k)
{
	return !k->cnt || !k->symbols[k->cnt - 1].address;
}

const char *ksyms__name(const struct ksyms *k, uint64_t address)
{
	size_t low = 0, high = k->cnt;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (k->symbols[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || !k->symbols[low - 1].address ||
	    address - k->symbols[low - 1].address > LONGEST_FUNCTION)
		return NULL;
	return k->symbols[low - 1].name;
}
