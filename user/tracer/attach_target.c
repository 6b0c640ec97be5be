// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/attach_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static const struct {
	const char *section;
	enum bpf_attach_type how;
	/* What the target is called: PREFIX and what the section's name has behind the slash. */
	const char *prefix;
	unsigned kind;
} sections[] = {
	{"fentry+", BPF_TRACE_FENTRY, "", BTF_KIND_FUNC},
	{"fexit+", BPF_TRACE_FEXIT, "", BTF_KIND_FUNC},
	{"tp_btf+", BPF_TRACE_RAW_TP, "btf_trace_", BTF_KIND_TYPEDEF},
	{"iter+", BPF_TRACE_ITER, "bpf_iter_", BTF_KIND_FUNC},
};

#define SECTION_CNT (sizeof(sections) / sizeof(sections[0]))

/* libbpf has one table of sections for all objects, and passes nothing on that would know of a tracer. */
static const struct types *places;

void attach_target__look_in(const struct types *types)
{
	places = types;
}

static int set_target(struct bpf_program *program, struct bpf_prog_load_opts *load, long section)
{
	const char *name = strchr(bpf_program__section_name(program), '/');
	char target[128];

	if (!name || !places)
		return -EINVAL;
	snprintf(target, sizeof(target), "%s%s", sections[section].prefix, name + 1);
	load->attach_btf_id = types__find(places, target, sections[section].kind);
	return load->attach_btf_id ? 0 : -ESRCH;
}

static int attach(const struct bpf_program *program, long section, struct bpf_link **link)
{
	(void)section;
	*link = bpf_program__attach_trace(program);
	return *link ? 0 : -errno;
}

int attach_target__register(void)
{
	static size_t done;

	for (; done < SECTION_CNT; done++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = done,
			    .prog_prepare_load_fn = set_target, .prog_attach_fn = attach);
		int number = libbpf_register_prog_handler(
			sections[done].section, BPF_PROG_TYPE_TRACING, sections[done].how, &opts);

		if (number < 0)
			return number;
	}
	return 0;
}
