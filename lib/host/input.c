// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The bytes of a file, whatever they are packed with. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "images.h"
#include "out.h"

enum {
	CHUNK = 1 << 18,
	GZIP_ANY = 15 + 32,	/* inflateInit2(): the largest window, a header of gzip or zlib */
};

/**
 * struct unpack - A file on its way to a temporary one
 * @file: which, and what came of it
 * @from: where it is read from
 * @to: where it is written to
 * @limit: most bytes
 * @in: bytes of the packed file
 * @got: how many of them there are
 * @out: bytes that are unpacked
 */
struct unpack {
	struct input *file;
	int from;
	int to;
	uint64_t limit;
	uint8_t in[CHUNK];
	size_t got;
	uint8_t out[CHUNK];
};

static bool more(struct unpack *unpack)
{
	ssize_t got;

	/* A pipe gives what it has; what the file is follows from its first bytes. */
	for (unpack->got = 0; unpack->got < CHUNK; unpack->got += (size_t)got) {
		do {
			got = read(unpack->from, unpack->in + unpack->got, CHUNK - unpack->got);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return refuse(unpack->file, "cannot be read: %s", strerror(errno));
		if (!got)
			break;
	}
	return true;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return !size || (!bytes[0] && !memcmp(bytes, bytes + 1, size - 1));
}

/* Zeroes, of which RAM has many, stay a hole. */
static bool put(struct unpack *unpack, const uint8_t *bytes, size_t size)
{
	struct input *file = unpack->file;

	if (size > unpack->limit - file->size)
		return refuse(file, "has more than %" PRIu64 " bytes; --limit SIZE allows more",
			      unpack->limit);
	progress("reading", file->name, file->size, 0);
	if (!is_zero(bytes, size) &&
	    pwrite(unpack->to, bytes, size, (off_t)file->size) != (ssize_t)size)
		return refuse(file, "does not fit into the folder for temporary files (%s); TMPDIR= "
			      "names another", strerror(errno));
	file->size += size;
	return true;
}

static bool copy(struct unpack *unpack)
{
	while (unpack->got) {
		if (!put(unpack, unpack->in, unpack->got) || !more(unpack))
			return false;
	}
	return true;
}

/* Behind the end of a stream there may be zeroes, up to the end of a tape's block. */
static bool skip_zeroes(z_stream *z)
{
	while (z->avail_in && !*z->next_in) {
		z->next_in++;
		z->avail_in--;
	}
	return !z->avail_in;
}

/* One chunk of the packed file. @end: the end of a stream was the last thing that came. */
static bool inflate_chunk(struct unpack *unpack, z_stream *z, bool *end)
{
	int err;

	z->next_in = unpack->in;
	z->avail_in = (uInt)unpack->got;
	do {
		if (*end && skip_zeroes(z))
			return true;
		z->next_out = unpack->out;
		z->avail_out = CHUNK;
		err = inflate(z, Z_NO_FLUSH);
		if (err != Z_OK && err != Z_STREAM_END && err != Z_BUF_ERROR)
			return refuse(unpack->file, "is damaged: gzip says: %s",
				      z->msg ? z->msg : zError(err));
		*end = err == Z_STREAM_END;
		if (!put(unpack, unpack->out, CHUNK - z->avail_out))
			return false;
		if (*end)
			inflateReset(z);
	} while (z->avail_in || !z->avail_out);
	return true;
}

static bool unpack_gzip(struct unpack *unpack)
{
	bool end = false, fine = true;
	z_stream z = { 0 };

	if (inflateInit2(&z, GZIP_ANY) != Z_OK)
		return refuse(unpack->file, "cannot be unpacked: no memory");
	while (fine && unpack->got)
		fine = inflate_chunk(unpack, &z, &end) && more(unpack);
	inflateEnd(&z);
	if (fine && !end)
		return refuse(unpack->file, "is cut off: gzip data ends too early; copy it again");
	return fine;
}

/* One chunk of the packed file. @left: what zstd wants still, 0 at the end of a stream. */
static bool zstd_chunk(struct unpack *unpack, ZSTD_DStream *z, size_t *left)
{
	ZSTD_inBuffer in = { unpack->in, unpack->got, 0 };
	ZSTD_outBuffer out;

	do {
		out = (ZSTD_outBuffer){ unpack->out, CHUNK, 0 };
		*left = ZSTD_decompressStream(z, &out, &in);
		if (ZSTD_getErrorCode(*left) == ZSTD_error_frameParameter_windowTooLarge)
			return refuse(unpack->file, "takes more memory than zstd is given here: unpack "
				      "it first");
		if (ZSTD_isError(*left))
			return refuse(unpack->file, "is damaged: zstd says: %s",
				      ZSTD_getErrorName(*left));
		if (!put(unpack, unpack->out, out.pos))
			return false;
	} while (in.pos < in.size || (*left && out.pos == out.size));
	return true;
}

static bool unpack_zstd(struct unpack *unpack)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	bool fine = z != NULL;
	size_t left = 1;

	if (!z)
		return refuse(unpack->file, "cannot be unpacked: no memory");
	while (fine && unpack->got)
		fine = zstd_chunk(unpack, z, &left) && more(unpack);
	ZSTD_freeDStream(z);
	if (fine && left)
		return refuse(unpack->file, "is cut off: zstd data ends too early; copy it again");
	return fine;
}

static bool is_gzip(const uint8_t *bytes, size_t size)
{
	return size > 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static bool is_zstd(const uint8_t *bytes, size_t size)
{
	/* A frame, or one to be skipped, as pzstd has in front. */
	return size > 4 && (!memcmp(bytes, "\x28\xb5\x2f\xfd", 4) ||
			    ((bytes[0] & 0xf0) == 0x50 && !memcmp(bytes + 1, "\x2a\x4d\x18", 3)));
}

static bool map(struct input *file, int fd)
{
	if (!file->size)
		return refuse(file, "is empty");
	if (file->size > SIZE_MAX)
		return refuse(file, "is too large for this machine");
	file->bytes = mmap(NULL, (size_t)file->size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (file->bytes == MAP_FAILED)
		return refuse(file, "cannot be mapped: %s", strerror(errno));
	file->mapped = true;
	return true;
}

static bool unpack_to(struct unpack *unpack)
{
	bool fine;

	if (is_gzip(unpack->in, unpack->got))
		fine = unpack_gzip(unpack);
	else if (is_zstd(unpack->in, unpack->got))
		fine = unpack_zstd(unpack);
	else
		fine = copy(unpack);
	progress_end();
	if (fine && ftruncate(unpack->to, (off_t)unpack->file->size))
		return refuse(unpack->file, "does not fit into the folder for temporary files (%s)",
			      strerror(errno));
	return fine && map(unpack->file, unpack->to);
}

static bool through_temporary(struct unpack *unpack)
{
	const char *folder = getenv("TMPDIR");
	char name[4096];
	bool fine;

	if (snprintf(name, sizeof(name), "%s/gpuas-XXXXXX", folder && *folder ? folder : "/var/tmp") >=
	    (int)sizeof(name))
		return refuse(unpack->file, "cannot be unpacked: TMPDIR is too long");
	unpack->to = mkstemp(name);
	if (unpack->to < 0)
		return refuse(unpack->file, "cannot be unpacked into %s: %s; TMPDIR= names another "
			      "folder", name, strerror(errno));
	unlink(name);
	fine = unpack_to(unpack);
	close(unpack->to);
	return fine;
}

/* A plain file is mapped where it is, if all of it is wanted. */
static bool read_file(struct input *input, int fd, uint64_t limit)
{
	struct unpack *unpack = memory(1, sizeof(*unpack));
	struct stat stat;
	bool fine;

	unpack->file = input;
	unpack->from = fd;
	unpack->limit = limit;
	fine = more(unpack);
	if (fine && !fstat(fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size > 0 &&
	    lseek(fd, 0, SEEK_CUR) == (off_t)unpack->got &&
	    !is_gzip(unpack->in, unpack->got) && !is_zstd(unpack->in, unpack->got)) {
		input->size = (uint64_t)stat.st_size;
		fine = map(input, fd);
	} else if (fine) {
		fine = through_temporary(unpack);
	}
	free(unpack);
	return fine;
}

bool input_open(struct input *input, const char *name, uint64_t limit)
{
	static bool taken;
	bool standard = !strcmp(name, "-"), fine;
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

	*input = (struct input){ .name = standard ? "standard input" : name };
	if (fd < 0)
		return refuse(input, "cannot be opened: %s", strerror(errno));
	if (standard && taken)
		return refuse(input, "can be read once: one of the two needs a name");
	taken = taken || standard;
	fine = read_file(input, fd, limit);
	if (!standard)
		close(fd);
	return fine;
}

void input_close(struct input *input)
{
	if (input->mapped)
		munmap(input->bytes, (size_t)input->size);
	input->mapped = false;
}
