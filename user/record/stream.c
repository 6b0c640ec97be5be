// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "record/stream.h"

#include <assert.h>
#include <string.h>

#include "record/check.h"

void stream__add_sink(struct stream *s, record_sink take, void *arg)
{
	assert(s->sink_cnt < STREAM_SINKS_MAX);
	s->sinks[s->sink_cnt].take = take;
	s->sinks[s->sink_cnt++].arg = arg;
}

static int hand_on(struct stream *s, const struct record_header *record)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->sink_cnt; i++)
		err = s->sinks[i].take(s->sinks[i].arg, record);
	s->records += !err;
	return err;
}

/* Of an older version: what it does not say is 0. */
static int hand_on_short(struct stream *s, const struct record_header *record)
{
	union record_any whole = {0};

	memcpy(&whole, record, record->len);
	whole.header.len = record__size(record->type);
	return hand_on(s, &whole.header);
}

int stream__push(struct stream *s, const void *data, size_t size)
{
	const struct record_header *h = data;
	int len;

	if (s->error)
		return s->error;
	len = record__check(data, size, &s->why);
	if (len < 0)
		return s->error = len;
	if (record__is_skipped(h))
		return 0;
	if ((size_t)len < record__size(h->type))
		return s->error = hand_on_short(s, h);
	return s->error = hand_on(s, h);
}

int stream__push_meta(struct stream *s, enum meta_key key, const char *text)
{
	struct {
		struct record_meta meta;
		char text[4096];
	} r = {0};
	size_t len = strlen(text);

	if (len > sizeof(r.text))
		len = sizeof(r.text);
	memcpy(r.text, text, len);
	r.meta.header.type = RECORD_META;
	r.meta.header.len = sizeof(r.meta) + (len + 7) / 8 * 8;
	r.meta.key = key;
	r.meta.text_len = len;
	return stream__push(s, &r, r.meta.header.len);
}
