// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "http/negotiate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* A piece of a header, without the blanks around it. */
struct piece {
	const char *at;
	size_t len;
};

/* The next piece up to the separator. Returns false at the end. */
static bool take(const char **from, char separator, struct piece *piece)
{
	const char *end;

	if (!*from)
		return false;
	end = strchrnul(*from, separator);
	piece->at = *from + strspn(*from, BLANKS);
	if (piece->at > end)
		piece->at = end;
	piece->len = end - piece->at;
	while (piece->len && strchr(BLANKS, piece->at[piece->len - 1]))
		piece->len--;
	*from = *end ? end + 1 : NULL;
	return true;
}

static bool is(const struct piece *piece, const char *word)
{
	return piece->len == strlen(word) && !strncasecmp(piece->at, word, piece->len);
}

static bool begins(const struct piece *piece, const char *word)
{
	return piece->len >= strlen(word) && !strncasecmp(piece->at, word, strlen(word));
}

/* One range of types: how much each format is liked by it, -1: it says nothing of it. */
struct range {
	double quality;
	bool other_version; /* of OpenMetrics than ours */
};

/* A number that cannot be read is taken as 0: what nobody understands is not asked for. */
static double read_quality(const struct piece *piece)
{
	double quality = strtod(piece->at + 2, NULL);

	return quality >= 0 && quality <= 1 ? quality : 0;
}

static void read_parameter(struct range *range, const struct piece *piece)
{
	if (begins(piece, "q="))
		range->quality = read_quality(piece);
	else if (begins(piece, "version="))
		range->other_version =
			!is(piece, "version=1.0.0") && !is(piece, "version=\"1.0.0\"");
}

/* How much plain text is liked; what is named as a whole counts like what is named by itself. */
static bool is_text(const struct piece *type)
{
	return is(type, "text/plain") || is(type, "text/*") || is(type, "*/*");
}

static void read_range(const struct piece *whole, double *text, double *open)
{
	struct range range = {.quality = 1};
	char copy[256];
	const char *rest = copy;
	struct piece type, parameter;

	if (whole->len >= sizeof(copy))
		return;
	memcpy(copy, whole->at, whole->len);
	copy[whole->len] = '\0';
	take(&rest, ';', &type);
	while (take(&rest, ';', &parameter))
		read_parameter(&range, &parameter);
	if (is_text(&type) && range.quality > *text)
		*text = range.quality;
	if (is(&type, "application/openmetrics-text") && !range.other_version &&
	    range.quality > *open)
		*open = range.quality;
}

enum http_format negotiate(const char *accept)
{
	double text = 0, open = 0;
	struct piece range;

	while (take(&accept, ',', &range))
		read_range(&range, &text, &open);
	return open > 0 && open >= text ? HTTP_OPENMETRICS : HTTP_PROMETHEUS;
}
