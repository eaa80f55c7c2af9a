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

static void is_listed_by(struct snap *m, const char *program, const char *option)
{
	struct file file;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	assert_judged(m, &file, program, option);
	free(file.bytes);
}

static void readelf_lists_a_file(void **state)
{
	is_listed_by(*state, "readelf", "-hlnW");
}

static void elfutils_list_a_file(void **state)
{
	is_listed_by(*state, "eu-readelf", "-hln");
}

/* Any part, at any place, is that part of the whole; as is what is pushed. */
static void assert_pulls(struct file *file, unsigned int rounds)
{
	uint8_t *buf = malloc(file->size + 100);
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		uint64_t offset = (uint64_t)rand() % (i & 1 ? file->size + 10 : file->core.data + 10);
		size_t count = (size_t)rand() % (i & 2 ? 100 : 40000);
		size_t there = offset >= file->size ? 0 : file->size - offset;

		memset(buf, 0xee, count + 1);
		there = count < there ? count : there;
		assert_int_equal(gpuas_core_read(&file->core, offset, buf, count), there);
		assert_memory_equal(buf, file->bytes + (there ? offset : 0), there);
		assert_int_equal(buf[there], 0xee);
	}
	for (i = 0; i < file->core.data + 100; i++) {
		assert_int_equal(gpuas_core_read(&file->core, i, buf, 1), 1);
		assert_int_equal(buf[0], file->bytes[i]);
	}
	free(buf);
}

static void any_part_is_that_part_of_the_whole(void **state)
{
	struct snap *m = *state;
	struct file file;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	print_message("# seed 13\n");
	srand(13);
	assert_pulls(&file, 3000);
	free(file.bytes);
}

struct sink {
	const struct file *file;
	uint64_t offset;
	uint64_t fail_at;
};

static int take(void *ctx, const void *buf, size_t count)
{
	struct sink *sink = ctx;

	if (sink->offset >= sink->fail_at)
		return -GPUAS_ENOSPC;
	assert_memory_equal(buf, sink->file->bytes + sink->offset, count);
	sink->offset += count;
	return 0;
}

static void all_is_pushed_in_pieces(void **state)
{
	struct snap *m = *state;
	static const size_t sizes[] = { 1000, 0x4000, 0x12345, 1 << 23 };
	struct file file;
	struct sink sink = { .fail_at = ~0ULL };
	uint8_t *buf = malloc(1 << 23);
	unsigned int i;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	sink.file = &file;
	for (i = 0; i < 4; i++, sink.offset = 0) {
		assert_int_equal(gpuas_core_push(&file.core, buf, sizes[i], take, &sink), 0);
		assert_int_equal(sink.offset, file.size);
	}
	sink.fail_at = 0x8000;
	assert_int_equal(gpuas_core_push(&file.core, buf, 0x4000, take, &sink), -GPUAS_ENOSPC);
	assert_int_equal(sink.offset, 0x8000);
	assert_int_equal(gpuas_core_push(&file.core, buf, 0, take, &sink), -GPUAS_EINVAL);
	free(buf);
	free(file.bytes);
}

static void assert_info(const struct snap *m, const struct file *file)
{
	const struct gpuas_note_info *i;
	uint32_t size;

	i = our_note(file, GPUAS_NOTE_INFO, &size);
	assert_int_equal(size, sizeof(*i));
	assert_int_equal(i->size, size);
	assert_int_equal(i->version, 1);
	assert_int_equal(i->time, info.time);
	assert_int_equal(i->file_size, file->size);
	assert_int_equal(i->flags, 0);
	assert_int_equal(i->align, PAGE);
	assert_int_equal(i->extents, m->s.extents);
	assert_int_equal(i->findings, 1);
	assert_int_equal(strlen(i->why), 63);
	assert_memory_equal(i->why, info.why, 63);
	assert_string_equal(i->writer, "a test");
	assert_string_equal(i->board, "qemu-virt");
}

static void assert_spaces(const struct snap *m, const struct file *file)
{
	const struct gpuas_note_list *list;
	const struct gpuas_note_space *space;
	uint32_t size;

	list = our_note(file, GPUAS_NOTE_SPACES, &size);
	space = (const void *)(list + 1);
	assert_int_equal(list->count, 3);
	assert_int_equal(size, sizeof(*list) + 3 * list->size);
	assert_string_equal(space[0].name, "root 0");
	assert_string_equal(space[0].format, "lpae-16k");
	assert_int_equal(space[0].root, gpuas_pa_u64(m->bringup.manifest.root));
	assert_int_equal(space[0].va, HALF);
	assert_int_equal(space[0].level, 2);
	assert_int_equal(space[0].upper, 1);
	assert_int_equal(space[2].context, 5);
	assert_int_equal(space[2].tag, 5);
	assert_int_equal(space[2].va, 0);
	assert_int_equal(space[2].granule_shift, 14);
	assert_int_equal(space[2].va_bits, 39);
	assert_int_equal(space[2].pa_bits, 40);
}

static void assert_finding(const struct file *file)
{
	const struct gpuas_note_list *list;
	const struct gpuas_note_finding *finding;
	uint32_t size;

	list = our_note(file, GPUAS_NOTE_FINDINGS, &size);
	finding = (const void *)(list + 1);
	assert_int_equal(list->count, 1);
	assert_int_equal(finding->wrong, GPUAS_WRONG_BITS);
	assert_int_equal(finding->entry, 0x1230);
	assert_int_equal(finding->va, HALF + 6 * SLOT);
	assert_int_equal(finding->level, 2);
	assert_int_equal(finding->kind, GPUAS_OTHER);
	assert_int_equal(finding->region, GPUAS_SNAP_NO_REGION);
}

static void assert_region(const struct gpuas_note_region *note, const struct gpuas_region *region)
{
	assert_string_equal(note->name, region->name);
	assert_int_equal(note->pa, gpuas_pa_u64(region->pa));
	assert_int_equal(note->size, region->size);
	assert_int_equal(note->va, gpuas_va_u64(region->va));
	assert_int_equal(note->attr, region->attr);
	assert_int_equal(note->role, region->role);
	assert_int_equal(note->owner, region->owner);
	assert_int_equal(note->present, 1);
	assert_int_equal(note->mapped, region->mapped);
}

static void assert_manifest(const struct snap *m, const struct file *file)
{
	const struct gpuas_manifest *manifest = &m->bringup.manifest;
	const struct gpuas_note_manifest *note;
	const struct gpuas_note_region *region;
	uint32_t size, k;

	note = our_note(file, GPUAS_NOTE_MANIFEST, &size);
	region = (const void *)((const uint8_t *)note + note->size);
	assert_int_equal(size, note->size + note->regions * note->region_size);
	assert_int_equal(note->regions, 6);
	assert_int_equal(note->fw_va, gpuas_va_u64(manifest->firmware.va));
	assert_int_equal(note->fw_size, manifest->firmware.size);
	assert_int_equal(note->host_va, HOST);
	assert_int_equal(note->host_size, SLOT);
	assert_string_equal(note->contract, "gpuas-qemu-virt");
	assert_string_equal(note->format, "lpae-16k");
	for (k = 0; k < note->regions; k++)
		assert_region(&region[k], &manifest->region[k]);
}

static void notes_say_what_only_they_know(void **state)
{
	struct snap *m = *state;
	const struct gpuas_manifest *manifest = &m->bringup.manifest;
	struct file file;
	uint32_t size;

	*slot(m->ram, gpuas_pa_u64(manifest->root), 6) = 0x1230;
	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	assert_info(m, &file);
	assert_spaces(m, &file);
	assert_finding(&file);
	assert_manifest(m, &file);
	assert_memory_equal(our_note(&file, GPUAS_NOTE_TTBS, &size), snap_ttbs(m), 0x400);
	assert_memory_equal(our_note(&file, GPUAS_NOTE_HANDOFF, &size),
			    ram_at(m->ram, gpuas_pa_u64(manifest->region[2].pa), 0x648), 0x648);
	assert_memory_equal(our_note(&file, GPUAS_NOTE_REPORT, &size), info.report, 16);
	assert_memory_equal(our_note(&file, GPUAS_NOTE_SOC, &size), info.soc, 5);
	assert_memory_equal(our_note(&file, GPUAS_NOTE_LOG, &size), info.log, 10);
	assert_int_equal(size, 10);
	free(file.bytes);
}

/* What nobody said makes no note. */
static void a_file_of_little_is_a_file(void **state)
{
	struct snap *m = *state;
	const struct gpuas_core_info nothing = { .why = NULL };
	struct file file;
	uint32_t size;

	m->s.manifest = NULL;
	m->s.board = NULL;
	gpuas_snapshot_capture(&m->s);
	file = file_of(m, &nothing, ~0ULL);
	assert_header(&file, 1);
	assert_int_equal(file.size, file.core.data);
	assert_non_null(our_note(&file, GPUAS_NOTE_INFO, &size));
	assert_null(our_note(&file, GPUAS_NOTE_MANIFEST, &size));
	assert_null(our_note(&file, GPUAS_NOTE_TTBS, &size));
	assert_null(our_note(&file, GPUAS_NOTE_LOG, &size));
	free(file.bytes);
}

/* Which class an extent is of, when the file gets too large. */
static unsigned int rank(const struct snap *m, const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_TABLE || extent->kind == GPUAS_SNAP_MEMORY)
		return extent->kind == GPUAS_SNAP_MEMORY;
	return m->space[extent->space].geo.upper ? 2 : 3;
}

/* For the first that was left out there was no room. */
static void assert_full(struct snap *m, uint64_t room)
{
	struct gpuas_snap_extent *first = NULL, *extent = m->extent;
	uint32_t i;

	for (i = 0; i < m->s.extents; i++, extent++) {
		if (extent->missing == GPUAS_SNAP_LIMIT &&
		    (!first || rank(m, extent) < rank(m, first) ||
		     (rank(m, extent) == rank(m, first) && extent->size < first->size)))
			first = extent;
	}
	assert_non_null(first);
	first->missing = GPUAS_SNAP_PRESENT;
	assert_true(bytes_of(&m->s) > room);
	first->missing = GPUAS_SNAP_LIMIT;
}

static void assert_limited(struct snap *m, const struct file *file, uint64_t limit)
{
	uint32_t i, k;

	assert_full(m, limit - file->core.data);

	for (i = 0; i < m->s.extents; i++) {
		for (k = 0; m->extent[i].missing == GPUAS_SNAP_LIMIT && k < m->s.extents; k++) {
			if (m->extent[k].missing)
				continue;
			assert_true(rank(m, &m->extent[k]) <= rank(m, &m->extent[i]));
			if (rank(m, &m->extent[k]) == rank(m, &m->extent[i]))
				assert_true(m->extent[k].size <= m->extent[i].size);
		}
	}
	assert_file(m, file);
}

static void a_limit_leaves_out_what_matters_least(void **state)
{
	struct snap *m = *state;
	const struct gpuas_note_info *note;
	struct file file;
	uint64_t limit, all, before = 0;
	uint32_t size;

	snap_take(m);
	file = file_of(m, &info, ~0ULL);
	all = file.size;
	limit = file.core.data;
	assert_int_equal(gpuas_core_init(&file.core, &m->s, &info, limit - 1), -GPUAS_ENOSPC);
	assert_int_equal(file.core.data, limit);
	for (; limit < all; limit += 3 * PAGE / 2) {
		free(file.bytes);
		file = file_of(m, &info, limit);
		assert_true(file.size <= limit && file.size >= before);
		before = file.size;
		assert_limited(m, &file, limit);
		note = our_note(&file, GPUAS_NOTE_INFO, &size);
		assert_int_equal(note->flags, GPUAS_NOTE_LIMITED);
	}
	free(file.bytes);
	/* One granule less than all, and all again: what was left out comes back. */
	file = file_of(m, &info, all - 1);
	assert_true(file.size < all);
	free(file.bytes);
	file = file_of(m, &info, all);
	assert_int_equal(file.size, all);
	assert_file(m, &file);
	free(file.bytes);
}

static void memory_that_is_gone_is_zeroes_and_counted(void **state)
{
	struct snap *m = *state;
	struct file file;
	uint8_t *bytes;
	uint64_t at;

	snap_take(m);
	*slot(m->ram, PAGES_AT, 5) = 0x55aa;
	file = file_of(m, &info, ~0ULL);
	/* What changes after the capture is what it is when it is read. */
	assert_file(m, &file);
	m->extent[m->s.extents - 2].pa = gpuas_pa(MMIO);
	bytes = malloc(file.size);
	memset(bytes, 0xee, file.size);
	assert_int_equal(gpuas_core_init(&file.core, &m->s, &info, ~0ULL), 0);
	gpuas_core_read(&file.core, 0, bytes, file.size);
	assert_int_equal(file.core.torn, 4);
	for (at = 0; at < 4 * PAGE; at++)
		assert_int_equal(bytes[file.core.data + at], 0);
	free(bytes);
	free(file.bytes);
}

/* More extents than a header can count. */
static void a_file_has_as_many_segments_as_it_takes(void **state)
{
	struct snap *m = *state;
	static const uint32_t counts[] = { 65533, 65534, 70000 };
	struct gpuas_snap_extent *many = calloc(70000, sizeof(*many));
	const char *said;
	struct file file;
	char line[64];
	uint32_t i, k;

	snap_add(m, &lower39, PAGES_AT);
	m->s.manifest = NULL;
	for (k = 0; k < 3; k++) {
		for (i = 0; i < counts[k]; i++) {
			many[i] = m->extent[0];
			many[i].va = gpuas_va(i * 3 * PAGE);
			many[i].pa = gpuas_pa(i % 7 ? MMIO : PAGES_AT + i % 3 * PAGE);
			many[i].size = PAGE;
			many[i].missing = i % 7 ? GPUAS_SNAP_NOT_RAM : GPUAS_SNAP_PRESENT;
		}
		m->s.extent = many;
		m->s.extents = counts[k];
		file = file_of(m, &info, ~0ULL);
		assert_header(&file, counts[k] + 1);
		assert_int_equal(header(&file)->e_shoff != 0, counts[k] + 1 >= PN_XNUM);
		assert_int_equal(file.size, file.core.data + 3 * PAGE);
		if (header(&file)->e_shoff) {
			const Elf64_Shdr *s = (const void *)(file.bytes + header(&file)->e_shoff);

			assert_int_equal(s->sh_info, counts[k] + 1);
			assert_int_equal(s->sh_type, SHT_NULL);
			assert_int_equal(header(&file)->e_shnum, 1);
		}
		for (i = 0; i < counts[k]; i += 999)
			assert_extent(m, &file, i);
		said = judged_by(&file, "readelf", "-hW");
		snprintf(line, sizeof(line), counts[k] + 1 < PN_XNUM ? " %u\n" : "(%u)", counts[k] + 1);
		if (said)
			assert_says(said, line);
		free(file.bytes);
	}
	free(many);
}

/* The layout of Apple's Linux driver: of the first upper half, as its facts are. */
static void the_existing_layout_has_leaves_of_the_first_half(void **state)
{
	struct snap *m = *state;
	static const struct gpuas_core_agx agx = { .initdata = 0xffffffa000000000ULL, .cores = 7 };
	struct gpuas_core_info with = info;
	struct file file;
	uint32_t i, size;

	with.agx = &agx;
	snap_take(m);
	file = file_of(m, &with, ~0ULL);
	assert_header(&file, 6);
	assert_memory_equal(note(&file, "AGX", 1, &size), &agx, 52);
	assert_int_equal(size, 56);
	assert_memory_equal(note(&file, "RTKIT", 1, &size), info.log, 10);
	assert_int_equal(file.core.data % PAGE, 0);
	for (i = 1; i < 6; i++) {
		const struct gpuas_snap_extent *extent = &m->extent[m->s.extents - 6 + i];
		const Elf64_Phdr *p = segment(&file, i);

		assert_int_equal(p->p_type, PT_LOAD);
		assert_int_equal(p->p_vaddr, gpuas_va_u64(extent->va));
		assert_int_equal(p->p_filesz, extent->missing ? 0 : extent->size);
		assert_int_equal(p->p_memsz, extent->size);
		assert_int_equal(p->p_flags >> 20, extent->raw >> 52);
		assert_int_equal(p->p_flags >> 8 & 0xfff, extent->raw & 0xfff);
		assert_int_equal(!!(p->p_flags & PF_R), !!(extent->attr & GPUAS_FW_READ));
		assert_int_equal(!!(p->p_flags & PF_W), !!(extent->attr & GPUAS_FW_WRITE));
		assert_int_equal(!!(p->p_flags & PF_X), !!(extent->attr & GPUAS_FW_EXEC));
		if (!extent->missing)
			assert_memory_equal(file.bytes + p->p_offset,
					    ram_at(m->ram, p->p_paddr, p->p_filesz), p->p_filesz);
		else
			assert_int_equal(p->p_offset, file.core.data);
	}
	assert_pulls(&file, 300);
	free(file.bytes);
}

/* Spaces of 4 KiB and of 64 KiB beside each other. */
static void granules_may_differ(void **state)
{
	struct snap *m = *state;
	const struct gpuas_geometry small = {
		.format = &gpuas_format_lpae_4k, .va_bits = 39, .pa_bits = 40,
	};
	uint64_t *table = ram_at(m->ram, PAGES_AT, 4 * PAGE);
	struct file file;

	memset(table, 0, 4 * PAGE);
	table[0] = (PAGES_AT + 0x1000) | 3;
	table[512] = (PAGES_AT + 0x2000) | 3;
	table[1024] = (PAGES_AT + 0x5000) | 0x403;
	table[1025] = (PAGES_AT + 0x7000) | 0x403;
	assert_int_equal(gpuas_snapshot_roots(&m->s), 0);
	snap_add(m, &small, PAGES_AT);
	gpuas_snapshot_capture(&m->s);
	m->s.manifest = NULL;
	file = file_of(m, &info, ~0ULL);
	assert_int_equal(file.core.align, 0x1000);
	assert_file(m, &file);
	assert_pulls(&file, 1000);
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SNAP_TEST(a_file_has_each_extent_byte_for_byte),
		SNAP_TEST(readelf_lists_a_file),
		SNAP_TEST(elfutils_list_a_file),
		SNAP_TEST(any_part_is_that_part_of_the_whole),
		SNAP_TEST(all_is_pushed_in_pieces),
		SNAP_TEST(notes_say_what_only_they_know),
		SNAP_TEST(a_file_of_little_is_a_file),
		SNAP_TEST(a_limit_leaves_out_what_matters_least),
		SNAP_TEST(memory_that_is_gone_is_zeroes_and_counted),
		SNAP_TEST(a_file_has_as_many_segments_as_it_takes),
		SNAP_TEST(the_existing_layout_has_leaves_of_the_first_half),
		SNAP_TEST(granules_may_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
