// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/xml.h"

#include "base/text.h"

static const char *entity_of(char byte)
{
	switch (byte) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&apos;";
	default: return NULL;
	}
}

void xml__text(FILE *out, const char *text)
{
	const char *from = text ? text : "";
	char piece[TEXT_PIECE_SIZE];

	while (text__take(&from, piece)) {
		const char *entity = entity_of(piece[0]);

		fputs(entity ? entity : piece, out);
	}
}

void xml__attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	xml__text(out, text);
	fputc('"', out);
}
