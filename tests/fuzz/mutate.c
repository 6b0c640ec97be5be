// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * How recordings are damaged: record by record, so that most of them are still read. Tasks, listeners
 * and arrivals are taken from elsewhere in the recording, and the END mostly counts what is there.
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "story.h"

#define PIECES_MAX 2048
#define PIECE_SIZE 256 /* a longer record is left out */

struct piece {
	_Alignas(8) char bytes[PIECE_SIZE];
};

/* A recording in pieces. */
static struct {
	struct record_file_head head;
	struct piece pool[PIECES_MAX];
	uint16_t order[PIECES_MAX], cnt, pool_cnt;
	uint64_t seed;
} recording;

static uint32_t below(uint32_t limit)
{
	return limit ? draw(&recording.seed, limit) : 0;
}

static struct record_header *record_at(unsigned place)
{
	return (struct record_header *)recording.pool[recording.order[place]].bytes;
}

/* ---- taking apart, putting together ---- */

static void insert(unsigned place, const void *record, size_t len)
{
	uint16_t *order = recording.order;

	if (recording.pool_cnt == PIECES_MAX || len > PIECE_SIZE)
		return;
	recording.pool[recording.pool_cnt] = (struct piece){0};
	memcpy(recording.pool[recording.pool_cnt].bytes, record, len);
	memmove(order + place + 1, order + place, (recording.cnt - place) * sizeof(*order));
	order[place] = recording.pool_cnt++;
	recording.cnt++;
}

static void take_away(unsigned place)
{
	uint16_t *order = recording.order;

	recording.cnt--;
	memmove(order + place, order + place + 1, (recording.cnt - place) * sizeof(*order));
}

/* The length of the record at data, 0 where there is none. */
static size_t length_of(const uint8_t *data, size_t size)
{
	struct record_header header;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	return header.len < sizeof(header) || header.len > size || header.len % 8 ? 0 : header.len;
}

static void begin(unsigned seed)
{
	recording.head = (struct record_file_head){
		.magic = RECORD_FILE_MAGIC,
		.byte_order = RECORD_BYTE_ORDER,
		.version = RECORD_VERSION,
	};
	recording.cnt = recording.pool_cnt = 0;
	recording.seed = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1ull);
}

/* Adds the records of a file. */
static void take_apart(const uint8_t *data, size_t size)
{
	size_t at = sizeof(recording.head), len;

	if (size < at)
		return;
	while ((len = length_of(data + at, size - at))) {
		insert(recording.cnt, data + at, len);
		at += len;
	}
}

/* What the kernel side would have counted. */
static void put_end(void)
{
	struct record_end end = {.header = {.type = RECORD_END, .len = sizeof(end)}};

	for (unsigned i = 0; i < recording.cnt; i++) {
		const struct record_header *h = record_at(i);

		end.header.time_ns = h->time_ns;
		end.arrivals += h->type == RECORD_ARRIVAL;
		end.wakes += h->type == RECORD_WAKE;
		end.accepts += h->type == RECORD_ACCEPT && ((struct record_accept *)h)->child;
	}
	insert(recording.cnt, &end, sizeof(end));
}

static void renew_end(void)
{
	for (unsigned i = recording.cnt; i--;)
		if (record_at(i)->type == RECORD_END)
			take_away(i);
	put_end();
}

/* As many records as fit, and the last one in any case. */
static size_t put_together(uint8_t *out, size_t max)
{
	size_t last = recording.cnt ? record_at(recording.cnt - 1)->len : 0;
	size_t at = sizeof(recording.head);

	if (at + last > max)
		return 0;
	memcpy(out, &recording.head, at);
	for (unsigned i = 0; i < recording.cnt; i++) {
		const struct record_header *h = record_at(i);
		bool is_last = i + 1 == recording.cnt;

		if (at + h->len + (is_last ? 0 : last) > max)
			continue;
		memcpy(out + at, h, h->len);
		at += h->len;
	}
	return at;
}

/* ---- damage ---- */

static unsigned somewhere(void)
{
	return below(recording.cnt);
}

static void remove_some(void)
{
	unsigned cnt = 1 + below(below(4) ? 3 : 40);

	while (cnt-- && recording.cnt)
		take_away(somewhere());
}

static void copy_one(void)
{
	struct piece copy = recording.pool[recording.order[somewhere()]];

	insert(somewhere(), &copy, ((struct record_header *)copy.bytes)->len);
}

static void move_one(void)
{
	unsigned from = somewhere(), to = somewhere();
	uint16_t moved = recording.order[from];

	memmove(&recording.order[from], &recording.order[from + 1],
		(recording.cnt - from - 1) * sizeof(moved));
	memmove(&recording.order[to + 1], &recording.order[to],
		(recording.cnt - to - 1) * sizeof(moved));
	recording.order[to] = moved;
}

/* Records of a story, each at a place of its own or behind the one before. */
static void draw_some(void)
{
	struct story story = {.seed = &recording.seed, .hostile = true, .arrivals = 8};
	struct tape tape = {.clock_ns = below(100000)};
	const struct record_header *r = NULL;
	bool together = below(2);
	unsigned place = somewhere();

	for (unsigned cnt = 1 + below(6); cnt; cnt--)
		story__record(&tape, &story);
	while ((r = tape__next(&tape, r))) {
		insert(place, r, r->len);
		place = together ? place + 1 : somewhere();
	}
	tape__free(&tape);
}

/* A word in the body of a record, which need not have one. */
static char *some_word(size_t size)
{
	struct record_header *h = record_at(somewhere());
	size_t words = (h->len - sizeof(*h)) / size;

	return words ? (char *)(h + 1) + below(words) * size : NULL;
}

static uint64_t some_value(void)
{
	static const uint64_t values[] = {
		0,          INT32_MAX,         UINT32_MAX,
		INT64_MAX,  UINT64_MAX,        UINT64_MAX - 1,
		UINT16_MAX, UINT64_C(1) << 32, UINT64_C(1) << 63,
	};

	return below(2) ? below(8) : values[below(sizeof(values) / sizeof(values[0]))];
}

/* From another record, or one that is often wrong. */
static void change_word(void)
{
	size_t size = below(2) ? 8 : 4;
	char *to = some_word(size), *from = some_word(size);
	uint64_t value = some_value();

	if (to)
		memcpy(to, from && below(3) ? from : (char *)&value, size);
}

/* What has one name has the other from now on, everywhere. */
static void rename_all(void)
{
	char *from = some_word(8), *to = some_word(8);
	uint64_t old, new;

	if (!from || !to)
		return;
	memcpy(&old, from, 8);
	memcpy(&new, to, 8);
	for (unsigned i = 0; i < recording.cnt; i++) {
		struct record_header *h = record_at(i);

		for (char *at = (char *)(h + 1); at < (char *)h + h->len; at += 8)
			if (!memcmp(at, &old, 8))
				memcpy(at, &new, 8);
	}
}

static void change_task(void)
{
	struct record_header *h = record_at(somewhere());

	h->tid = below(2) ? record_at(somewhere())->tid : below(8);
}

static void change_time(void)
{
	struct record_header *h = record_at(somewhere());

	h->time_ns = below(2) ? record_at(somewhere())->time_ns + below(1000) : some_value();
}

static void change_bytes(void)
{
	struct record_header *h = record_at(somewhere());
	size_t len = h->len - sizeof(*h);

	LLVMFuzzerMutate((uint8_t *)(h + 1), len, len);
}

/* As an older or a newer version, or a type that may be skipped. */
static void change_kind(void)
{
	struct record_header *h = record_at(somewhere());
	unsigned len = h->len + 8 * (below(5) - 2);

	if (len >= sizeof(*h) && len <= PIECE_SIZE)
		h->len = len;
	if (!below(8))
		h->type ^= RECORD_OPTIONAL;
}

static void (*const damages[])(void) = {
	remove_some, copy_one,    move_one,    draw_some,    change_word, change_word,
	rename_all,  change_task, change_time, change_bytes, change_kind,
};

static size_t finish(uint8_t *out, size_t max)
{
	if (below(16))
		renew_end();
	return put_together(out, max);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	begin(seed);
	if (!below(32))
		return LLVMFuzzerMutate(data, size, max);
	take_apart(data, size);
	for (unsigned cnt = 1 + below(2); cnt; cnt--) {
		if (recording.cnt)
			damages[below(sizeof(damages) / sizeof(damages[0]))]();
		else
			renew_end();
	}
	return finish(data, max);
}

/* A piece of the other recording somewhere in this one. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned seed)
{
	size_t at = sizeof(recording.head), len;
	unsigned place, skipped, cnt;

	begin(seed);
	take_apart(data, size);
	place = somewhere();
	skipped = below(64);
	cnt = 1 + below(64);
	while (at < other_size && (len = length_of(other + at, other_size - at)) && cnt) {
		if (skipped) {
			skipped--;
		} else {
			insert(place++, other + at, len);
			cnt--;
		}
		at += len;
	}
	return finish(out, max);
}
