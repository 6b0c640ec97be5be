// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What is said about the run itself: settings, hooks, the command, notes. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

static char **meta_slot(struct model *m, enum meta_key key)
{
	switch (key) {
	case META_RELEASE: return &m->release;
	case META_ARCH: return &m->arch;
	case META_MODE: return &m->mode;
	case META_SERVER_EXIT: return &m->server_exit;
	case META_ARGUMENT: return vector_add(&m->command);
	case META_NOTE: return vector_add(&m->notes);
	case META_SHORTFALL: return &m->shortfall;
	case META_VERSION: return &m->version;
	case META_HOST: return &m->host;
	default: return NULL;
	}
}

/* Takes the text; NULL: there was no memory for it. */
static int keep_text(struct model *m, enum meta_key key, char *text)
{
	char **slot = text ? meta_slot(m, key) : NULL;

	if (!slot) {
		free(text);
		return -ENOMEM;
	}
	free(*slot);
	*slot = text;
	return 0;
}

/* "FUNCTION HOW" */
static int add_hook(struct model *m, char *text)
{
	struct report_hook *hook = vector_add(&m->hooks);
	char *space = strrchr(text, ' ');

	if (!hook)
		return -ENOMEM;
	hook->how = strdup(space ? space + 1 : "");
	if (space)
		*space = '\0';
	hook->function = strdup(text);
	return hook->how && hook->function ? 0 : -ENOMEM;
}

/* Where a number is kept, NULL for what is no number. */
static uint64_t *number_slot(struct model *m, enum meta_key key)
{
	switch (key) {
	case META_ASKED: return &m->asked;
	case META_BEGUN: return &m->begun_ns;
	case META_ENDED: return &m->ended_ns;
	default: return NULL;
	}
}

int model__add_meta(struct model *m, const struct record_meta *r)
{
	char *text = strndup((const char *)(r + 1), r->text_len);
	uint64_t *number = number_slot(m, r->key);
	int err = text ? 0 : -ENOMEM;

	if (!err && r->key == META_HOOK)
		err = add_hook(m, text);
	else if (!err && number)
		*number = strtoull(text, NULL, 10);
	else if (!err && r->key == META_SHORTFALL)
		err = keep_text(m, META_NOTE, strdup(text));
	if (err || r->key == META_HOOK || number) {
		free(text);
		return err;
	}
	return keep_text(m, r->key, text);
}
