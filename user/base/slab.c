// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/slab.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN
#endif

/*
 * Under AddressSanitizer who uses what was given back, or what lies beside an object, is found as with malloc(): there is
 * a gap between objects, and what was given back is taken again only after some others that were, the oldest first.
 */
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define REST 64
#define GAP  16
#else
#define ASAN_POISON_MEMORY_REGION(at, size)
#define ASAN_UNPOISON_MEMORY_REGION(at, size)
#define REST 0
#define GAP  0
#endif

#define CHUNK_BYTES 16384

struct slab_chunk {
	struct slab_chunk *next;
	void *pad; /* objects lie as malloc() would have put them */
	char objects[];
};

static int add_chunk(struct slab *s)
{
	size_t cnt = CHUNK_BYTES / (s->size + GAP);
	struct slab_chunk *chunk;

	if (!cnt)
		cnt = 1;
	chunk = calloc(1, sizeof(*chunk) + cnt * (s->size + GAP));
	if (!chunk)
		return -1;
	ASAN_POISON_MEMORY_REGION(chunk->objects, cnt * (s->size + GAP));
	chunk->next = s->chunks;
	s->chunks = chunk;
	s->fresh = chunk->objects;
	s->fresh_cnt = cnt;
	return 0;
}

void *slab__take_given(struct slab *s)
{
	void *object = s->given;

	if (!object)
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(object, s->size);
	s->given = *(void **)object;
	s->given_cnt--;
	return object;
}

void *slab__take(struct slab *s)
{
	void *object = s->given_cnt > REST ? slab__take_given(s) : NULL;

	if (object)
		return object;
	if (!s->fresh_cnt && add_chunk(s))
		return NULL;
	object = s->fresh;
	ASAN_UNPOISON_MEMORY_REGION(object, s->size);
	s->fresh += s->size + GAP;
	s->fresh_cnt--;
	return object;
}

static void give_first(struct slab *s, void *object)
{
	*(void **)object = s->given;
	s->given = object;
}

static void give_last(struct slab *s, void *object)
{
	*(void **)object = NULL;
	if (s->given) {
		ASAN_UNPOISON_MEMORY_REGION(s->given_last, sizeof(void *));
		*(void **)s->given_last = object;
		ASAN_POISON_MEMORY_REGION(s->given_last, sizeof(void *));
	} else {
		s->given = object;
	}
	s->given_last = object;
}

/* The last one that was given back is the first to be taken: it is in the cache. */
void slab__give(struct slab *s, void *object)
{
	if (REST)
		give_last(s, object);
	else
		give_first(s, object);
	s->given_cnt++;
	ASAN_POISON_MEMORY_REGION(object, s->size);
}

void slab__drop(struct slab *s)
{
	struct slab_chunk *chunk;

	while ((chunk = s->chunks)) {
		s->chunks = chunk->next;
		free(chunk);
	}
	*s = (struct slab){.size = s->size};
}
