// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/subset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct subset {
	const struct types *types;
	uint32_t *
		numbers; /* of each type of the kernel: its number in the subset, 0: it is not in it */
	uint32_t *queue; /* those that are, and whose parts have not been looked at */
	size_t queued;
};

/* Functions are looked for elsewhere, and what has a size is all that can be held. */
static bool is_kept(const struct btf_type *type)
{
	return !btf_is_func(type) && !btf_is_func_proto(type) && !btf_is_var(type) &&
	       !btf_is_datasec(type) && !btf_is_decl_tag(type);
}

static void want(struct subset *s, uint32_t id)
{
	if (!id || s->numbers[id] || !is_kept(btf__type_by_id(s->types->btf, id)))
		return;
	s->numbers[id] = UINT32_MAX;
	s->queue[s->queued++] = id;
}

static bool stands_for_another(const struct btf_type *type)
{
	return btf_is_mod(type) || btf_is_typedef(type);
}

static void want_parts(struct subset *s, const struct btf_type *type)
{
	if (stands_for_another(type))
		want(s, type->type);
	if (btf_is_array(type)) {
		want(s, btf_array(type)->type);
		want(s, btf_array(type)->index_type);
	}
	for (int i = 0; btf_is_composite(type) && i < btf_vlen(type); i++)
		want(s, btf_members(type)[i].type);
}

static void want_names(struct subset *s, const struct btf *wanted)
{
	for (uint32_t i = 1; i < btf__type_cnt(wanted); i++) {
		const struct btf_type *type = btf__type_by_id(wanted, i);
		const char *name = btf__name_by_offset(wanted, type->name_off);
		uint32_t at = 0, id;

		while (is_kept(type) && !btf_is_fwd(type) && *name &&
		       (id = types__next(s->types, name, &at)))
			want(s, id);
	}
	while (s->queued)
		want_parts(s, btf__type_by_id(s->types->btf, s->queue[--s->queued]));
}

/* The order stays the same. */
static void number(struct subset *s)
{
	uint32_t number = 0;

	for (uint32_t id = 1; id < btf__type_cnt(s->types->btf); id++)
		if (s->numbers[id])
			s->numbers[id] = ++number;
}

static size_t size_of(const struct btf_type *type)
{
	size_t size = sizeof(*type), cnt = btf_vlen(type);

	if (btf_is_int(type))
		return size + sizeof(uint32_t);
	if (btf_is_array(type))
		return size + sizeof(struct btf_array);
	if (btf_is_composite(type))
		return size + cnt * sizeof(struct btf_member);
	if (btf_is_enum(type))
		return size + cnt * sizeof(struct btf_enum);
	return size + (btf_is_enum64(type) ? cnt * sizeof(struct btf_enum64) : 0);
}

/* Returns its size. */
static size_t copy_type(const struct subset *s, const struct btf_type *type, void *to)
{
	size_t size = size_of(type);
	struct btf_type *copy = to;

	memcpy(copy, type, size);
	if (stands_for_another(type))
		copy->type = s->numbers[type->type];
	if (btf_is_ptr(type))
		copy->type = 0;
	if (btf_is_array(type)) {
		btf_array(copy)->type = s->numbers[btf_array(type)->type];
		btf_array(copy)->index_type = s->numbers[btf_array(type)->index_type];
	}
	for (int i = 0; btf_is_composite(type) && i < btf_vlen(type); i++)
		btf_members(copy)[i].type = s->numbers[btf_members(type)[i].type];
	return size;
}

static int write_all(int fd, const void *data, size_t size)
{
	while (size) {
		ssize_t put = write(fd, data, size);

		if (put <= 0)
			return put ? -errno : -EIO;
		data = (const char *)data + put;
		size -= put;
	}
	return 0;
}

/* With all strings of the kernel: to copy them costs less than to find those that are wanted. */
static int write_types(const struct subset *s, int fd)
{
	uint32_t size;
	const struct btf_header *whole = btf__raw_data(s->types->btf, &size);
	struct btf_header header = *whole;
	char *types = malloc(whole->type_len);
	int err = types ? 0 : -ENOMEM;

	header.hdr_len = sizeof(header);
	header.type_off = header.type_len = 0;
	for (uint32_t id = 1; !err && id < btf__type_cnt(s->types->btf); id++)
		if (s->numbers[id])
			header.type_len += copy_type(s, btf__type_by_id(s->types->btf, id),
						     types + header.type_len);
	header.str_off = header.type_len;
	if (!err)
		err = write_all(fd, &header, sizeof(header));
	if (!err)
		err = write_all(fd, types, header.type_len);
	if (!err)
		err = write_all(fd, (const char *)whole + whole->hdr_len + whole->str_off,
				whole->str_len);
	free(types);
	return err;
}

int subset__write(const struct types *types, const struct btf *wanted, int fd)
{
	uint32_t cnt = btf__type_cnt(types->btf);
	struct subset s = {
		.types = types,
		.numbers = calloc(cnt, sizeof(*s.numbers)),
		.queue = calloc(cnt, sizeof(*s.queue)),
	};
	int err = s.numbers && s.queue ? 0 : -ENOMEM;

	if (!err) {
		want_names(&s, wanted);
		number(&s);
		err = write_types(&s, fd);
	}
	free(s.numbers);
	free(s.queue);
	return err;
}
