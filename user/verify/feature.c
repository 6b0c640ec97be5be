// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/feature.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

static bool has_member(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return true;
	return false;
}

static bool enum_has(const struct btf *btf, const struct btf_type *t, const char *name)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		__u32 at = btf_is_enum64(t) ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;

		if (!strcmp(btf__name_by_offset(btf, at), name))
			return true;
	}
	return false;
}

/* The enumeration has no name to look it up by. */
static bool has_enum_value(const struct btf *btf, const char *name)
{
	__u32 cnt = btf__type_cnt(btf);

	for (__u32 id = 1; id < cnt; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if ((btf_is_enum(t) || btf_is_enum64(t)) && enum_has(btf, t, name))
			return true;
	}
	return false;
}

int features__read(struct features *features, struct error *error)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool *present = features->present;

	*features = (struct features){0};
	if (!btf) {
		int err = -errno;

		return error__set(error, FAULT_SYSTEM, err,
				  "cannot read the kernel's types (/sys/kernel/btf/vmlinux): %s",
				  strerror(-err));
	}
	/* The struct was called io_op_def before 6.3. */
	present[FEATURE_URING_EXCLUSIVE] = has_member(btf, "io_issue_def", "poll_exclusive") ||
					   has_member(btf, "io_op_def", "poll_exclusive");
	present[FEATURE_URING_MULTISHOT] = has_enum_value(btf, "REQ_F_APOLL_MULTISHOT_BIT");
	present[FEATURE_INCOMING_CPU] = has_member(btf, "sock_reuseport", "incoming_cpu");
	/* The search of a queue needs bpf_loop() to name what it finds. */
	present[FEATURE_QUEUE_ENTRIES] = has_enum_value(btf, "BPF_FUNC_loop");
	present[FEATURE_MIGRATE] =
		btf__find_by_name_kind(btf, "reuseport_migrate_sock", BTF_KIND_FUNC) > 0;
	btf__free(btf);
	return 0;
}
