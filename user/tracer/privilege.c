// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

/* PROC_PID_INIT_INO of include/linux/proc_ns.h */
#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu

/* Where securityfs is not mounted, a mount that is in no namespace shows it all the same. */
static int open_unmounted(void)
{
	int fs = fsopen("securityfs", FSOPEN_CLOEXEC), mount = -1, fd = -1;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0) {
		fd = openat(mount, "lockdown", O_RDONLY | O_CLOEXEC);
		close(mount);
	}
	if (fs >= 0)
		close(fs);
	return fd;
}

void privilege__lockdown(char *mode, size_t size)
{
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);
	char line[128], *begin, *end;
	ssize_t got;

	if (fd < 0)
		fd = open_unmounted();
	got = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	if (fd >= 0)
		close(fd);
	line[got > 0 ? got : 0] = '\0';
	/* "none integrity [confidentiality]" */
	begin = strchr(line, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (end)
		*end = '\0';
	snprintf(mode, size, "%s", end ? begin + 1 : "");
}

int privilege__check(struct error *error)
{
	struct stat ns;
	char lockdown[32];

	if (geteuid())
		return error__set(error, FAULT_SYSTEM, -EPERM,
				  "needs root to trace the kernel; run it with sudo");
	privilege__lockdown(lockdown, sizeof(lockdown));
	if (!strcmp(lockdown, "confidentiality"))
		return error__set(
			error, FAULT_SYSTEM, -EPERM,
			"this kernel is in lockdown mode 'confidentiality', which refuses "
			"all tracing; boot with lockdown=none or integrity, or use a "
			"virtual machine (tools/vm)");
	/* The kernel side knows tasks by their numbers in the initial namespace. */
	if (!stat("/proc/self/ns/pid", &ns) && ns.st_ino != INITIAL_PID_NAMESPACE)
		return error__set(error, FAULT_SYSTEM, -EPERM,
				  "needs the initial PID namespace: run it on the host, outside of "
				  "the container");
	if (access(KERNEL_TYPES, R_OK))
		return error__set(error, FAULT_SYSTEM, -EOPNOTSUPP,
				  "this kernel does not describe its types (%s); it needs "
				  "CONFIG_DEBUG_INFO_BTF=y, as the kernels of most distributions "
				  "have",
				  KERNEL_TYPES);
	return 0;
}

/* The sysctl kernel.kptr_restrict, -1 where it cannot be read. */
static int kptr_restrict(void)
{
	FILE *f = fopen("/proc/sys/kernel/kptr_restrict", "re");
	int value = -1;

	if (f && fscanf(f, "%d", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

int privilege__explain_hidden(struct error *error)
{
	const char *cause =
		kptr_restrict() == 2
			? "sysctl kernel.kptr_restrict is 2; set it to 1 or 0"
			: "CAP_SYSLOG is missing; run it with all of root's capabilities";

	return error__set(
		error, FAULT_SYSTEM, -EPERM,
		"the kernel hides where its functions are (/proc/kallsyms), without which "
		"nobody who waits can be recognised: %s",
		cause);
}

int privilege__explain(struct error *error, int err)
{
	char lockdown[32];

	privilege__lockdown(lockdown, sizeof(lockdown));
	if (err == -EPERM && *lockdown && strcmp(lockdown, "none"))
		return error__set(error, FAULT_SYSTEM, err,
				  "the kernel refuses tracing (%s): it is in lockdown mode '%s'; "
				  "boot with lockdown=none, or use a virtual machine (tools/vm)",
				  strerror(-err), lockdown);
	if (err == -EPERM)
		return error__set(error, FAULT_SYSTEM, err,
				  "the kernel refuses tracing (%s): a security module, a container "
				  "or a seccomp filter is in the way; run on the host, or in a "
				  "virtual machine (tools/vm)",
				  strerror(-err));
	return error__set(error, FAULT_SYSTEM, err,
			  "the kernel programs cannot be loaded or attached (%s); 'herdtrace "
			  "doctor' says which, --verbose says why",
			  strerror(-err));
}
