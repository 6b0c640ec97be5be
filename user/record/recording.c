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

/*
 * Reads one record into buffer, which holds UINT16_MAX bytes. Returns its length, 0 at the end, or
 * -EBADMSG when the file ends in the middle of it.
 */
static int read_record(FILE *file, char *buffer)
{
	struct record_header header;
	size_t got = fread(&header, 1, sizeof(header), file);

	if (got == 0 && feof(file))
		return 0;
	if (got != sizeof(header))
		return -EBADMSG;
	memcpy(buffer, &header, sizeof(header));
	if (header.len > sizeof(header) &&
	    fread(buffer + sizeof(header), header.len - sizeof(header), 1, file) != 1)
		return -EBADMSG;
	return header.len > sizeof(header) ? header.len : (int)sizeof(header);
}

static int complain(struct error *error, const char *name, uint64_t at, const char *what, int err)
{
	return error__set(error, FAULT_INPUT, err, "%s: record %llu: %s", name,
			  (unsigned long long)at, what);
}

int recording__read(FILE *file, const char *name, struct stream *stream, struct error *error)
{
	_Alignas(8) char buffer[UINT16_MAX + 1];
	uint64_t before = stream->records, cnt = 0;
	const char *why;
	bool ended = false;
	int len, err = read_head(file, name, error);

	if (err)
		return err;
	while ((len = read_record(file, buffer)) > 0 && !ended) {
		err = stream__push(stream, buffer, len);
		cnt = stream->records - before;
		if (err)
			return complain(error, name, cnt + 1,
					stream->why ? stream->why : strerror(-err), err);
		ended = ((struct record_header *)buffer)->type == RECORD_END;
	}
	if (len > 0) {
		if (record__check(buffer, len, &why) >= 0)
			why = "it goes on after its end record";
		return complain(error, name, cnt + 1, why, -EBADMSG);
	}
	if (len < 0)
		return complain(error, name, cnt + 1, "cut short in the middle of a record", len);
	if (!ended)
		return error__set(error, FAULT_INPUT, -EBADMSG,
				  "%s: cut short: it has no end record after %llu records", name,
				  (unsigned long long)cnt);
	return 0;
}
