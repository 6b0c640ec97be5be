// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

/* PROC_PID_INIT_INO of include/linux/proc_ns.h */
#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu

/* What is not mounted here, or covered by another mount, a mount that is in no namespace shows all the same. */
static int open_unmounted(const char *filesystem, const char *path)
{
	int fs = fsopen(filesystem, FSOPEN_CLOEXEC), mount = -1, fd = -1;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0) {
		fd = openat(mount, path, O_RDONLY | O_CLOEXEC);
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
		fd = open_unmounted("securityfs", "lockdown");
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

/* A sysctl that is a number, -1 where it cannot be read. */
static int read_sysctl(const char *path)
{
	FILE *f = fopen(path, "re");
	int value = -1;

	if (f && fscanf(f, "%d", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

static bool has_capability(int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		return true;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* CAP_SYS_ADMIN stands for both. */
static int check_capabilities(struct error *error)
{
	static const struct {
		int number;
		const char *name;
	} needed[] = {{CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!has_capability(needed[i].number) && !has_capability(CAP_SYS_ADMIN))
			return error__set(error, FAULT_SYSTEM, -EPERM,
					  "%s is missing (or CAP_SYS_ADMIN), without which no BPF "
					  "program traces the kernel; run it with all of root's "
					  "capabilities",
					  needed[i].name);
	return 0;
}

/* Process 1 is there, and is another's for who is not allowed to look into it. */
static int check_proc(struct error *error)
{
	if (access("/proc/self/stat", R_OK))
		return error__set(error, FAULT_SYSTEM, -ENOENT,
				  "/proc is not mounted here, by which tasks are found");
	if (access("/proc/1/stat", R_OK))
		return error__set(error, FAULT_SYSTEM, -EPERM,
				  "/proc hides tasks (mount option hidepid) and CAP_SYS_PTRACE is "
				  "missing: the server's might not be found; run it with all of "
				  "root's capabilities");
	return 0;
}

/* Whether the kernel has its types, and they are only not to be seen here. */
static bool types_are_hidden(void)
{
	int fd = open_unmounted("sysfs", "kernel/btf/vmlinux");

	if (fd >= 0)
		close(fd);
	return fd >= 0 || !access(KERNEL_TYPES, F_OK);
}

const char *privilege__types(void)
{
	if (!access(KERNEL_TYPES, R_OK))
		return KERNEL_TYPES;
	return types_are_hidden() ? "hidden: " KERNEL_TYPES " is there, but cannot be read here"
				  : "missing: CONFIG_DEBUG_INFO_BTF is not set";
}

static int check_types(struct error *error)
{
	if (!access(KERNEL_TYPES, R_OK))
		return 0;
	if (types_are_hidden())
		return error__set(
			error, FAULT_SYSTEM, -EACCES,
			"the kernel's types (%s) cannot be read here, although this kernel "
			"has them: sysfs is not mounted, or a container hides them; run it "
			"on the host",
			KERNEL_TYPES);
	return error__set(error, FAULT_SYSTEM, -EOPNOTSUPP,
			  "this kernel does not describe its types (%s); it needs "
			  "CONFIG_DEBUG_INFO_BTF=y, as the kernels of most distributions have",
			  KERNEL_TYPES);
}

static int check_lockdown(struct error *error)
{
	char lockdown[32];

	privilege__lockdown(lockdown, sizeof(lockdown));
	if (strcmp(lockdown, "confidentiality") != 0)
		return 0;
	return error__set(error, FAULT_SYSTEM, -EPERM,
			  "this kernel is in lockdown mode 'confidentiality', which refuses all "
			  "tracing; boot with lockdown=none or integrity, or use a virtual machine "
			  "(tools/vm)");
}

static int check_namespace(struct error *error)
{
	struct stat ns;

	/* The kernel side knows tasks by their numbers in the initial namespace. */
	if (stat("/proc/self/ns/pid", &ns) || ns.st_ino == INITIAL_PID_NAMESPACE)
		return 0;
	return error__set(error, FAULT_SYSTEM, -EPERM,
			  "needs the initial PID namespace; run it on the host, outside of the "
			  "container");
}

/* The kernel says so itself, in init/version.c. */
static int check_preemption(struct error *error)
{
	struct utsname name;

	if (uname(&name) || !strstr(name.version, "PREEMPT_RT"))
		return 0;
	return error__set(
		error, FAULT_SYSTEM, -EOPNOTSUPP,
		"this kernel has PREEMPT_RT: tasks that get a spinlock inside of a walk over a "
		"wait queue would be counted as woken for the connection (seen on 6.12); boot "
		"a kernel without it");
}

static int check_root(struct error *error)
{
	if (!geteuid())
		return 0;
	return error__set(error, FAULT_SYSTEM, -EPERM,
			  "needs root to trace the kernel; run it with sudo");
}

#define KPROBES_SWITCH "/sys/kernel/debug/kprobes/enabled"

const char *privilege__switched_off(bool kprobe)
{
	if (read_sysctl("/proc/sys/kernel/ftrace_enabled") == 0)
		return "sysctl kernel.ftrace_enabled";
	return kprobe && read_sysctl(KPROBES_SWITCH) == 0 ? KPROBES_SWITCH : NULL;
}

static int explain_switch(struct error *error, const char *which)
{
	return error__set(error, FAULT_SYSTEM, -EOPNOTSUPP,
			  "the kernel calls no hook on a function: %s is 0; set it to 1", which);
}

/* Everything attaches all the same. */
static int check_functions(struct error *error)
{
	const char *which = privilege__switched_off(false);

	return which ? explain_switch(error, which) : 0;
}

const struct privilege privileges[] = {
	{"root", check_root},
	{"lockdown", check_lockdown},
	{"capabilities", check_capabilities},
	{"/proc", check_proc},
	{"namespace", check_namespace},
	{"types", check_types},
	{"preemption", check_preemption},
	{"functions", check_functions},
};

const size_t privilege_cnt = sizeof(privileges) / sizeof(privileges[0]);

int privilege__check(struct error *error)
{
	int err = 0;

	for (size_t i = 0; !err && i < privilege_cnt; i++)
		err = privileges[i].check(error);
	return err;
}

int privilege__explain_hidden(struct error *error)
{
	const char *cause =
		read_sysctl("/proc/sys/kernel/kptr_restrict") == 2
			? "sysctl kernel.kptr_restrict is 2; set it to 1 or 0"
			: "CAP_SYSLOG is missing; run it with all of root's capabilities";

	return error__set(
		error, FAULT_SYSTEM, -EPERM,
		"the kernel hides where its functions are (/proc/kallsyms), without which "
		"nobody who waits can be recognised: %s",
		cause);
}

bool privilege__has_kprobes(void)
{
	return !access("/sys/bus/event_source/devices/kprobe", F_OK);
}

/* Up to 5.10 the kernel counts maps and programs as memory that the user has locked. */
static bool memory_is_limited(const struct refusal *r)
{
	struct rlimit limit;

	return r->err == -EPERM && r->charges_memory && !has_capability(CAP_SYS_RESOURCE) &&
	       !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

/* Debian's kernels have a level that others do not: perf_event_open() for CAP_SYS_ADMIN only. */
static bool perf_is_restricted(const struct refusal *r)
{
	return r->err == -EACCES && r->kprobe && !has_capability(CAP_SYS_ADMIN) &&
	       read_sysctl("/proc/sys/kernel/perf_event_paranoid") > 2;
}

/* Lockdown mode integrity refuses no tracing, and is no cause. */
static int explain_refused(struct error *error, const struct refusal *r)
{
	char lockdown[32];

	privilege__lockdown(lockdown, sizeof(lockdown));
	return error__set(
		error, FAULT_SYSTEM, r->err,
		"the kernel refuses tracing (%s: %s), although CAP_BPF and CAP_PERFMON are there: "
		"a security module, a container or a seccomp filter is in the way%s%s%s; run "
		"on the host, or in a virtual machine (tools/vm)",
		strerror(-r->err), r->detail, *lockdown ? " (lockdown mode: " : "", lockdown,
		*lockdown ? ")" : "");
}

/* Programs that search with bpf_loop() cannot be interpreted. Those for 5.10, which has none, can. */
static bool is_interpreted(const struct refusal *r)
{
	return r->err == -EINVAL && read_sysctl("/proc/sys/net/core/bpf_jit_enable") == 0;
}

static int explain_files(struct error *error, const struct refusal *r)
{
	struct rlimit files = {0};

	getrlimit(RLIMIT_NOFILE, &files);
	return error__set(error, FAULT_SYSTEM, r->err,
			  "the limit of open files is too low (ulimit -n: %llu): every hook takes "
			  "some; set it to 1024",
			  (unsigned long long)files.rlim_cur);
}

/* What it is certain to be, NULL: not known. */
static const char *known_cause(const struct refusal *r)
{
	if (r->kprobe && !privilege__has_kprobes())
		return "this kernel has no kprobes (CONFIG_KPROBE_EVENTS is not set, or sysfs is "
		       "not mounted here); leave out --attach kprobe";
	if (is_interpreted(r))
		return "the kernel's BPF compiler is off, without which it does not take the "
		       "programs; set sysctl net.core.bpf_jit_enable to 1";
	if (memory_is_limited(r))
		return "CAP_SYS_RESOURCE is missing, and this kernel counts what is loaded as "
		       "locked memory; run it with all of root's capabilities, or with ulimit -l "
		       "unlimited";
	if (perf_is_restricted(r))
		return "CAP_SYS_ADMIN is missing, without which kprobes are refused as sysctl "
		       "kernel.perf_event_paranoid is above 2";
	return NULL;
}

int privilege__explain(struct error *error, const struct refusal *r)
{
	const char *cause = known_cause(r), *off = privilege__switched_off(r->kprobe);

	if (r->err == -EMFILE)
		return explain_files(error, r);
	if (off)
		return explain_switch(error, off);
	if (cause)
		return error__set(error, FAULT_SYSTEM, r->err, "%s", cause);
	if (r->err == -EPERM)
		return explain_refused(error, r);
	return error__set(error, FAULT_SYSTEM, r->err,
			  "the kernel does not take the programs (%s: %s); --verbose says more",
			  strerror(-r->err), r->detail);
}
