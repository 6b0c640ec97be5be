/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Length, smallest code point and payload bits by the first byte; 0 for a byte that begins none. */
static size_t lead_byte(unsigned char byte, uint32_t *smallest, uint32_t *bits)
{
	if (byte < 0x80) {
		*smallest = 0;
		*bits = byte;
		return 1;
	}
	if ((byte & 0xe0) == 0xc0) {
		*smallest = 0x80;
		*bits = byte & 0x1f;
		return 2;
	}
	if ((byte & 0xf0) == 0xe0) {
		*smallest = 0x800;
		*bits = byte & 0x0f;
		return 3;
	}
	if ((byte & 0xf8) == 0xf0) {
		*smallest = 0x10000;
		*bits = byte & 0x07;
		return 4;
	}
	return 0;
}

uint32_t text__code_point(const char *text, size_t *len)
{
	uint32_t smallest, code_point;
	size_t want = lead_byte((unsigned char)text[0], &smallest, &code_point);

	*len = 0;
	/* The terminating NUL is no continuation byte: the loop never reads past it. */
	for (size_t i = 1; i < want; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		code_point = code_point << 6 | (byte & 0x3f);
	}
	/* Longer forms than needed, surrogates and what is beyond Unicode are no UTF-8. */
	if (want == 0 || code_point == 0 || code_point < smallest || code_point > 0x10ffff)
		return 0;
	if (code_point >= 0xd800 && code_point <= 0xdfff)
		return 0;
	*len = want;
	return code_point;
}

/* Characters that control the terminal, or that make a line look like something else. */
static bool is_harmful(uint32_t code_point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},       /* C0 */
		{0x7f, 0x9f},       /* DEL and C1: some terminals obey U+009B as they do ESC [ */
		{0xad, 0xad},       /* soft hyphen */
		{0x61c, 0x61c},     /* Arabic letter mark */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* line and paragraph separator, bidirectional embedding */
		{0x2060, 0x206f},   /* invisible operators, bidirectional isolates */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff9, 0xfffb},   /* interlinear annotation */
		{0xfffe, 0xffff},   /* noncharacters */
		{0xe0000, 0xe0fff}, /* tags: invisible text */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code_point >= ranges[i].first && code_point <= ranges[i].last)
			return true;
	}
	return false;
}

size_t text__take(const char **from, char piece[TEXT_PIECE_SIZE])
{
	const char *text = *from;
	uint32_t code_point;
	size_t len;

	piece[0] = '\0';
	if (text[0] == '\0')
		return 0;
	code_point = text__code_point(text, &len);
	if (len == 0 || is_harmful(code_point) || (text[0] == '\\' && text[1] == 'x')) {
		/* One byte only: what is left of a longer character is no UTF-8 by itself. */
		*from = text + 1;
		snprintf(piece, TEXT_PIECE_SIZE, "\\x%02x", (unsigned char)text[0]);
		return 4;
	}
	*from = text + len;
	memcpy(piece, text, len);
	piece[len] = '\0';
	return len;
}

char *text__harmless(const char *text)
{
	const char *from = text ? text : "";
	char piece[TEXT_PIECE_SIZE];
	char *whole, *to;
	size_t len;

	whole = malloc(strlen(from) * (TEXT_PIECE_SIZE - 1) + 1);
	if (!whole)
		return NULL;
	to = whole;
	while ((len = text__take(&from, piece)) > 0) {
		memcpy(to, piece, len);
		to += len;
	}
	*to = '\0';
	return whole;
}

static const char micro[] = "µ";

char *text__plain(const char *text)
{
	char *whole = malloc(strlen(text) * 4 + 1), *to = whole;

	if (!whole)
		return NULL;
	while (*text) {
		if ((unsigned char)*text < 0x80) {
			*to++ = *text++;
		} else if (!strncmp(text, micro, sizeof(micro) - 1)) {
			*to++ = 'u';
			text += sizeof(micro) - 1;
		} else {
			to += sprintf(to, "\\x%02x", (unsigned char)*text++);
		}
	}
	*to = '\0';
	return whole;
}

void text__print(FILE *out, const char *text)
{
	const char *from = text ? text : "";
	char piece[TEXT_PIECE_SIZE];

	while (text__take(&from, piece) > 0)
		fputs(piece, out);
}

/* Whole numbers only: printf's %f would take the decimal point from the locale. */
void text__duration(char *to, int64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000, "µs"}, {1000000, "ms"}, {1000000000, "s"}};
	static const size_t unit_cnt = sizeof(units) / sizeof(units[0]);
	uint64_t time_ns = (uint64_t)ns;

	if (ns < 0) {
		snprintf(to, TEXT_DURATION_SIZE, "-");
		return;
	}
	if (time_ns < 1000) {
		snprintf(to, TEXT_DURATION_SIZE, "%" PRIu64 " ns", time_ns);
		return;
	}
	for (size_t i = 0; i < unit_cnt; i++) {
		uint64_t unit = units[i].ns;
		uint64_t tenths = (time_ns + unit / 20) / (unit / 10);
		uint64_t whole = (time_ns + unit / 2) / unit;

		if (tenths < 100) {
			snprintf(to, TEXT_DURATION_SIZE, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
				 tenths % 10, units[i].name);
			return;
		}
		if (whole < 1000 || i == unit_cnt - 1) {
			snprintf(to, TEXT_DURATION_SIZE, "%" PRIu64 " %s", whole, units[i].name);
			return;
		}
	}
}
