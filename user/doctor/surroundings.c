// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/surroundings.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* What decides on whether and how we can trace, and on what a run costs. */
static const char *const config_names[] = {
	"CONFIG_DEBUG_INFO_BTF",
	"CONFIG_BPF_SYSCALL",
	"CONFIG_BPF_JIT",
	"CONFIG_BPF_JIT_ALWAYS_ON",
	"CONFIG_BPF_EVENTS",
	"CONFIG_FUNCTION_TRACER",
	"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
	"CONFIG_KPROBES",
	"CONFIG_KPROBES_ON_FTRACE",
	"CONFIG_KALLSYMS_ALL",
	"CONFIG_EVENT_TRACING",
	"CONFIG_SECURITY_NETWORK",
	"CONFIG_SECURITY_LOCKDOWN_LSM",
	"CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY",
	"CONFIG_IO_URING",
	"CONFIG_INET_DIAG",
	"CONFIG_CGROUPS",
	"CONFIG_PREEMPT",
	"CONFIG_PREEMPT_DYNAMIC",
	"CONFIG_PREEMPT_LAZY",
	"CONFIG_PREEMPT_RT",
	"CONFIG_LTO_CLANG",
	"CONFIG_HZ",
	"CONFIG_NR_CPUS",
	"CONFIG_CC_VERSION_TEXT",
};

/* As sysctl names them. */
static const char *const setting_names[] = {
	"kernel.ftrace_enabled",      "kernel.kptr_restrict",
	"kernel.perf_event_paranoid", "kernel.unprivileged_bpf_disabled",
	"net.core.bpf_jit_enable",    "net.core.bpf_jit_harden",
	"net.core.somaxconn",         "net.ipv4.tcp_migrate_req",
	"net.ipv4.tcp_syncookies",
};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static void copy_line(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
}

/* A text that may stand in double quotes. */
static void copy_value(char *to, size_t size, const char *text)
{
	size_t length = strcspn(text, "\n");
	bool quoted = length > 1 && text[0] == '"' && text[length - 1] == '"';

	snprintf(to, size, "%.*s", (int)length - 2 * quoted, text + quoted);
}

/* ---- how the kernel was built ---- */

static struct surrounding *find(struct surrounding *list, const char *name, size_t length)
{
	for (; list->name; list++)
		if (strlen(list->name) == length && !strncmp(list->name, name, length))
			return list;
	return NULL;
}

/* "CONFIG_HZ=250", or "# CONFIG_PREEMPT_RT is not set". */
static void take_config_line(struct surrounding *config, const char *line)
{
	bool unset = !strncmp(line, "# ", 2);
	const char *name = line + 2 * unset;
	size_t length = strcspn(name, unset ? " " : "=");
	struct surrounding *s = find(config, name, length);

	if (!s || !name[length])
		return;
	if (unset)
		strcpy(s->value, "n");
	else
		copy_value(s->value, sizeof(s->value), name + length + 1);
}

/* zlib reads what is not compressed as it is. False: there is no such file. */
static bool read_config(struct surroundings *s, const char *root, const char *path)
{
	char whole[PATH_MAX], line[1024];
	gzFile in;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	in = gzopen(whole, "re");
	if (!in)
		return false;
	while (gzgets(in, line, sizeof(line)))
		take_config_line(s->config, line);
	gzclose(in);
	snprintf(s->config_source, sizeof(s->config_source), "%s", path);
	return true;
}

/* The running kernel's own account first, which only some have. */
static void find_config(struct surroundings *s, const char *root, const char *release)
{
	static const char *const places[] = {"/boot/config-%s", "/lib/modules/%s/config",
					     "/usr/lib/modules/%s/config",
					     "/lib/modules/%s/build/.config"};
	char path[256];

	if (read_config(s, root, "/proc/config.gz"))
		return;
	for (size_t i = 0; i < COUNT(places); i++) {
		snprintf(path, sizeof(path), places[i], release);
		if (read_config(s, root, path))
			return;
	}
}

/* ---- how it is set, and what else there is ---- */

static FILE *open_below(const char *root, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return fopen(whole, "re");
}

static void read_setting(struct surrounding *s, const char *root)
{
	char path[128], line[160];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/sys/%s", s->name);
	for (char *at = path + strlen("/proc/sys/"); *at; at++)
		if (*at == '.')
			*at = '/';
	in = open_below(root, path);
	if (in && fgets(line, sizeof(line), in))
		copy_line(s->value, sizeof(s->value), line);
	if (in)
		fclose(in);
}

static void read_distribution(struct surroundings *s, const char *root)
{
	FILE *in = open_below(root, "/etc/os-release");
	char line[256];

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "PRETTY_NAME=", strlen("PRETTY_NAME=")))
			copy_value(s->distribution, sizeof(s->distribution), strchr(line, '=') + 1);
	if (in)
		fclose(in);
}

void surroundings__read(struct surroundings *s, const char *root, const char *release)
{
	*s = (struct surroundings){
		.cpus = sysconf(_SC_NPROCESSORS_ONLN),
		.memory_bytes = (unsigned long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE),
	};
	_Static_assert(COUNT(config_names) < SURROUNDINGS_MAX, "the last one has no name");
	_Static_assert(COUNT(setting_names) < SURROUNDINGS_MAX, "the last one has no name");
	for (size_t i = 0; i < COUNT(config_names); i++)
		s->config[i].name = config_names[i];
	find_config(s, root, release);
	for (size_t i = 0; i < COUNT(setting_names); i++) {
		s->settings[i].name = setting_names[i];
		read_setting(&s->settings[i], root);
	}
	read_distribution(s, root);
}
