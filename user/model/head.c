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
	default: return NULL;
	}
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

int model__add_meta(struct model *m, const struct record_meta *r)
{
	char *text = strndup((const char *)(r + 1), r->text_len);
	char **slot;
	int err;

	if (!text)
		return -ENOMEM;
	if (r->key == META_HOOK) {
		err = add_hook(m, text);
		free(text);
		return err;
	}
	slot = meta_slot(m, r->key);
	if (!slot) {
		free(text);
		return -ENOMEM;
	}
	free(*slot);
	*slot = text;
	return 0;
}
