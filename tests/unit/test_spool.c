// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Bytes come back as they were put, from memory and from the file that they go to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/spool.h"
#include "base/vector.h"

static const size_t memories[] = {0, 1, 10, 100, 4096, 1 << 20};

#define MEMORY_CNT (sizeof(memories) / sizeof(memories[0]))

/* Whatever is kept in memory, a spool is like an array. */
static void test_like_an_array(void **state)
{
	(void)state;
	for (size_t m = 0; m < MEMORY_CNT; m++) {
		struct spool *s = spool__new(memories[m]);
		static char model[3000], seen[3000];
		uint64_t size = 0;

		memset(model, 0, sizeof(model));
		for (unsigned i = 0; i < 400; i++) {
			size_t len = i * 7 % 50, offset = i * 131 % (sizeof(model) - 50);
			char bytes[50];

			memset(bytes, 'a' + i % 26, sizeof(bytes));
			assert_int_equal(spool__put(s, offset, bytes, len), 0);
			memcpy(model + offset, bytes, len);
			if (offset + len > size)
				size = offset + len;
			assert_int_equal(spool__size(s), size);
		}
		assert_int_equal(spool__get(s, 0, seen, size), 0);
		assert_memory_equal(seen, model, size);
		spool__free(s);
	}
}

static void test_past_the_end(void **state)
{
	char byte;

	(void)state;
	for (size_t m = 0; m < MEMORY_CNT; m++) {
		struct spool *s = spool__new(memories[m]);

		assert_int_equal(spool__get(s, 0, &byte, 1), -ENODATA);
		assert_int_equal(spool__put(s, 5, "x", 1), 0);
		assert_int_equal(spool__size(s), 6);
		assert_int_equal(spool__get(s, 4, &byte, 1), 0);
		assert_int_equal(byte, 0);
		assert_int_equal(spool__get(s, 5, &byte, 1), 0);
		assert_int_equal(byte, 'x');
		assert_int_equal(spool__get(s, 6, &byte, 1), -ENODATA);
		spool__free(s);
	}
	spool__free(NULL);
}

static unsigned open_files(void)
{
	unsigned cnt = 0;

	for (int fd = 0; fd < 256; fd++)
		cnt += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
	return cnt;
}

/* A file is made when it must be, and is gone with the spool. */
static void test_file(void **state)
{
	struct spool *s = spool__new(4096);
	unsigned before = open_files();
	char bytes[4096] = "";

	(void)state;
	assert_int_equal(spool__put(s, 0, bytes, sizeof(bytes)), 0);
	assert_int_equal(open_files(), before);
	assert_int_equal(spool__put(s, 4096, bytes, 1), 0);
	assert_int_equal(open_files(), before + 1);
	spool__free(s);
	assert_int_equal(open_files(), before);
}

static void test_no_directory(void **state)
{
	struct spool *s = spool__new(0);

	(void)state;
	assert_int_equal(setenv("TMPDIR", "/no/such/directory", 1), 0);
	assert_int_equal(spool__put(s, 0, "x", 1), -ENOENT);
	assert_int_equal(spool__size(s), 0);
	unsetenv("TMPDIR");
	assert_int_equal(spool__put(s, 0, "x", 1), 0);
	spool__free(s);
}

/* What is in memory stays good when the file cannot be written. */
static void test_full(void **state)
{
	const struct rlimit full = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
	const struct rlimit free_again = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct spool *s = spool__new(1);
	char byte;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(spool__put(s, 0, "x", 1), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_int_equal(spool__put(s, 1, "y", 1), -EFBIG);
	assert_int_equal(spool__size(s), 1);
	assert_int_equal(spool__get(s, 0, &byte, 1), 0);
	assert_int_equal(byte, 'x');
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &free_again), 0);
	assert_int_equal(spool__put(s, 1, "y", 1), 0);
	spool__free(s);
}

static void test_vector(void **state)
{
	VECTOR(uint64_t) v = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t *slot = vector_add(&v);

		assert_non_null(slot);
		assert_int_equal(*slot, 0);
		*slot = i * i;
		assert_int_equal(v.cnt, i + 1);
	}
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(v.at[i], i * i);
	/* What is used again is zero again. */
	v.cnt = 0;
	assert_int_equal(*vector_add(&v), 0);
	free(v.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_an_array), cmocka_unit_test(test_past_the_end),
		cmocka_unit_test(test_file),          cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_full),          cmocka_unit_test(test_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
