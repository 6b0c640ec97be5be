/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Makes bytes of the traced system fit to print. A task may call itself anything, escape sequences
 * for the reader's terminal included. What comes out of here is one line of valid UTF-8: bytes that
 * are no valid UTF-8, control characters and characters that only steer the layout (bidirectional
 * overrides and the like) are written as \xNN. A backslash before an x is written so too, hence
 * \xNN always stands for the byte NN.
 *
 * Nothing here looks at the locale: the same recording has the same report everywhere.
 * NULL is taken as the empty text.
 */
#ifndef HERDTRACE_BASE_TEXT_H
#define HERDTRACE_BASE_TEXT_H

#include <stdint.h>
#include <stdio.h>

#define TEXT_PIECE_SIZE    5  /* a character of UTF-8 or \xNN, and NUL */
#define TEXT_DURATION_SIZE 32 /* any duration, and NUL */

/*
 * Takes the next character off *from and writes it, harmless and terminated, to piece. Returns its
 * length in bytes, 0 at the end of the text. *from must not be NULL.
 */
size_t text__take(const char **from, char piece[TEXT_PIECE_SIZE]);

/* The whole text, harmless; the caller frees it. NULL: no memory. */
char *text__harmless(const char *text);

/* Nothing but ASCII is left: "us" of "µs", \xNN of others. What is harmless stays so; the caller frees it. */
char *text__plain(const char *text);

/* Writes the harmless text. Errors are left in the stream: ferror(). */
void text__print(FILE *out, const char *text);

/*
 * The code point of one valid UTF-8 character, and its length in *len. 0: these bytes are none
 * (or the text ended); *len is 0 then.
 */
uint32_t text__code_point(const char *text, size_t *len);

/* Writes "850 ns", "4.2 µs", "88 µs", "1.5 ms", "12 s" to TEXT_DURATION_SIZE bytes; negative: "-". */
void text__duration(char *to, int64_t ns);

#endif
