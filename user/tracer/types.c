// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What stands before "___", which separates versions of one type (CO-RE); all of most names. */
static size_t stem_len(const char *name)
{
	const char *end = strstr(name, "___");

	return end && end > name ? (size_t)(end - name) : strlen(name);
}

/* FNV-1a */
static uint32_t hash(const char *name, size_t len)
{
	uint32_t value = 2166136261u;

	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)name[i]) * 16777619u;
	return value;
}

static const char *name_of(const struct types *types, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(types->btf, id);

	return btf__name_by_offset(types->btf, type->name_off);
}

static uint32_t first_slot(const struct types *types, const char *name)
{
	return hash(name, stem_len(name)) & (types->slot_cnt - 1);
}

/* Those of one name lie in the order of their numbers. */
static void insert(struct types *types, uint32_t id)
{
	const char *name = name_of(types, id);
	uint32_t at;

	if (!name || !*name)
		return;
	for (at = first_slot(types, name); types->slots[at];)
		at = (at + 1) & (types->slot_cnt - 1);
	types->slots[at] = id;
}

int types__index(struct types *types, struct btf *btf)
{
	uint32_t cnt = btf__type_cnt(btf);

	*types = (struct types){.btf = btf, .slot_cnt = 4};
	/* At least half of them are free: searches end soon. */
	while (types->slot_cnt < cnt * 2)
		types->slot_cnt *= 2;
	types->slots = calloc(types->slot_cnt, sizeof(*types->slots));
	if (!types->slots)
		return -ENOMEM;
	for (uint32_t id = 1; id < cnt; id++)
		insert(types, id);
	return 0;
}

int types__load(struct types *types)
{
	struct btf *btf = btf__load_vmlinux_btf();

	*types = (struct types){0};
	return btf ? types__index(types, btf) : -errno;
}

void types__free(struct types *types)
{
	btf__free(types->btf);
	free(types->slots);
	*types = (struct types){0};
}

uint32_t types__next(const struct types *types, const char *name, uint32_t *at)
{
	uint32_t mask = types->slot_cnt - 1, first = first_slot(types, name), id;
	size_t len = stem_len(name);

	while ((id = types->slots[(first + *at) & mask])) {
		const char *other = name_of(types, id);

		++*at;
		if (stem_len(other) == len && !strncmp(other, name, len))
			return id;
	}
	return 0;
}

uint32_t types__find(const struct types *types, const char *name, unsigned kind)
{
	uint32_t at = 0, id;

	while ((id = types__next(types, name, &at)))
		if (btf_kind(btf__type_by_id(types->btf, id)) == kind &&
		    !strcmp(name_of(types, id), name))
			return id;
	return 0;
}

bool types__has_constant(const struct types *types, const char *enum_name, const char *name)
{
	uint32_t id = types__find(types, enum_name, BTF_KIND_ENUM);
	const struct btf_type *type = id ? btf__type_by_id(types->btf, id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(types->btf, btf_enum(type)[i].name_off), name))
			return true;
	return false;
}

unsigned types__parameter_cnt(const struct types *types, const char *name)
{
	uint32_t id = types__find(types, name, BTF_KIND_TYPEDEF);
	const struct btf_type *type = id ? btf__type_by_id(types->btf, id) : NULL;

	while (type && (btf_is_typedef(type) || btf_is_ptr(type)))
		type = btf__type_by_id(types->btf, type->type);
	return type && btf_is_func_proto(type) ? btf_vlen(type) : 0;
}
