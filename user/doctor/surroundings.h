/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a report of a bug has to say of the machine: how its kernel was built, how it is set, and with what we run. */
#ifndef HERDTRACE_DOCTOR_SURROUNDINGS_H
#define HERDTRACE_DOCTOR_SURROUNDINGS_H

#define SURROUNDINGS_MAX 40

struct surrounding {
	const char *name; /* CONFIG_KPROBES, kernel.kptr_restrict */
	char value
		[160]; /* as it is written there, "n": it is said that it is not set; "": nothing is said */
};

struct surroundings {
	char distribution[160]; /* "": not known, and so below */
	char config_source[160];
	struct surrounding config[SURROUNDINGS_MAX],
		settings[SURROUNDINGS_MAX]; /* each ends with one without a name */
	long cpus;
	unsigned long long memory_bytes;
};

/*
 * Reads them below a root directory ("" for that of the system), for a kernel of this release. What cannot be read is
 * not known, and is no error.
 */
void surroundings__read(struct surroundings *surroundings, const char *root, const char *release);

#endif
