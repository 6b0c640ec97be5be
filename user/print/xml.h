/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Texts in XML, between elements or in an attribute. Any bytes: what XML forbids never comes out. */
#ifndef HERDTRACE_PRINT_XML_H
#define HERDTRACE_PRINT_XML_H

#include <stdio.h>

/* Made harmless (base/text.h), so without control characters, then escaped. Errors are left in the stream. */
void xml__text(FILE *out, const char *text);

/* ' name="text"' */
void xml__attribute(FILE *out, const char *name, const char *text);

#endif
