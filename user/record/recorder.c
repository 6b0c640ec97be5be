// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "record/recorder.h"

#include <errno.h>

#include "record/recording.h"

int recorder__open(struct recorder *r, const char *name, struct error *error)
{
	int err;

	*r = RECORDER_CLOSED;
	err = outfile__open(&r->file, name, error);
	if (err)
		return err;
	r->file.keeps_part = true;
	r->error = recording__begin(r->file.stream);
	recorder__flush(r);
	return 0;
}

void recorder__flush(struct recorder *r)
{
	if (!r->error && fflush(r->file.stream))
		r->error = -errno;
}

int recorder__take(void *recorder, const struct record_header *record)
{
	struct recorder *r = recorder;

	if (!r->error)
		r->error = recording__take(r->file.stream, record);
	return 0;
}

int recorder__finish(struct recorder *r, struct error *error)
{
	struct error why = {0};
	int err = outfile__finish(&r->file, r->error, "", &why);

	return err ? error__set(error, FAULT_DATA, err, "the recording failed: %s", why.text) : 0;
}

void recorder__leave(struct recorder *r, struct error *error)
{
	if (r->error) {
		recorder__finish(r, error);
		return;
	}
	error__set(error, FAULT_DATA, -ENODATA,
		   "the run broke off: what there is of the recording is in %s",
		   r->file.part ? r->file.part : r->file.name);
	outfile__leave(&r->file);
}

void recorder__discard(struct recorder *r)
{
	outfile__discard(&r->file);
}
