// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The file of a snapshot: read with the system's own <elf.h>, and compared with the RAM. */
#define _GNU_SOURCE
#include "snaps.h"

#include <elf.h>
#include <unistd.h>

/* All of the file, by one read. */
struct file {
	struct gpuas_core core;
	uint8_t *bytes;
	uint64_t size;
};

static const struct gpuas_core_info info = {
	.why = "the firmware crashed, and this is a sentence that is longer than 63 letters",
	.writer = "a test",
	.time = 0x1234567890ULL,
	.report = "what was refused",
	.soc = "a SoC",
	.log = "panic: no\n",
	.log_size = 10,
};

static struct file file_of(struct snap *m, const struct gpuas_core_info *with, uint64_t limit)
{
	struct file file;

	assert_int_equal(gpuas_core_init(&file.core, &m->s, with, limit), 0);
	file.size = file.core.size;
	file.bytes = malloc(file.size);
	assert_non_null(file.bytes);
	memset(file.bytes, 0xee, file.size);
	assert_int_equal(gpuas_core_read(&file.core, 0, file.bytes, file.size), file.size);
	return file;
}

static const Elf64_Ehdr *header(const struct file *file)
{
	return (const Elf64_Ehdr *)file->bytes;
}

static const Elf64_Phdr *segment(const struct file *file, uint32_t i)
{
	return (const Elf64_Phdr *)(file->bytes + header(file)->e_phoff) + i;
}

/* What a note says; NULL if there is none. */
static const void *note(const struct file *file, const char *name, uint32_t type, uint32_t *size)
{
	const uint8_t *at = file->bytes + segment(file, 0)->p_offset;
	const uint8_t *end = at + segment(file, 0)->p_filesz;
	const uint8_t *found = NULL;

	while (at < end) {
		const Elf64_Nhdr *head = (const Elf64_Nhdr *)at;
		const uint8_t *text = at + sizeof(*head);
		const uint8_t *desc = text + ((head->n_namesz + 3) & ~3u);

		assert_int_equal(head->n_namesz, strlen((const char *)text) + 1);
		if (head->n_type == type && !strcmp((const char *)text, name)) {
			assert_null(found);
			found = desc;
			*size = head->n_descsz;
		}
		at = desc + ((head->n_descsz + 3) & ~3u);
	}
	assert_ptr_equal(at, end);
	return found;
}

static const void *our_note(const struct file *file, enum gpuas_note type, uint32_t *size)
{
	return note(file, GPUAS_CORE_NOTE_NAME, type, size);
}

static void assert_header(const struct file *file, uint32_t segments)
{
	const Elf64_Ehdr *h = header(file);

	assert_memory_equal(h->e_ident, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(h->e_type, ET_CORE);
	assert_int_equal(h->e_machine, EM_AARCH64);
	assert_int_equal(h->e_version, EV_CURRENT);
	assert_int_equal(h->e_phoff, sizeof(*h));
	assert_int_equal(h->e_ehsize, sizeof(*h));
	assert_int_equal(h->e_phentsize, sizeof(Elf64_Phdr));
	assert_int_equal(h->e_phnum, segments < PN_XNUM ? segments : PN_XNUM);
	assert_int_equal(segment(file, 0)->p_type, PT_NOTE);
}

/* The segment and the record of one extent, and its bytes. */
static void assert_extent(struct snap *m, const struct file *file, uint32_t i)
{
	const struct gpuas_snap_extent *extent = &m->s.extent[i];
	const Elf64_Phdr *p = segment(file, i + 1);
	const struct gpuas_note_extent *record;
	uint32_t size;

	record = (const void *)((const uint8_t *)our_note(file, GPUAS_NOTE_EXTENTS, &size) + 8 +
				i * sizeof(*record));
	assert_int_equal(p->p_vaddr, gpuas_snap_address(&m->s, extent));
	assert_int_equal(p->p_paddr, gpuas_pa_u64(extent->pa));
	assert_int_equal(p->p_memsz, extent->size);
	assert_int_equal(p->p_align, m->s.manifest ? PAGE : file->core.align);
	assert_int_equal((p->p_vaddr - p->p_offset) % p->p_align *
			 (extent->missing == GPUAS_SNAP_PRESENT), 0);
	assert_int_equal(record->va, gpuas_va_u64(extent->va));
	assert_int_equal(record->raw, extent->raw);
	assert_int_equal(record->attr, extent->attr);
	assert_int_equal(record->space, extent->space);
	assert_int_equal(record->level, extent->level);
	assert_int_equal(record->kind, extent->kind);
	assert_int_equal(record->owner, extent->owner);
	assert_int_equal(record->region, extent->region);
	assert_int_equal(record->missing, extent->missing);
	if (extent->missing) {
		assert_int_equal(p->p_type, GPUAS_CORE_MISSING);
		assert_int_equal(p->p_filesz, 0);
		return;
	}
	assert_int_equal(p->p_type, PT_LOAD);
	assert_int_equal(p->p_filesz, p->p_memsz);
	assert_true(p->p_offset >= file->core.data && p->p_offset + p->p_filesz <= file->size);
	assert_memory_equal(file->bytes + p->p_offset, ram_at(m->ram, p->p_paddr, p->p_filesz),
			    p->p_filesz);
}

/* Bytes of RAM that extents have, each once: what the file should be long. */
static uint64_t bytes_of(const struct gpuas_snapshot *s)
{
	static uint8_t has[RAM_SIZE / 0x1000];
	uint64_t at, bytes = 0;
	uint32_t i;

	memset(has, 0, sizeof(has));
	for (i = 0; i < s->extents; i++) {
		const uint64_t start = gpuas_pa_u64(s->extent[i].pa) - RAM_BASE;

		for (at = 0; !s->extent[i].missing && at < s->extent[i].size; at += 0x1000)
			has[(start + at) / 0x1000] = 1;
	}
	for (i = 0; i < RAM_SIZE / 0x1000; i++)
		bytes += has[i] * 0x1000ULL;
	return bytes;
}

static void assert_file(struct snap *m, const struct file *file)
{
	uint32_t i;

	assert_header(file, m->s.extents + 1);
	for (i = 0; i < m->s.extents; i++)
		assert_extent(m, file, i);
	assert_int_equal(file->size, file->core.data + bytes_of(&m->s));
	assert_int_equal(file->core.torn, 0);
}

static void a_file_has_each_extent_byte_for_byte(void **state)
{
	struct snap *m = *state;
	struct file file;

	snap_take(m);
	assert_true(m->s.extents > 15);
	file = file_of(m, &info, ~0ULL);
	assert_file(m, &file);
	assert_int_equal(header(&file)->e_entry, 0xffffff8000000000ULL);
	if (getenv("GPUAS_KEEP")) {
		FILE *f = fopen(getenv("GPUAS_KEEP"), "w");
		fwrite(file.bytes, 1, file.size, f);
		fclose(f);
	}
	free(file.bytes);
}

/* What a program of the system says of a file; NULL if there is none of that name. */
static char *judged_by(const struct file *file, const char *program, const char *options)
{
	static char said[1 << 20];
	char path[] = "/tmp/gpuas-core-XXXXXX", command[256];
	int fd = mkstemp(path);
	size_t n;
	FILE *pipe;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->bytes, file->size), file->size);
	close(fd);
	snprintf(command, sizeof(command), "command -v %s >/dev/null && %s %s %s 2>&1 || echo FAILED",
		 program, program, options, path);
	pipe = popen(command, "r");
	n = fread(said, 1, sizeof(said) - 1, pipe);
	said[n] = 0;
	pclose(pipe);
	unlink(path);
	return strcmp(said, "FAILED\n") ? said : NULL;
}

static void assert_says(const char *said, const char *what)
{
	if (!strstr(said, what))
		fail_msg("'%s' is not in\n%s", what, said);
}

static void assert_not(const char *said, const char *what)
{
	if (strstr(said, what))
		fail_msg("'%s' is in\n%s", what, said);
}

static void assert_judged(struct snap *m, const struct file *file, const char *program,
			  const char *options)
{
	const char *said = judged_by(file, program, options);
	char line[64];
	uint32_t i;

	if (!said) {
		print_message("# SKIP %s is not installed\n", program);
		skip();
	}
	assert_not(said, "FAILED");
	assert_not(said, "arning");
	assert_not(said, "rror");
	assert_says(said, "libgpuas");
	for (i = 0; i < m->s.extents; i++) {
		snprintf(line, sizeof(line), "0x%016llx 0x",
			 (unsigned long long)gpuas_snap_address(&m->s, &m->s.extent[i]));
		assert_says(said, line);
	}
}

static void readelf_lists_a_file(void **state)
{
	struct snap *m = *state;
	struct file file;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	assert_judged(m, &file, "readelf", "-hlnW");
	free(file.bytes);
}

static void elfutils_list_a_file(void **state)
{
	struct snap *m = *state;
	struct file file;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	assert_judged(m, &file, "eu-readelf", "-hln");
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SNAP_TEST(a_file_has_each_extent_byte_for_byte),
		SNAP_TEST(readelf_lists_a_file),
		SNAP_TEST(elfutils_list_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
