// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What the programs cannot forget themselves: connections of a listener that was closed before they were accepted. */
#include <errno.h>
#include <stdlib.h>

#include "tracer/state.h"

/* Is the listener of this connection gone? */
static bool is_orphan(const struct tracer *t, int fd, uint64_t child)
{
	char state[256];
	uint64_t listener;

	return !bpf_map_lookup_elem(fd, &child, &listener) &&
	       bpf_map_lookup_elem(bpf_map__fd(t->skel->maps.listeners), &listener, state) ==
		       -ENOENT;
}

void tracer__note_closed(struct tracer *t, const void *record, size_t size)
{
	const struct record_header *header = record;

	if (size >= sizeof(*header) && header->type == RECORD_UNLISTEN)
		t->has_orphans = true;
}

/*
 * The next key is asked for before an orphan is deleted. When that one is gone by then, the kernel begins anew with
 * the first: the number of turns is what ends it.
 */
void tracer__purge(struct tracer *t)
{
	const struct bpf_map *map = t->skel->maps.queued;
	uint32_t turns = t->has_orphans ? bpf_map__max_entries(map) : 0;
	int fd = bpf_map__fd(map);
	uint64_t key, next;
	bool more;

	t->has_orphans = false;
	more = turns && !bpf_map_get_next_key(fd, NULL, &next);
	while (more && turns--) {
		key = next;
		more = !bpf_map_get_next_key(fd, &key, &next);
		if (is_orphan(t, fd, key))
			bpf_map_delete_elem(fd, &key);
	}
}
