// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/places.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cgpath.h"
#include "base/clock.h"

/* A path that is longer is none: half of it may be another one's. */
#define PATH_SIZE 4096

/*
 * A look takes some 20 us. A server that forks for each connection is looked at so often a second, after so many at
 * once: a hundredth of a CPU, and all the workers of a reload.
 */
#define LOOK_NS    (NS_PER_SEC / 500)
#define CREDIT_MAX (1024 * LOOK_NS)

static bool may_look(struct places *p, const struct record_task *task)
{
	uint64_t now = task->header.time_ns, credit = CREDIT_MAX;

	if (task->event == TASK_SEEN)
		return true;
	/* Records of several CPUs may come in another order. */
	if (p->last_ns && now <= p->last_ns)
		credit = p->credit_ns;
	else if (p->last_ns && now - p->last_ns < CREDIT_MAX - p->credit_ns)
		credit = p->credit_ns + now - p->last_ns;
	if (now > p->last_ns)
		p->last_ns = now;
	p->credit_ns = credit < LOOK_NS ? credit : credit - LOOK_NS;
	return credit >= LOOK_NS;
}

int places__take(void *places, const struct record_header *record)
{
	const struct record_task *task = (const struct record_task *)record;
	struct places *p = places;
	struct place_task *slot;

	if (record->type != RECORD_TASK || task->event == TASK_EXITED ||
	    task->event == TASK_RENAMED || !may_look(p, task))
		return 0;
	slot = vector_add(&p->waiting);
	if (slot)
		*slot = (struct place_task){task->tgid, record->tid};
	return 0;
}

/* ---- what /proc says ---- */

/* "NAME: NUMBER NUMBER ...", one for each namespace from ours down: the last one. 0: ours is the only one. */
static uint32_t last_number(const char *numbers)
{
	unsigned long number = 0;
	int cnt = 0;
	char *end;

	for (const char *at = numbers;; at = end, cnt++) {
		unsigned long next = strtoul(at, &end, 10);

		if (end == at)
			break;
		number = next;
	}
	return cnt > 1 ? (uint32_t)number : 0;
}

void places__parse_status(FILE *status, uint32_t *ns_pid, uint32_t *ns_tid)
{
	char *line = NULL;
	size_t size = 0;

	*ns_pid = *ns_tid = 0;
	while (getline(&line, &size, status) > 0) {
		if (!strncmp(line, "NStgid:", 7))
			*ns_pid = last_number(line + 7);
		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		*ns_tid = last_number(line + 6);
		break;
	}
	free(line);
}

/* Of the second version, "0::PATH"; where that is not in use, of systemd's own hierarchy. */
void places__parse_cgroup(FILE *cgroup, char *path, size_t size)
{
	static const char second[] = "0::", systemd[] = ":name=systemd:";
	char *line = NULL;
	size_t room = 0;

	*path = '\0';
	while (getline(&line, &room, cgroup) > 0) {
		const char *named = strstr(line, systemd), *at = NULL;

		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, second, strlen(second)))
			at = line + strlen(second);
		else if (named && strspn(line, "0123456789") == (size_t)(named - line))
			at = named + strlen(systemd);
		/* The root says nothing. */
		if (at && strcmp(at, "/") != 0 && (!*path || line[0] == '0') && strlen(at) < size)
			strcpy(path, at);
	}
	free(line);
}

static FILE *open_of(const struct place_task *task, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/task/%u/%s", task->pid, task->tid, name);
	return fopen(path, "re");
}

static bool read_numbers(const struct place_task *task, struct record_place *r)
{
	FILE *f = open_of(task, "status");

	if (!f)
		return false;
	places__parse_status(f, &r->ns_pid, &r->ns_tid);
	fclose(f);
	return true;
}

static void read_cgroup(const struct place_task *task, char *path, size_t size)
{
	FILE *f = open_of(task, "cgroup");

	*path = '\0';
	if (!f)
		return;
	places__parse_cgroup(f, path, size);
	fclose(f);
}

/* ---- telling it ---- */

static bool says_something(const char *path)
{
	char name[CGPATH_NAME_SIZE];

	return cgpath__unit(path, name) || cgpath__container(path, name);
}

static int tell(struct stream *stream, const struct place_task *task)
{
	struct {
		struct record_place place;
		char text[PATH_SIZE];
	} r = {.place.header = {.type = RECORD_PLACE, .tid = task->tid}};
	size_t len;

	if (!read_numbers(task, &r.place))
		return 0;
	read_cgroup(task, r.text, sizeof(r.text));
	if (!says_something(r.text))
		memset(r.text, 0, sizeof(r.text));
	if (!r.place.ns_tid && !*r.text)
		return 0;
	len = strlen(r.text);
	r.place.header.time_ns = clock__now_ns();
	r.place.header.len = sizeof(r.place) + (len + 7) / 8 * 8;
	r.place.text_len = len;
	return stream__push(stream, &r, r.place.header.len);
}

int places__tell(struct places *p, struct stream *stream)
{
	int err = 0;

	for (size_t i = 0; i < p->waiting.cnt && !err; i++)
		err = tell(stream, &p->waiting.at[i]);
	p->waiting.cnt = 0;
	return err;
}

void places__free(struct places *p)
{
	free(p->waiting.at);
	*p = (struct places){0};
}
