// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Files that are there when they are complete, and what is none; names that lead to the same. */
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/outfile.h"
#include "files.h"

#define NOWHERE "/no/such/directory/file"

/* Opens it and writes a line. */
static void begin(struct outfile *f, const char *name, const char *text)
{
	struct error error = {0};

	if (outfile__open(f, name, &error))
		fail_msg("%s", error.text);
	assert_int_equal(error.fault, FAULT_NONE);
	fputs(text, f->stream);
}

static void finish(struct outfile *f)
{
	struct error error = {0};

	if (outfile__finish(f, 0, "the report", &error))
		fail_msg("%s", error.text);
	assert_null(f->stream);
}

static void assert_refused(const char *name, int err, const char *says)
{
	struct error error = {0};
	struct outfile f;

	assert_int_equal(outfile__open(&f, name, &error), err);
	assert_null(f.stream);
	assert_int_equal(error.fault, FAULT_INPUT);
	assert_string_equal(error.text, says);
}

static void assert_fails(struct outfile *f, int err, int reason, const char *says)
{
	struct error error = {0};

	assert_int_equal(outfile__finish(f, err, "the list", &error), reason);
	assert_null(f->stream);
	assert_int_equal(error.fault, FAULT_DATA);
	assert_string_equal(error.text, says);
}

/* ---- files ---- */

/* Until it is complete, what was there is there; what a traced command runs does not inherit it. */
static void test_replaces(void **state)
{
	struct outfile f;

	(void)state;
	files__put("file", "old\n");
	begin(&f, "file", "new\n");
	assert_true(fcntl(fileno(f.stream), F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(f.hold, F_GETFD) & FD_CLOEXEC);
	fflush(f.stream);
	assert_string_equal(files__text("file"), "old\n");
	assert_string_equal(files__text("file.part"), "new\n");
	finish(&f);
	assert_string_equal(files__text("file"), "new\n");
	assert_string_equal(files__text("file.part"), "(none)");
}

static void test_makes(void **state)
{
	struct outfile f;
	struct stat s;
	mode_t mask = umask(027);

	(void)state;
	begin(&f, "file", "new\n");
	assert_string_equal(files__text("file"), "(none)");
	finish(&f);
	umask(mask);
	assert_string_equal(files__text("file"), "new\n");
	assert_int_equal(stat("file", &s), 0);
	assert_int_equal(s.st_mode & 07777, 0640);
}

static void test_discards(void **state)
{
	struct outfile f;

	(void)state;
	files__put("file", "old\n");
	begin(&f, "file", "new\n");
	outfile__discard(&f);
	outfile__discard(&f);
	assert_string_equal(files__text("file"), "old\n");
	assert_string_equal(files__text("file.part"), "(none)");
	begin(&f, "other", "new\n");
	outfile__discard(&f);
	assert_string_equal(files__text("other"), "(none)");
	assert_string_equal(files__text("other.part"), "(none)");
}

static void test_keeps_mode_and_owner(void **state)
{
	bool root = !geteuid();
	struct outfile f;
	struct stat s;

	(void)state;
	files__put("file", "old\n");
	assert_int_equal(chmod("file", 0604), 0);
	assert_int_equal(chown("file", root ? 12345 : -1, root ? 23456 : -1), 0);
	begin(&f, "file", "new\n");
	finish(&f);
	assert_string_equal(files__text("file"), "new\n");
	assert_int_equal(stat("file", &s), 0);
	assert_int_equal(s.st_mode & 07777, 0604);
	assert_int_equal(s.st_uid, root ? 12345 : geteuid());
	assert_int_equal(s.st_gid, root ? 23456 : s.st_gid);
}

/* The link stays, and what it leads to is replaced or made where that is. */
static void test_follows_links(void **state)
{
	static const char *const before[] = {"old\n", "(none)"};
	struct outfile f;
	struct stat s;

	(void)state;
	assert_int_equal(mkdir("there", 0700), 0);
	assert_int_equal(symlink("second", "first"), 0);
	assert_int_equal(symlink("there/file", "second"), 0);
	files__put("there/file", "old\n");
	for (size_t i = 0; i < 2; i++) {
		begin(&f, "./first", "new\n");
		assert_string_equal(files__text("there/file"), before[i]);
		fflush(f.stream);
		assert_string_equal(files__text("there/file.part"), "new\n");
		finish(&f);
		assert_string_equal(files__text("there/file"), "new\n");
		assert_int_equal(lstat("first", &s), 0);
		assert_true(S_ISLNK(s.st_mode));
		assert_int_equal(unlink("there/file"), 0);
	}
}

/* ---- what is in the way ---- */

/* A run that was killed has left it, or somebody wants us to write elsewhere. */
static void test_old_part(void **state)
{
	struct outfile f;

	(void)state;
	files__put("file.part", "of a killed run\n");
	begin(&f, "file", "new\n");
	finish(&f);
	assert_string_equal(files__text("file"), "new\n");
	files__put("precious", "precious\n");
	assert_int_equal(symlink("precious", "file.part"), 0);
	begin(&f, "file", "newer\n");
	finish(&f);
	assert_string_equal(files__text("file"), "newer\n");
	assert_string_equal(files__text("precious"), "precious\n");
	assert_int_equal(mkdir("file.part", 0700), 0);
	assert_refused("file", -EISDIR,
		       "cannot write file.part, which becomes file: Is a directory");
	assert_string_equal(files__text("file"), "newer\n");
}

static void test_another_run(void **state)
{
	struct outfile f;

	(void)state;
	begin(&f, "file", "first\n");
	assert_refused("file", -EBUSY, "cannot write file: another run is writing it");
	finish(&f);
	assert_string_equal(files__text("file"), "first\n");
}

/* Nothing gets the name but what we have written. */
static void test_part_is_exchanged(void **state)
{
	struct outfile f;

	(void)state;
	files__put("file", "old\n");
	begin(&f, "file", "new\n");
	assert_int_equal(unlink("file.part"), 0);
	assert_fails(&f, 0, -ENOENT, "cannot rename file.part to file: No such file or directory");
	begin(&f, "file", "new\n");
	assert_int_equal(unlink("file.part"), 0);
	files__put("file.part", "of somebody\n");
	assert_fails(&f, 0, -ESTALE, "cannot rename file.part to file: Stale file handle");
	begin(&f, "file", "new\n");
	assert_int_equal(unlink("file.part"), 0);
	files__put("file.part", "of somebody\n");
	outfile__discard(&f);
	assert_string_equal(files__text("file"), "old\n");
	assert_string_equal(files__text("file.part"), "of somebody\n");
}

/* What cannot get its name is not lost. */
static void test_cannot_rename(void **state)
{
	struct outfile f;

	(void)state;
	begin(&f, "file", "new\n");
	assert_int_equal(mkdir("file", 0700), 0);
	assert_fails(&f, 0, -EISDIR, "cannot rename file.part to file: Is a directory");
	assert_string_equal(files__text("file.part"), "new\n");
}

static void test_cannot_open(void **state)
{
	(void)state;
	assert_refused(NOWHERE, -ENOENT, "cannot write " NOWHERE ": No such file or directory");
	assert_refused("", -ENOENT, "cannot write : No such file or directory");
	assert_refused(".", -EISDIR, "cannot write .: Is a directory");
	assert_refused("new/", -ENOENT, "cannot write new/: No such file or directory");
	assert_string_equal(files__text(".part"), "(none)");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_refused("loop", -ELOOP, "cannot write loop: Too many levels of symbolic links");
}

/* Nobody who is not root may write to what is write-protected, although it could be replaced. */
static void as_nobody(void (*test)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!geteuid() && (setgroups(0, NULL) || setgid(65534) || setuid(65534)))
			_exit(1);
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void expect_refused(const char *name, const char *says)
{
	struct error error = {0};
	struct outfile f;

	if (outfile__open(&f, name, &error) != -EACCES || strcmp(error.text, says)) {
		fprintf(stderr, "%s\n", error.text);
		_exit(2);
	}
}

static void write_protected(void)
{
	expect_refused("open/file", "cannot write open/file: Permission denied");
	expect_refused("shut/file", "cannot write shut/file.part, which becomes shut/file: "
				    "Permission denied");
	expect_refused("shut/new", "cannot write shut/new.part, which becomes shut/new: "
				   "Permission denied");
}

static void test_write_protected(void **state)
{
	(void)state;
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(mkdir("open", 0700), 0);
	assert_int_equal(mkdir("shut", 0700), 0);
	files__put("open/file", "old\n");
	files__put("shut/file", "old\n");
	assert_int_equal(chmod("open/file", 0444), 0);
	assert_int_equal(chmod("shut/file", 0666), 0);
	assert_int_equal(chmod("open", 0777), 0);
	assert_int_equal(chmod("shut", 0555), 0);
	as_nobody(write_protected);
	assert_int_equal(chmod("shut", 0755), 0);
	assert_string_equal(files__text("open/file"), "old\n");
	assert_string_equal(files__text("shut/file"), "old\n");
}

static void replace_others(void)
{
	struct error error = {0};
	struct outfile f;

	if (outfile__open(&f, "file", &error) || outfile__finish(&f, 0, "", &error))
		_exit(2);
}

/* Who cannot give a file away gives nobody more than before. */
static void test_of_somebody_else(void **state)
{
	struct stat s;

	(void)state;
	files__put("file", "old\n");
	assert_int_equal(chmod("file", 0662), 0);
	assert_int_equal(chmod(".", 0777), 0);
	as_nobody(replace_others);
	assert_int_equal(stat("file", &s), 0);
	assert_int_equal(s.st_size, 0);
	assert_int_equal(s.st_mode & 07777, geteuid() ? 0662 : 0622);
}

/* ---- what is no file ---- */

static void test_stdout(void **state)
{
	int saved, unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct error error = {0};
	struct outfile f;
	int err;

	(void)state;
	assert_int_equal(outfile__open(&f, NULL, &error), 0);
	assert_ptr_equal(f.stream, stdout);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(unwritable, STDOUT_FILENO);
	err = outfile__open(&f, NULL, &error);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(unwritable);
	assert_int_equal(err, -EBADF);
	assert_string_equal(error.text, "cannot write to the standard output: it is closed");
}

static void test_device(void **state)
{
	struct outfile f;
	struct stat s;

	(void)state;
	begin(&f, "/dev/null", "new\n");
	assert_null(f.part);
	finish(&f);
	assert_int_equal(stat("/dev/null", &s), 0);
	assert_true(S_ISCHR(s.st_mode));
	assert_string_equal(files__text("/dev/null.part"), "(none)");
}

static void test_fifo(void **state)
{
	char text[16] = "";
	struct outfile f;
	int reader;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	begin(&f, "fifo", "new\n");
	finish(&f);
	assert_int_equal(read(reader, text, sizeof(text)), 4);
	assert_string_equal(text, "new\n");
	close(reader);
}

/* What we have open goes on behind what is written there already, also through a link. */
static void test_own_descriptor(void **state)
{
	static const char *const formats[] = {"/dev/fd/%d", "/proc/self/fd/%d", "link"};
	struct outfile f;
	struct stat s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int fd = open("file", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		char name[32];

		assert_int_equal(write(fd, "head\n", 5), 5);
		snprintf(name, sizeof(name), i < 2 ? formats[i] : formats[0], fd);
		if (i == 2) {
			assert_int_equal(symlink(name, "link"), 0);
			strcpy(name, "link");
		}
		begin(&f, name, "new\n");
		assert_null(f.part);
		finish(&f);
		assert_int_equal(fstat(fd, &s), 0);
		assert_int_equal(s.st_nlink, 1);
		assert_string_equal(files__text("file"), "head\nnew\n");
		close(fd);
	}
}

static void test_descriptor_for_reading(void **state)
{
	char name[32], says[96];
	int fd;

	(void)state;
	files__put("file", "old\n");
	fd = open("file", O_RDONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	snprintf(says, sizeof(says), "cannot write %s: Bad file descriptor", name);
	assert_refused(name, -EBADF, says);
	close(fd);
	assert_string_equal(files__text("file"), "old\n");
}

/* ---- what cannot be written ---- */

/* The stream's buffer takes everything: only closing it shows that the disk is full. */
static void test_full(void **state)
{
	struct outfile f;

	(void)state;
	begin(&f, "/dev/full", "a line\n");
	assert_fails(&f, 0, -ENOSPC, "cannot write /dev/full: No space left on device");
}

/* Whoever wrote it failed: that counts, also where closing it fails too. */
static void test_failed_before(void **state)
{
	static const char *const names[] = {"/dev/full", "/dev/null"};
	char says[64];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct outfile f;

		begin(&f, names[i], "a line\n");
		snprintf(says, sizeof(says), "cannot write %s: Cannot allocate memory", names[i]);
		assert_fails(&f, -ENOMEM, -ENOMEM, says);
	}
}

/* So early that there is nothing left to be written when it is closed. */
static void test_failed_unnoticed(void **state)
{
	struct outfile f = {.stream = fopen("/dev/full", "we"), .hold = -1};

	(void)state;
	assert_non_null(f.stream);
	setvbuf(f.stream, NULL, _IONBF, 0);
	fputs("a line\n", f.stream);
	assert_fails(&f, 0, -ENOSPC, "cannot write the list: No space left on device");
}

/* What was there stays; what there is of the new is gone, or stays where it is. */
static void test_full_disk(void **state)
{
	struct rlimit before, limit;
	struct outfile f;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){3, before.rlim_max};
	files__put("file", "old\n");
	for (int keeps = 0; keeps < 2; keeps++) {
		begin(&f, "file", "new\n");
		f.keeps_part = keeps;
		setrlimit(RLIMIT_FSIZE, &limit);
		fflush(f.stream);
		setrlimit(RLIMIT_FSIZE, &before);
		assert_fails(&f, -EFBIG, -EFBIG,
			     keeps ? "cannot write file: File too large; what there is of it is in "
				     "file.part"
				   : "cannot write file: File too large");
		assert_string_equal(files__text("file"), "old\n");
		assert_string_equal(files__text("file.part"), keeps ? "new" : "(none)");
	}
	signal(SIGXFSZ, SIG_DFL);
}

static void test_leaves(void **state)
{
	struct outfile f;

	(void)state;
	begin(&f, "file", "new\n");
	outfile__leave(&f);
	assert_string_equal(files__text("file"), "(none)");
	assert_string_equal(files__text("file.part"), "new\n");
}

/* ---- two names ---- */

static void assert_at(const char *name, const char *other, bool is)
{
	struct outfile f;

	begin(&f, name, "");
	if (outfile__is_at(&f, other) != is)
		fail_msg("%s %s %s", name, is ? "is not" : "is", other);
	outfile__discard(&f);
}

static void test_same(void **state)
{
	(void)state;
	assert_int_equal(mkdir("there", 0700), 0);
	assert_int_equal(symlink("there", "way"), 0);
	assert_int_equal(symlink("there/file", "link"), 0);
	for (int exists = 0; exists < 2; exists++) {
		if (exists)
			files__put("there/file", "old\n");
		assert_at("there/file", "there/file", true);
		assert_at("there/file", "./way/../there//file", true);
		assert_at("link", "way/file", true);
		assert_at("way/file", "link", true);
		assert_at("there/file", "there/other", false);
		/* What one writes first is what the other becomes. */
		assert_at("there/file", "there/file.part", true);
		assert_at("there/file", "/dev/null", false);
		assert_at("/dev/null", "there/file", false);
	}
	assert_int_equal(link("there/file", "hard"), 0);
	assert_at("there/file", "hard", true);
	assert_at("/dev/null", "/dev/null", false);
	assert_at("/dev/full", "/dev/full", true);
	assert_at("/dev/full", "/dev/zero", false);
	assert_at("there/file", NOWHERE, false);
}

/* The report goes to a file by way of the shell. */
static void test_same_as_descriptor(void **state)
{
	struct outfile f;
	char name[32];
	int fd;

	(void)state;
	fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_at(name, "file", true);
	assert_at("file", name, true);
	f = (struct outfile){.stream = fdopen(fd, "w"), .hold = -1};
	assert_true(outfile__is_at(&f, "./file"));
	assert_false(outfile__is_at(&f, "./other"));
	outfile__discard(&f);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, files__begin, files__end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(test_replaces),
		IN_DIRECTORY(test_makes),
		IN_DIRECTORY(test_discards),
		IN_DIRECTORY(test_keeps_mode_and_owner),
		IN_DIRECTORY(test_follows_links),
		IN_DIRECTORY(test_old_part),
		IN_DIRECTORY(test_another_run),
		IN_DIRECTORY(test_part_is_exchanged),
		IN_DIRECTORY(test_cannot_rename),
		IN_DIRECTORY(test_cannot_open),
		IN_DIRECTORY(test_write_protected),
		IN_DIRECTORY(test_of_somebody_else),
		IN_DIRECTORY(test_stdout),
		IN_DIRECTORY(test_device),
		IN_DIRECTORY(test_fifo),
		IN_DIRECTORY(test_own_descriptor),
		IN_DIRECTORY(test_descriptor_for_reading),
		IN_DIRECTORY(test_full),
		IN_DIRECTORY(test_failed_before),
		IN_DIRECTORY(test_failed_unnoticed),
		IN_DIRECTORY(test_full_disk),
		IN_DIRECTORY(test_leaves),
		IN_DIRECTORY(test_same),
		IN_DIRECTORY(test_same_as_descriptor),
	};

	return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
