// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/place.h"

/* No copy of a descriptor becomes one of the standard ones. */
static int copy(int fd)
{
	int copied = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	return copied < 0 ? -errno : copied;
}

/* ---- as it is ---- */

/* Better said now than after the run. */
static int check_writable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? -EBADF : 0;
}

/* What we have open goes on where it is: opened by its name, a file would begin anew. */
static int open_as_it_is(const struct place *p)
{
	int fd;

	if (p->own_fd >= 0)
		return check_writable(p->own_fd) ? -EBADF : copy(p->own_fd);
	fd = open(p->path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ---- beside it ---- */

/* Whoever writes it holds it. What a killed run has left nobody holds. */
static bool is_held(const char *part)
{
	int fd = open(part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return held;
}

static int create(const char *part, mode_t mode)
{
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	return fd < 0 ? -errno : fd;
}

/* A new file always: never what others may have put there. */
static int open_part(const char *part, mode_t mode)
{
	int fd = create(part, mode);

	if (fd != -EEXIST)
		return fd;
	if (is_held(part))
		return -EBUSY;
	return unlink(part) ? -errno : create(part, mode);
}

/* As far as we may. Another group than the one that was meant gets what everybody gets. */
static void take_over(int fd, const struct stat *from)
{
	mode_t mode = from->st_mode & 0777;

	if (fchown(fd, from->st_uid, from->st_gid))
		mode &= ~S_IRWXG | (mode & S_IRWXO) << 3;
	fchmod(fd, mode);
}

static int explain_part(const struct outfile *f, int err, struct error *error)
{
	if (err == -EBUSY)
		return error__set(error, FAULT_INPUT, err,
				  "cannot write %s: another run is writing it", f->name);
	return error__set(error, FAULT_INPUT, err, "cannot write %s, which becomes %s: %s", f->part,
			  f->name, strerror(-err));
}

static int open_beside(struct outfile *f, const struct place *p, struct error *error)
{
	f->path = strdup(p->path);
	if (!f->path || asprintf(&f->part, "%s.part", p->path) < 0) {
		f->part = NULL;
		return -ENOMEM;
	}
	if (p->exists && faccessat(AT_FDCWD, f->path, W_OK, AT_EACCESS))
		return -errno;
	f->hold = open_part(f->part, p->exists ? 0600 : 0666);
	if (f->hold == -ENOENT || f->hold == -ENOTDIR)
		return f->hold;
	if (f->hold < 0)
		return explain_part(f, f->hold, error);
	/* Where a file system has no locks, two runs at once are found out in the end. */
	flock(f->hold, LOCK_EX | LOCK_NB);
	if (p->exists)
		take_over(f->hold, &p->there);
	return copy(f->hold);
}

/* ---- opening ---- */

static int open_named(struct outfile *f, struct error *error)
{
	struct place p;
	int fd, err = place__find(&p, f->name);

	if (err)
		return err;
	fd = p.is_file ? open_beside(f, &p, error) : open_as_it_is(&p);
	place__free(&p);
	if (fd < 0)
		return fd;
	f->stream = fdopen(fd, "w");
	if (!f->stream)
		close(fd);
	return f->stream ? 0 : -ENOMEM;
}

int outfile__open(struct outfile *f, const char *name, struct error *error)
{
	int err;

	*f = OUTFILE_CLOSED;
	f->name = name;
	if (!name) {
		f->stream = stdout;
		err = check_writable(STDOUT_FILENO);
		return err ? error__set(error, FAULT_INPUT, err,
					"cannot write to the standard output: it is closed")
			   : 0;
	}
	err = open_named(f, error);
	if (!err)
		return 0;
	outfile__discard(f);
	return error__set(error, FAULT_INPUT, err, "cannot write %s: %s", name, strerror(-err));
}

/* ---- one file under two names ---- */

static bool is_null_device(const struct stat *s)
{
	return S_ISCHR(s->st_mode) && s->st_rdev == makedev(1, 3);
}

/* Is it what is being written, or what that replaces? */
static bool is_ours(const struct outfile *f, const char *path)
{
	struct stat it, ours;

	if (stat(path, &it) || is_null_device(&it))
		return false;
	if (!fstat(fileno(f->stream), &ours) && place__is_one_file(&it, &ours))
		return true;
	return f->path && !stat(f->path, &ours) && place__is_one_file(&it, &ours);
}

bool outfile__is_at(const struct outfile *f, const char *name)
{
	struct place p;
	char *part = NULL;
	bool is;

	if (place__find(&p, name))
		return false;
	/* Where nothing has the name yet, the same part stands for the same file. */
	if (p.is_file && asprintf(&part, "%s.part", p.path) < 0)
		part = NULL;
	is = is_ours(f, name) || (part && is_ours(f, part));
	free(part);
	place__free(&p);
	return is;
}

/* ---- closing ---- */

static void forget(struct outfile *f)
{
	if (f->hold >= 0)
		close(f->hold);
	free(f->path);
	free(f->part);
	*f = OUTFILE_CLOSED;
}

/* Negative errno when somebody has put another file in its place, or taken it away. */
static int check_part(const struct outfile *f)
{
	struct stat held, there;

	if (fstat(f->hold, &held) || lstat(f->part, &there))
		return -errno;
	return place__is_one_file(&held, &there) ? 0 : -ESTALE;
}

static void remove_part(const struct outfile *f)
{
	if (f->hold >= 0 && !check_part(f))
		unlink(f->part);
}

/* What failed before the last flush has left no reason: it fails once more. */
static int find_reason(FILE *stream)
{
	clearerr(stream);
	return fputc('\n', stream) == EOF || fflush(stream) ? -errno : -EIO;
}

static int close_stream(struct outfile *f, int err)
{
	if (ferror(f->stream) && (!err || err == -EIO))
		err = find_reason(f->stream);
	if (fclose(f->stream) && !err)
		err = -errno;
	f->stream = NULL;
	return err;
}

static int put_in_place(const struct outfile *f, struct error *error)
{
	int err = check_part(f);

	if (!err && rename(f->part, f->path))
		err = -errno;
	return err ? error__set(error, FAULT_DATA, err, "cannot rename %s to %s: %s", f->part,
				f->path, strerror(-err))
		   : 0;
}

static int explain_writing(const struct outfile *f, int err, const char *what, struct error *error)
{
	if (f->part && f->keeps_part)
		return error__set(error, FAULT_DATA, err,
				  "cannot write %s: %s; what there is of it is in %s", f->name,
				  strerror(-err), f->part);
	return error__set(error, FAULT_DATA, err, "cannot write %s: %s", f->name ? f->name : what,
			  strerror(-err));
}

int outfile__finish(struct outfile *f, int err, const char *what, struct error *error)
{
	err = close_stream(f, err);
	if (err) {
		explain_writing(f, err, what, error);
		if (!f->keeps_part)
			remove_part(f);
	} else if (f->part) {
		err = put_in_place(f, error);
	}
	forget(f);
	return err;
}

void outfile__leave(struct outfile *f)
{
	close_stream(f, 0);
	forget(f);
}

void outfile__discard(struct outfile *f)
{
	if (f->stream)
		fclose(f->stream);
	remove_part(f);
	forget(f);
}
