/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* All lessons, in their order. */
#ifndef HERDTRACE_LEARN_COURSE_H
#define HERDTRACE_LEARN_COURSE_H

#include "learn/lesson.h"

struct course {
	VECTOR(struct lesson) lessons;
};

/* Finds and reads them. Returns 0, or negative errno and an error; free it in any case. */
int course__load(struct course *course, struct error *error);
void course__free(struct course *course);

/* By its number, from 1, or by its name with or without the number in it. NULL: there is none. */
const struct lesson *course__find(const struct course *course, const char *which);

/* Which of lesson_languages the environment's locale asks for: 0, English, where it asks for none of them. */
unsigned course__language(void);

#endif
