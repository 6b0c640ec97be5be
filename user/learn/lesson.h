/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A lesson: commands, and what each must print. docs/lessons/README.md has the format of its files. The texts beside it
 * (en.md, zh.md) say what that means, in one language each: learn/page.h.
 */
#ifndef HERDTRACE_LEARN_LESSON_H
#define HERDTRACE_LEARN_LESSON_H

#include "base/error.h"
#include "base/vector.h"
#include "verify/claim.h"

/* What a value must be: either exactly this text, or a number from least to most. */
struct lesson_bounds {
	const char *is;
	const char *least, *most; /* one may be NULL */
};

struct lesson_value {
	const char *name;
	const char *what; /* where it is to be found: learn/value.h */
	struct lesson_bounds bounds;
	enum feature_id feature; /* of a kernel without it, other must hold */
	struct lesson_bounds other;
};

struct lesson_step {
	const char *name;
	const char *command; /* for a shell, as the reader would type it */
	VECTOR(struct lesson_value) values;
};

#define LESSON_LANGUAGES 2

extern const char *const lesson_languages[LESSON_LANGUAGES];

struct lesson {
	void *document;  /* all texts point into it */
	char *directory; /* where its files are */
	char *name;      /* that of the directory */
	const char *titles[LESSON_LANGUAGES];
	VECTOR(struct lesson_step) steps;
};

/* Reads DIRECTORY/NAME/lesson.json. Returns 0, or negative errno and an error; then there is nothing to free. */
int lesson__load(struct lesson *lesson, const char *directory, const char *name,
		 struct error *error);
void lesson__free(struct lesson *lesson);

/* NULL: it has no step of that name. */
const struct lesson_step *lesson__find_step(const struct lesson *lesson, const char *name);

#endif
