// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/lesson.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lesson_languages[LESSON_LANGUAGES] = {"en", "zh"};

static const struct {
	const char *word;
	enum feature_id feature;
} features[] = {
	{"uring-exclusive", FEATURE_URING_EXCLUSIVE}, {"uring-multishot", FEATURE_URING_MULTISHOT},
	{"incoming-cpu", FEATURE_INCOMING_CPU},       {"migrate", FEATURE_MIGRATE},
	{"queue-entries", FEATURE_QUEUE_ENTRIES},
};

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static struct lesson_bounds read_bounds(const json_t *object)
{
	return (struct lesson_bounds){text_of(object, "is"), text_of(object, "least"),
				      text_of(object, "most")};
}

static bool is_bound(const struct lesson_bounds *b)
{
	return b->is ? !b->least && !b->most : b->least || b->most;
}

/* FEATURE_CNT: there is none of that name. */
static enum feature_id find_feature(const char *word)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (!strcmp(features[i].word, word))
			return features[i].feature;
	return FEATURE_CNT;
}

/* NULL, or what is wrong with it. */
static const char *read_value(struct lesson_value *v, const json_t *object)
{
	const char *needs = text_of(object, "needs");

	v->name = text_of(object, "name");
	v->what = text_of(object, "value");
	v->bounds = read_bounds(object);
	if (!v->name || !v->what)
		return "a value without a name or a value";
	if (!is_bound(&v->bounds))
		return "a value wants either 'is', or 'least' and 'most'";
	if (!needs)
		return NULL;
	v->feature = find_feature(needs);
	v->other = read_bounds(json_object_get(object, "without"));
	if (v->feature == FEATURE_CNT)
		return "a value needs a feature that is not known";
	return is_bound(&v->other) ? NULL : "a value that needs a feature wants 'without'";
}

static const char *read_step(struct lesson_step *s, const json_t *object)
{
	json_t *each;
	size_t i;

	s->name = text_of(object, "name");
	s->command = text_of(object, "command");
	if (!s->name || !s->command)
		return "a step without a name or a command";
	json_array_foreach (json_object_get(object, "values"), i, each) {
		struct lesson_value *v = vector_add(&s->values);
		const char *wrong = v ? read_value(v, each) : "out of memory";

		if (wrong)
			return wrong;
	}
	return s->values.cnt ? NULL : "a step that asserts nothing";
}

static const char *read_lesson(struct lesson *l)
{
	json_t *each;
	size_t i;

	for (i = 0; i < LESSON_LANGUAGES; i++) {
		l->titles[i] = text_of(json_object_get(l->document, "title"), lesson_languages[i]);
		if (!l->titles[i])
			return "no title in every language";
	}
	json_array_foreach (json_object_get(l->document, "steps"), i, each) {
		struct lesson_step *s = vector_add(&l->steps);
		const char *wrong = s ? read_step(s, each) : "out of memory";

		if (wrong)
			return wrong;
	}
	return l->steps.cnt ? NULL : "no steps";
}

int lesson__load(struct lesson *l, const char *directory, const char *name, struct error *error)
{
	json_error_t reason = {0};
	const char *wrong = "out of memory";
	char *path = NULL;

	*l = (struct lesson){.name = strdup(name)};
	if (asprintf(&l->directory, "%s/%s", directory, name) < 0)
		l->directory = NULL;
	if (l->name && l->directory && asprintf(&path, "%s/lesson.json", l->directory) > 0) {
		l->document = json_load_file(path, JSON_REJECT_DUPLICATES, &reason);
		wrong = l->document ? read_lesson(l) : reason.text;
	}
	free(path);
	if (!wrong)
		return 0;
	error__set(error, FAULT_INPUT, -EINVAL, "cannot use the lesson %s: %s", name, wrong);
	lesson__free(l);
	return -EINVAL;
}

void lesson__free(struct lesson *l)
{
	for (size_t i = 0; i < l->steps.cnt; i++)
		free(l->steps.at[i].values.at);
	free(l->steps.at);
	free(l->directory);
	free(l->name);
	json_decref(l->document);
	*l = (struct lesson){0};
}

const struct lesson_step *lesson__find_step(const struct lesson *l, const char *name)
{
	for (size_t i = 0; i < l->steps.cnt; i++)
		if (!strcmp(l->steps.at[i].name, name))
			return &l->steps.at[i];
	return NULL;
}
