// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its macros have names such as clear and lines: functions only. */
#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>

#include "print/terminal.h"

struct screen {
	SCREEN *term;
	FILE *in; /* stdin, or opened */
	bool has_color;
};

bool screen__is_possible(void)
{
	const char *move;
	int err;

	if (!terminal__is_smart(stdout) || setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return false;
	move = tigetstr("cup");
	del_curterm(cur_term);
	return move && move != (char *)-1;
}

/* Where the locale of the environment is not installed, but is one of UTF-8, the terminal takes that all the same. */
static void set_characters(void)
{
	setlocale(LC_CTYPE, "");
	if (!terminal__is_ascii(stdout) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static void set_up_colors(struct screen *s, bool color)
{
	static const short of[TOP_STYLE_CNT] = {
		[TOP_RED] = COLOR_RED, [TOP_YELLOW] = COLOR_YELLOW, [TOP_GREEN] = COLOR_GREEN};

	s->has_color = color && has_colors();
	if (!s->has_color)
		return;
	start_color();
	use_default_colors();
	for (short i = TOP_RED; i <= TOP_GREEN; i++)
		init_pair(i, of[i], -1);
}

struct screen *screen__open(bool color)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->in = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
	set_characters();
	/* LINES and COLUMNS of the environment are as old as the shell. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	s->term = newterm(NULL, stdout, s->in ? s->in : stdin);
	if (!s->term) {
		screen__close(s);
		return NULL;
	}
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_up_colors(s, color);
	return s;
}

void screen__close(struct screen *s)
{
	if (!s)
		return;
	if (s->term) {
		endwin();
		delscreen(s->term);
	}
	if (s->in && s->in != stdin)
		fclose(s->in);
	free(s);
}

int screen__fd(const struct screen *s)
{
	return s->in ? fileno(s->in) : -1;
}

void screen__measure(const struct screen *s, unsigned *width, unsigned *height)
{
	(void)s;
	*width = getmaxx(stdscr);
	*height = getmaxy(stdscr);
}

/* ---- showing ---- */

static attr_t attributes(const struct screen *s, enum top_style style)
{
	switch (style) {
	case TOP_BOLD: return A_BOLD;
	case TOP_REVERSE: return A_REVERSE;
	case TOP_RED:
	case TOP_YELLOW:
	case TOP_GREEN: return s->has_color ? COLOR_PAIR(style) | A_BOLD : A_BOLD;
	case TOP_PLAIN:
	case TOP_STYLE_CNT: break;
	}
	return A_NORMAL;
}

static void put(const struct screen *s, const char *text, size_t len, enum top_style style)
{
	attrset(attributes(s, style));
	addnstr(text, (int)len);
}

void screen__show(struct screen *s, const struct top_page *page)
{
	erase();
	for (size_t i = 0; i < page->cnt; i++) {
		const struct top_line *line = &page->at[i];
		size_t end = line->mark + line->mark_len;

		if (move((int)i, 0) == ERR)
			break;
		put(s, line->text, line->mark, line->style);
		put(s, line->text + line->mark, line->mark_len, line->mark_style);
		put(s, line->text + end, strlen(line->text + end), line->style);
	}
	attrset(A_NORMAL);
	refresh();
}

/* ---- keys ---- */

static int key_of(int key)
{
	switch (key) {
	case KEY_UP: return TOP_KEY_UP;
	case KEY_DOWN: return TOP_KEY_DOWN;
	case KEY_PPAGE: return TOP_KEY_PAGE_UP;
	case KEY_NPAGE: return TOP_KEY_PAGE_DOWN;
	case KEY_HOME: return TOP_KEY_HOME;
	case KEY_RESIZE: return TOP_KEY_RESIZED;
	}
	return key < 256 ? key : 0;
}

/* A terminal that has gone away is readable for ever. */
static bool is_gone(const struct screen *s)
{
	struct pollfd in = {.fd = screen__fd(s)};

	return in.fd >= 0 && poll(&in, 1, 0) > 0 && (in.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int screen__key(struct screen *s, bool *gone)
{
	int key = getch();

	*gone = key == ERR && is_gone(s);
	/* ncurses has its own mind of what is on the screen, which may have been written over. */
	if (key == 12)
		clearok(curscr, TRUE);
	return key == ERR ? -1 : key_of(key);
}
