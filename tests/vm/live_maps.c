// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "live_maps.h"

#include <bpf/bpf.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KEY_MAX   64
#define TRIES     6000
#define STEP_NSEC 10000000

static int open_map(uint32_t id, const char *name)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(info.name, name))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Ours: nobody else on the machine has one of this name. */
static int find_map(const char *name)
{
	uint32_t id = 0;
	int fd = -1;

	while (fd < 0 && !bpf_map_get_next_id(id, &id))
		fd = open_map(id, name);
	return fd;
}

int live__count_entries(const char *map)
{
	char key[KEY_MAX], next[KEY_MAX];
	int fd = find_map(map), cnt = 0;

	if (fd < 0)
		return -1;
	for (void *from = NULL; !bpf_map_get_next_key(fd, from, next); from = key, cnt++)
		memcpy(key, next, sizeof(key));
	close(fd);
	return cnt;
}

int live__await_entries(const char *map, int least, int most)
{
	struct timespec step = {.tv_nsec = STEP_NSEC};
	int cnt = live__count_entries(map);

	for (int tries = 0; (cnt < least || cnt > most) && tries < TRIES; tries++) {
		nanosleep(&step, NULL);
		cnt = live__count_entries(map);
	}
	return cnt;
}
