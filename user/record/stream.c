// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "record/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "model/model.h"

static const uint16_t record_size[RECORD_TYPE_CNT] = {
	[RECORD_META] = sizeof(struct record_meta),
	[RECORD_TASK] = sizeof(struct record_task),
	[RECORD_LISTEN] = sizeof(struct record_listen),
	[RECORD_UNLISTEN] = sizeof(struct record_unlisten),
	[RECORD_SELECT] = sizeof(struct record_select),
	[RECORD_ARRIVAL] = sizeof(struct record_arrival),
	[RECORD_REFUSED] = sizeof(struct record_refused),
	[RECORD_WAITER] = sizeof(struct record_waiter),
	[RECORD_WALK] = sizeof(struct record_walk),
	[RECORD_WAKE] = sizeof(struct record_wake),
	[RECORD_RUN] = sizeof(struct record_run),
	[RECORD_ACCEPT] = sizeof(struct record_accept),
	[RECORD_RETURN] = sizeof(struct record_return),
	[RECORD_SLEEP] = sizeof(struct record_sleep),
	[RECORD_END] = sizeof(struct record_end),
	[RECORD_PATH] = sizeof(struct record_path),
	[RECORD_MIGRATE] = sizeof(struct record_migrate),
};

static bool endpoint_ok(const struct record_endpoint *e)
{
	return e->family == AF_INET || e->family == AF_INET6 || e->family == AF_UNIX;
}

static bool in_range(uint32_t value, uint32_t first, uint32_t end)
{
	return value >= first && value < end;
}

static const char *check_meta(const struct record_meta *m)
{
	if (!in_range(m->key, META_RELEASE, META_KEY_CNT))
		return "unknown setting";
	if (m->header.len != sizeof(*m) + (m->text_len + 7) / 8 * 8)
		return "text of another length than its record";
	return NULL;
}

/* Fields that the model uses as an index or prints by name. */
static const char *check_fields(const union record_any *r)
{
	switch (r->header.type) {
	case RECORD_META: return check_meta(&r->meta);
	case RECORD_TASK:
		return in_range(r->task.event, TASK_SEEN, TASK_EVENT_CNT) ? NULL
									  : "unknown task event";
	case RECORD_LISTEN: return endpoint_ok(&r->listen.local) ? NULL : "unknown address family";
	case RECORD_SELECT: return endpoint_ok(&r->select.peer) ? NULL : "unknown address family";
	case RECORD_ARRIVAL:
		return endpoint_ok(&r->arrival.peer) && endpoint_ok(&r->arrival.local)
			       ? NULL
			       : "unknown address family";
	case RECORD_WAITER:
		return in_range(r->waiter.cause, CAUSE_ACCEPT, CAUSE_CNT) ? NULL : "unknown cause";
	case RECORD_WAKE:
		return in_range(r->wake.cause, CAUSE_ACCEPT, CAUSE_CNT) ? NULL : "unknown cause";
	case RECORD_PATH:
		return memchr(r->path.path, '\0', RECORD_PATH_LEN) ? NULL : "a path without an end";
	case RECORD_ACCEPT: return r->accept.error <= 0 ? NULL : "impossible error number";
	case RECORD_RETURN: return in_range(r->ret.call, 0, CALL_CNT) ? NULL : "unknown call";
	case RECORD_SLEEP: return in_range(r->sleep.call, 0, CALL_CNT) ? NULL : "unknown call";
	default: return NULL;
	}
}

int record__check(const void *data, size_t size, const char **why)
{
	const union record_any *r = data;
	const struct record_header *h = data;

	*why = "record cut short";
	if (size < sizeof(*h) || h->len < sizeof(*h) || h->len > size)
		return -EBADMSG;
	*why = "unknown record type";
	if (!in_range(h->type, RECORD_META, RECORD_TYPE_CNT))
		return -EBADMSG;
	*why = "record of the wrong length";
	if (h->len % 8 || (h->type == RECORD_META ? h->len < record_size[h->type]
						  : h->len != record_size[h->type]))
		return -EBADMSG;
	*why = check_fields(r);
	return *why ? -EBADMSG : h->len;
}

int stream__push(struct stream *stream, const void *data, size_t size)
{
	const char *why;
	int len;

	if (stream->error)
		return stream->error;
	len = record__check(data, size, &why);
	if (len < 0) {
		log_error("the kernel side sent a malformed record: %s", why);
		return stream->error = len;
	}
	if (stream->recording && fwrite(data, 1, len, stream->recording) != (size_t)len)
		return stream->error = errno ? -errno : -EIO;
	stream->records++;
	return stream->error = model__add(stream->model, data);
}

int stream__push_meta(struct stream *stream, enum meta_key key, const char *text)
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
	return stream__push(stream, &r, r.meta.header.len);
}

int recording__begin(FILE *file)
{
	struct record_file_head head = {
		.magic = RECORD_FILE_MAGIC,
		.byte_order = RECORD_BYTE_ORDER,
		.version = RECORD_VERSION,
	};

	return fwrite(&head, sizeof(head), 1, file) == 1 ? 0 : -EIO;
}

static int read_head(FILE *file, const char *name)
{
	struct record_file_head head;

	if (fread(&head, sizeof(head), 1, file) != 1 ||
	    memcmp(head.magic, RECORD_FILE_MAGIC, sizeof(head.magic))) {
		log_error("%s: not a herdtrace recording (made with --record?)", name);
		return -EBADMSG;
	}
	if (head.byte_order != RECORD_BYTE_ORDER) {
		log_error("%s: recorded on a machine of the other byte order; report it there",
			  name);
		return -EBADMSG;
	}
	if (head.version != RECORD_VERSION) {
		log_error("%s: recording version %u, this herdtrace reads version %u", name,
			  head.version, RECORD_VERSION);
		return -EBADMSG;
	}
	return 0;
}

/* Reads one record into buffer, which holds UINT16_MAX bytes. Returns 1, 0 at the end, < 0. */
static int read_record(FILE *file, char *buffer, const char **why)
{
	struct record_header header;
	size_t got = fread(&header, 1, sizeof(header), file);
	int len;

	*why = "cut short in the middle of a record";
	if (got == 0 && feof(file))
		return 0;
	if (got != sizeof(header))
		return -EBADMSG;
	memcpy(buffer, &header, sizeof(header));
	if (header.len > sizeof(header) &&
	    fread(buffer + sizeof(header), header.len - sizeof(header), 1, file) != 1)
		return -EBADMSG;
	len = record__check(buffer, header.len, why);
	return len < 0 ? len : 1;
}

int recording__read(FILE *file, const char *name, struct model *model)
{
	_Alignas(8) char buffer[UINT16_MAX + 1];
	const char *why = NULL;
	uint64_t cnt = 0;
	bool ended = false;
	int err = read_head(file, name);

	if (err)
		return err;
	while ((err = read_record(file, buffer, &why)) > 0 && !ended) {
		cnt++;
		ended = ((struct record_header *)buffer)->type == RECORD_END;
		err = model__add(model, (struct record_header *)buffer);
		if (err) {
			log_error("%s: record %llu: %s", name, (unsigned long long)cnt,
				  strerror(-err));
			return err;
		}
	}
	if (err > 0) {
		why = "it goes on after its end record";
		err = -EBADMSG;
	}
	if (err) {
		log_error("%s: record %llu: %s", name, (unsigned long long)cnt + 1, why);
		return err;
	}
	if (!ended) {
		log_error("%s: cut short: it has no end record after %llu records", name,
			  (unsigned long long)cnt);
		return -EBADMSG;
	}
	return 0;
}
