// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * core CORE RAM FIRMWARE REGIONS MIB USERS: is the dump CORE of a GPU what was in the memory of the machine, which is
 * RAM? FIRMWARE is what its firmware was started from; REGIONS has a line "NAME PA SIZE" for each region
 * that Linux found. The driver has MIB MiB in the upper half; USERS is 1 if users have something, 0, or "live" if
 * the firmware went on: then what it says of itself has changed. This looks at ELF headers and page tables itself: of the library it has the
 * layout of notes alone. Prints TAP.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpuas/core.h>

#include "../../../board/qemu-virt/firmware.h"

#define RAM_PA		0x40000000ULL
#define GRANULE		0x4000ULL
#define ADDRESS		0x0000ffffffffc000ULL
#define UPPER		0xffffff8000000000ULL
#define HOST_BASE	0xffffffa000000000ULL
#define VA_MASK		0x7fffffffffULL
#define TAG_PA		((uint64_t)GPUAS_SNAP_TAG_PA << 48)

struct file {
	const uint8_t *at;
	uint64_t size;
};

static struct file core, ram;
static const Elf64_Phdr *segments;
static unsigned int count;
static const struct gpuas_note_extent *extents;
static uint64_t alive;	/* PA of what changes; 0: nothing does */

static struct file open_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat stat;
	void *at;

	if (fd < 0 || fstat(fd, &stat)) {
		perror(path);
		exit(1);
	}
	at = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		exit(1);
	close(fd);
	return (struct file){ at, (uint64_t)stat.st_size };
}

static void judge(int good, const char *format, ...)
{
	va_list list;

	printf("%s - ", good ? "ok" : "not ok");
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
}

/* NULL if it is none. */
static const uint8_t *at_pa(uint64_t pa, uint64_t size)
{
	uint64_t offset = pa - RAM_PA;

	return offset < ram.size && size <= ram.size - offset ? ram.at + offset : NULL;
}

static const void *note(uint32_t type, uint32_t *size)
{
	const uint8_t *at = core.at + segments[0].p_offset;
	const uint8_t *end = at + segments[0].p_filesz;
	const Elf64_Nhdr *head;
	const uint8_t *desc;

	for (; at + sizeof(*head) <= end; at = desc + ((head->n_descsz + 3) & ~3u)) {
		head = (const void *)at;
		desc = at + sizeof(*head) + ((head->n_namesz + 3) & ~3u);
		if (head->n_type == type && !strcmp((const char *)(head + 1), GPUAS_CORE_NOTE_NAME)) {
			*size = head->n_descsz;
			return desc;
		}
	}
	*size = 0;
	return NULL;
}

static void open_core(const char *path)
{
	const struct gpuas_note_info *info;
	const Elf64_Ehdr *head;
	uint32_t size;

	core = open_file(path);
	head = (const void *)core.at;
	segments = (const void *)(core.at + head->e_phoff);
	count = head->e_phnum;
	judge(core.size > sizeof(*head) && !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	      head->e_type == ET_CORE && head->e_machine == EM_AARCH64 && count != PN_XNUM,
	      "it is a core for this architecture, of %u segments", count);
	info = note(GPUAS_NOTE_INFO, &size);
	judge(size == sizeof(*info) && info->file_size == core.size && !info->flags &&
	      !info->extents_lost, "it is whole: %llu bytes, why: %s; by %s",
	      (unsigned long long)core.size, info->why, info->writer);
	extents = (const void *)((const uint8_t *)note(GPUAS_NOTE_EXTENTS, &size) +
				 sizeof(struct gpuas_note_list));
}

/* Which of them has this memory, as this kind; NULL: none. */
static const Elf64_Phdr *segment_of(uint64_t pa, unsigned int kind, unsigned int space, uint64_t va)
{
	unsigned int i;

	for (i = 1; i < count; i++) {
		if (pa - segments[i].p_paddr < segments[i].p_memsz && extents[i - 1].kind == kind &&
		    (kind != GPUAS_SNAP_LEAF ||
		     (extents[i - 1].space == space &&
		      va - extents[i - 1].va == pa - segments[i].p_paddr)))
			return &segments[i];
	}
	return NULL;
}

static int changes(uint64_t pa)
{
	return alive && pa - alive < sizeof(struct fw_status);
}

/* Every byte in it, and every range without */
static void contents(void)
{
	uint64_t bytes = 0, differ = 0, outside = 0;
	unsigned int devices = 0, i;
	uint64_t at;

	for (i = 1; i < count; i++) {
		const Elf64_Phdr *segment = &segments[i];
		const uint8_t *is = at_pa(segment->p_paddr, segment->p_memsz);
		const uint8_t *said = core.at + segment->p_offset;

		if (segment->p_type == GPUAS_CORE_MISSING) {
			devices += !segment->p_filesz && !is && segment->p_memsz;
			continue;
		}
		outside += !is || segment->p_filesz != segment->p_memsz;
		for (at = 0; is && at < segment->p_filesz; at++)
			differ += is[at] != said[at] && !changes(segment->p_paddr + at);
		bytes += segment->p_filesz;
	}
	judge(bytes && !differ, "%llu bytes are those in memory, %llu are not",
	      (unsigned long long)bytes, (unsigned long long)differ);
	judge(devices && !outside, "%u ranges of devices are there, without contents", devices);
}

static uint64_t region(const char *path, const char *wanted, uint64_t *size)
{
	unsigned long long pa, bytes;
	FILE *file = fopen(path, "r");
	uint64_t found = 0;
	char name[32];

	while (file && fscanf(file, "%31s %llx %llx", name, &pa, &bytes) == 3) {
		if (wanted && strcmp(name, wanted))
			continue;
		found = pa;
		*size = bytes;
		if (!wanted) {
			const Elf64_Phdr *first = segment_of(pa, GPUAS_SNAP_MEMORY, 0, 0);
			const Elf64_Phdr *last = segment_of(pa + bytes - 1, GPUAS_SNAP_MEMORY, 0, 0);

			judge(first && first == last && first->p_type == PT_LOAD,
			      "region %s is in it, all of 0x%llx bytes", name, bytes);
		}
	}
	if (file)
		fclose(file);
	return found;
}

static const uint8_t *core_at_pa(uint64_t pa)
{
	const Elf64_Phdr *segment = segment_of(pa, GPUAS_SNAP_MEMORY, 0, 0);

	return segment ? core.at + segment->p_offset + (pa - segment->p_paddr) : NULL;
}

static void regions(const char *list, const char *path)
{
	struct file firmware = open_file(path);
	uint64_t size, text = region(list, "fw-text", &size);
	const uint8_t *code = core_at_pa(text);
	const struct fw_log *log;
	const char *said;
	uint64_t i, wrong = 0;
	uint32_t length;

	region(list, NULL, &size);
	judge(code && firmware.size && !memcmp(code, firmware.at, firmware.size),
	      "the firmware's code is that of its file, %llu bytes", (unsigned long long)firmware.size);
	log = (const void *)at_pa(region(list, "fw-data", &size) + FW_LOG_OFFSET, sizeof(*log));
	said = note(GPUAS_NOTE_LOG, &length);
	for (i = 0; log && i < length; i++)
		wrong += said[i] != log->text[(log->written - length + i) % FW_LOG_SIZE];
	judge(log && length && !wrong, "the firmware's log is what is in memory, %u characters",
	      length);
	said = note(GPUAS_NOTE_HANDOFF, &length);
	judge(length && !memcmp(said, at_pa(region(list, "handoff", &size), length), length),
	      "so is the handoff page");
}

/*
 * The trees, as they are in memory
 */

static unsigned int tables, tables_missing, leaves, leaves_missing;

static void leaf(unsigned int space, uint64_t va, uint64_t entry, uint64_t size)
{
	uint64_t at;

	for (at = 0; at < size; at += GRANULE) {
		leaves++;
		leaves_missing += !segment_of((entry & ADDRESS) + at, GPUAS_SNAP_LEAF, space, va + at);
	}
}

static void table(unsigned int space, uint64_t pa, unsigned int shift, uint64_t va)
{
	const Elf64_Phdr *segment = segment_of(pa, GPUAS_SNAP_TABLE, 0, 0);
	const uint64_t *entry = (const void *)at_pa(pa, GRANULE);
	unsigned int i, entries = shift == 36 ? 8 : 2048;

	tables++;
	tables_missing += !segment || segment->p_type != PT_LOAD;
	for (i = 0; entry && i < entries; i++) {
		uint64_t next = va + ((uint64_t)i << shift);

		if (!(entry[i] & 1))
			continue;
		if (shift > 14 && entry[i] & 2)
			table(space, entry[i] & ADDRESS, shift - 11, next);
		else
			leaf(space, next, entry[i], 1ULL << shift);
	}
}

static const struct gpuas_note_space *spaces;
static unsigned int space_count;

static void trees(void)
{
	const struct gpuas_note_list *list;
	unsigned int i;
	uint32_t size;

	list = note(GPUAS_NOTE_SPACES, &size);
	spaces = (const void *)(list + 1);
	space_count = list->count;
	for (i = 0; i < space_count; i++) {
		printf("# space %u: %s, root 0x%llx, context 0x%x, tag 0x%x\n", i, spaces[i].name,
		       (unsigned long long)spaces[i].root, spaces[i].context, spaces[i].tag);
		table(i, spaces[i].root, 36, spaces[i].upper ? UPPER : 0);
	}
	judge(tables && !tables_missing, "all %u tables of %u spaces are in it, %u are not", tables,
	      space_count, tables_missing);
	judge(leaves && !leaves_missing, "so is all that they map, %u granules, %u are not", leaves,
	      leaves_missing);
}

/* The context that a VM had when the firmware died: memory has none any more. */
static void contexts(const char *list, unsigned int wanted)
{
	const struct gpuas_ttb_array *is;
	const struct gpuas_ttb_array *was;
	unsigned int bound = 0, still = 0, i;
	uint64_t size, pa = region(list, "ttbs", &size);
	uint32_t length;

	is = (const void *)at_pa(pa, sizeof(*is));
	was = note(GPUAS_NOTE_TTBS, &length);
	for (i = 1; length == sizeof(*was) && i < GPUAS_TTB_CONTEXTS; i++)
		still += is->context[i].ttb0 != 0;
	for (i = 0; length == sizeof(*was) && i < space_count; i++) {
		if (spaces[i].context && spaces[i].context < GPUAS_TTB_CONTEXTS)
			bound += (was->context[spaces[i].context].ttb0 & ADDRESS) == spaces[i].root;
	}
	judge(length == sizeof(*was) && bound == wanted && !still,
	      "the TTB array of then has %u contexts bound, that of now %u", bound, still);
}

/* Words that are their VA, and whose they are: how many bytes of them */
static uint64_t signed_by(uint64_t vm, uint64_t from, uint64_t size)
{
	const uint64_t *word;
	uint64_t va, good = 0;
	unsigned int i;

	for (i = 1; i < count; i++) {
		const struct gpuas_note_extent *extent = &extents[i - 1];

		if (extent->kind != GPUAS_SNAP_LEAF || segments[i].p_type != PT_LOAD)
			continue;
		word = (const void *)(core.at + segments[i].p_offset);
		for (va = extent->va; va < extent->va + segments[i].p_filesz; va += 8, word++) {
			if (va >= from && va < from + size && *word == (va | vm << 56))
				good += 8;
		}
	}
	return good;
}

static void buffers(unsigned int mib, unsigned int users)
{
	const uint64_t first = 1ULL << 30, last = VA_MASK + 1 - GRANULE;
	uint64_t good;

	good = signed_by(0, HOST_BASE, (uint64_t)mib << 20);
	if (mib)
		judge(good >= (uint64_t)mib << 20, "%llu bytes in the upper half are what the driver wrote",
	      (unsigned long long)good);
	if (!users)
		return;
	good = signed_by(1, first, 4 * GRANULE);
	judge(good == 4 * GRANULE, "0x%llx bytes of the first VM are what its user wrote",
	      (unsigned long long)good);
	good = signed_by(1, last, GRANULE);
	judge(good == GRANULE, "so are 0x%llx bytes up to the end of its space",
	      (unsigned long long)good);
	good = signed_by(2, 0x8000000, 0x100000) + signed_by(2, first, GRANULE);
	judge(good == 0x100000 + GRANULE, "so are 0x%llx bytes of the second one, which the firmware never knew",
	      (unsigned long long)good);
}

int main(int argc, char **argv)
{
	unsigned int users;
	uint64_t size;

	if (argc != 7) {
		fprintf(stderr, "usage: core CORE RAM FIRMWARE REGIONS MIB USERS\n");
		return 1;
	}
	ram = open_file(argv[2]);
	users = (unsigned int)atoi(argv[6]);
	if (!strcmp(argv[6], "live"))
		alive = region(argv[4], "fw-data", &size) + FW_STATUS_OFFSET;
	open_core(argv[1]);
	contents();
	regions(argv[4], argv[3]);
	trees();
	contexts(argv[4], users);
	buffers((unsigned int)atoi(argv[5]), users);
	return 0;
}
