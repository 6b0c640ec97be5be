// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "record/recording.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "record/check.h"

int recording__begin(FILE *file)
{
	struct record_file_head head = {
		.magic = RECORD_FILE_MAGIC,
		.byte_order = RECORD_BYTE_ORDER,
		.version = RECORD_VERSION,
	};

	return fwrite(&head, sizeof(head), 1, file) == 1 ? 0 : -EIO;
}

int recording__take(void *file, const struct record_header *record)
{
	errno = 0;
	if (fwrite(record, 1, record->len, file) == record->len)
		return 0;
	return errno ? -errno : -EIO;
}

static int read_head(FILE *file, const char *name, struct error *error)
{
	struct record_file_head head;

	if (fread(&head, sizeof(head), 1, file) != 1 ||
	    memcmp(head.magic, RECORD_FILE_MAGIC, sizeof(head.magic)))
		return error__set(error, FAULT_INPUT, -EBADMSG,
				  "%s: not a herdtrace recording (made with --record?)", name);
	if (head.byte_order != RECORD_BYTE_ORDER)
		return error__set(
			error, FAULT_INPUT, -EBADMSG,
			"%s: recorded on a machine of the other byte order; report it there", name);
	if (head.version < 1 || head.version > RECORD_VERSION)
		return error__set(error, FAULT_INPUT, -EBADMSG,
				  "%s: recording version %u, this herdtrace reads versions 1 to %u",
				  name, head.version, RECORD_VERSION);
	return 0;
}

/* What stops the reading in the middle of a file. */
static int explain_reading(const char **why)
{
	int error = errno ? errno : EIO;

	*why = strerror(error);
	return -error;
}

/* The file ends in the middle of a record. With a header that no record has, that is garbage. */
static int check_cut(const struct record_header *header, const char **why)
{
	*why = record__check_header(header);
	return *why ? -EBADMSG : 0;
}

/* Bytes of a file on their way, so that a record is seldom copied and never read by itself. */
struct reader {
	FILE *file;
	size_t at, len; /* of the bytes: what comes next, and where they end */
	_Alignas(8) char bytes[4 * (UINT16_MAX + 1)];
};

/* Are there so many bytes, at most those of a record? Whatever else is read has a place as well. */
static bool has_bytes(struct reader *r, size_t cnt)
{
	if (r->len - r->at >= cnt)
		return true;
	/* Every record begins where 8 divides: one that does not was the last. */
	r->len -= r->at;
	memmove(r->bytes, r->bytes + r->at, r->len);
	r->at = 0;
	errno = 0;
	r->len += fread(r->bytes + r->len, 1, sizeof(r->bytes) - r->len, r->file);
	return r->len >= cnt;
}

/*
 * The length of the next record, which is at bytes + at then; 0 at the end, which may be in the middle of it;
 * or negative errno with what is wrong.
 */
static int next_record(struct reader *r, const char **why)
{
	const struct record_header *header;

	if (!has_bytes(r, sizeof(*header)))
		return ferror(r->file) ? explain_reading(why) : 0;
	header = (const void *)(r->bytes + r->at);
	if (header->len <= sizeof(*header))
		return sizeof(*header);
	if (has_bytes(r, header->len))
		return ((const struct record_header *)(r->bytes + r->at))->len;
	header = (const void *)(r->bytes + r->at);
	return ferror(r->file) ? explain_reading(why) : check_cut(header, why);
}

static int complain(struct error *error, const char *name, uint64_t at, const char *what, int err)
{
	return error__set(error, FAULT_INPUT, err, "%s: record %llu: %s", name,
			  (unsigned long long)at, what);
}

int recording__read(FILE *file, const char *name, struct stream *stream, struct error *error)
{
	struct reader r = {.file = file};
	uint64_t cnt = 0;
	const char *why = "";
	bool ended = false;
	int len = 0, err = read_head(file, name, error);

	if (err)
		return err;
	while (!ended && (len = next_record(&r, &why)) > 0) {
		const struct record_header *record = (const void *)(r.bytes + r.at);

		cnt++;
		err = stream__push(stream, record, len);
		if (err)
			return complain(error, name, cnt,
					stream->why ? stream->why : strerror(-err), err);
		ended = record->type == RECORD_END;
		r.at += len;
	}
	if (len < 0)
		return complain(error, name, cnt + 1, why, len);
	if (ended && has_bytes(&r, 1))
		return complain(error, name, cnt + 1, "it goes on after its end record", -EBADMSG);
	return 0;
}
