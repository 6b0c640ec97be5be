/* SPDX-License-Identifier: GPL-2.0 */
/* What the current task has behind its file descriptors. */
#ifndef HERDTRACE_FILES_BPF_H
#define HERDTRACE_FILES_BPF_H

#include "compat.bpf.h"

/* The open file, NULL when there is none. */
static __always_inline struct file *current__file(int fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd >= 0 && (u32)fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

/* The socket of a file, NULL when it is something else. Of MPTCP, the TCP socket that does the work. */
static __always_inline struct sock *file__sock(struct file *file)
{
	struct socket *socket;

	if (!file || (u64)BPF_CORE_READ(file, f_op) != cfg.addr_socket_file_ops)
		return NULL;
	socket = BPF_CORE_READ(file, private_data);
	return sock__subflow(BPF_CORE_READ(socket, sk));
}

#endif
