// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A program of ours that runs once asks the kernel. It is made here, instruction by instruction, as the names are
 * only known now; all that it does is a call for each.
 */
#include "tracer/addresses.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define NAME_SIZE (ADDRESS_NAME_MAX + 1)
#define NAMES_MAX 16

/* On the stack of the program: the result of a call, and below it the name. */
#define RESULT_AT (-8)
#define NAME_AT   (RESULT_AT - NAME_SIZE)

/* For one name: three for each word of it, eight to call, three to keep what came; and begin and end. */
#define INSNS_MAX (NAMES_MAX * (NAME_SIZE / 8 * 3 + 8 + 3) + 3)

/* The context of the program, where it leaves what it has learnt. */
struct answer {
	int64_t err;
	uint64_t address;
};

struct code {
	struct bpf_insn insns[INSNS_MAX];
	size_t cnt;
};

static void add(struct code *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	c->insns[c->cnt++] = (struct bpf_insn){code, dst, src, off, imm};
}

static void store_name(struct code *c, const char *name)
{
	uint64_t words[NAME_SIZE / 8] = {0};

	memcpy(words, name, strlen(name));
	for (size_t i = 0; i < NAME_SIZE / 8; i++) {
		add(c, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, 0, 0, (int32_t)words[i]);
		add(c, 0, 0, 0, 0, (int32_t)(words[i] >> 32));
		add(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_1, NAME_AT + 8 * i, 0);
	}
}

/* bpf_kallsyms_lookup_name(name, size with its end, no flags, result) */
static void call_lookup(struct code *c, const char *name)
{
	add(c, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, RESULT_AT, 0);
	add(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0);
	add(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, NAME_AT);
	add(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, strlen(name) + 1);
	add(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0);
	add(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_4, BPF_REG_10, 0, 0);
	add(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_4, 0, 0, RESULT_AT);
	add(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kallsyms_lookup_name);
}

static void keep_answer(struct code *c, size_t index)
{
	int16_t at = index * sizeof(struct answer);

	add(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_0, at + offsetof(struct answer, err),
	    0);
	add(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_10, RESULT_AT, 0);
	add(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_1,
	    at + offsetof(struct answer, address), 0);
}

static void write_program(struct code *c, const char *const *names, size_t cnt)
{
	c->cnt = 0;
	add(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	for (size_t i = 0; i < cnt; i++) {
		store_name(c, names[i]);
		call_lookup(c, names[i]);
		keep_answer(c, i);
	}
	add(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	add(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int run_program(const struct code *c, struct answer *answers, size_t cnt)
{
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_SLEEPABLE);
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = answers,
		    .ctx_size_in = cnt * sizeof(*answers));
	int fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "ht_addresses", "GPL", c->insns, c->cnt,
			       &load),
	    err;

	if (fd < 0)
		return -EOPNOTSUPP;
	err = bpf_prog_test_run_opts(fd, &run);
	close(fd);
	return err ? -EOPNOTSUPP : 0;
}

/* What one answer says. */
static int take_answer(const struct answer *answer, uint64_t *address)
{
	*address = answer->err ? 0 : answer->address;
	if (!answer->err || answer->err == -ENOENT)
		return 0;
	return answer->err == -EPERM ? -EPERM : -EOPNOTSUPP;
}

int addresses__ask(const char *const *names, size_t cnt, uint64_t *addresses)
{
	struct answer answers[NAMES_MAX] = {0};
	struct code code;
	int err;

	if (cnt > NAMES_MAX)
		return -EOPNOTSUPP;
	for (size_t i = 0; i < cnt; i++)
		if (strlen(names[i]) > ADDRESS_NAME_MAX)
			return -EOPNOTSUPP;
	write_program(&code, names, cnt);
	err = run_program(&code, answers, cnt);
	for (size_t i = 0; i < cnt && !err; i++)
		err = take_answer(&answers[i], &addresses[i]);
	return err;
}
