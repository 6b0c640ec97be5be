// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Making the listeners of reuseport-server; reuseport-group.h says what each function is for. */
#include "reuseport-group.h"

#include <linux/filter.h>
#include <sched.h>

struct cpu_list *cpu_list__of_process(void)
{
	struct cpu_list *list;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		err(1, "cannot find out on which CPUs to run");
	list = malloc(sizeof(*list) + CPU_COUNT(&set) * sizeof(*list->cpus));
	if (!list)
		err(1, "cannot list the CPUs");
	list->cnt = 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			list->cpus[list->cnt++] = cpu;
	return list;
}

static int cpu_of_worker(const struct cpu_list *list, unsigned int index)
{
	return list->cpus[index % list->cnt];
}

void cpu_list__pin_worker(const struct cpu_list *list, unsigned int index)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu_of_worker(list, index), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "cannot pin a worker to its CPU");
}

/* Returns to the kernel the index of a socket in the group: the CPU modulo their number. */
static void attach_cbpf(int listener, unsigned int worker_cnt)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int)(SKF_AD_OFF + SKF_AD_CPU)),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, worker_cnt),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	if (setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)))
		err(1, "cannot attach the program that chooses a listener");
}

static void set_incoming_cpu(int listener, int cpu)
{
	if (setsockopt(listener, SOL_SOCKET, SO_INCOMING_CPU, &cpu, sizeof(cpu)))
		err(1, "cannot set the CPU of a listener");
}

void group__listen(int *listeners, const struct server_options *options, unsigned int listen_flags,
		   const struct group_options *group, const struct cpu_list *cpus)
{
	for (unsigned int i = 0; i < options->workers; i++) {
		listeners[i] = server__listen(options, listen_flags | LISTEN_REUSEPORT);
		if (group->incoming_cpu)
			set_incoming_cpu(listeners[i], cpu_of_worker(cpus, i));
	}
	if (group->cbpf)
		attach_cbpf(listeners[0], options->workers);
}
