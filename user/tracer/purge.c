// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/purge.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "bpf/listener_state.h"
#include "bpf/record.h"

bool purge__is_due(const void *record, size_t size)
{
	const struct record_header *header = record;

	return size >= sizeof(*header) && header->type == RECORD_UNLISTEN;
}

/* Is its listener gone? Where that cannot be told, it stays. */
static bool is_orphan(int queued_fd, int listeners_fd, uint64_t child)
{
	struct queued_connection connection;
	struct listener_state listener;
	int err;

	if (bpf_map_lookup_elem(queued_fd, &child, &connection))
		return false;
	err = bpf_map_lookup_elem(listeners_fd, &connection.listener, &listener);
	if (err)
		return err == -ENOENT;
	return !queued_connection__waits_at(&connection, &listener);
}

/*
 * The next key is asked for before an orphan is deleted. When that one is gone by then, the kernel begins anew with
 * the first: the number of turns is what ends it.
 */
void purge__orphans(int queued_fd, int listeners_fd, uint32_t room)
{
	uint64_t key, next;
	bool more = !bpf_map_get_next_key(queued_fd, NULL, &next);
	while (more && room--) {
		key = next;
		more = !bpf_map_get_next_key(queued_fd, &key, &next);
		if (is_orphan(queued_fd, listeners_fd, key))
			bpf_map_delete_elem(queued_fd, &key);
	}
}
