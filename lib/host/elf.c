// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* ELF cores: ours, those of the Linux driver for Apple's GPUs, those of whole machines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "images.h"

#define AGX_NOTE	"AGX"
#define RTKIT_NOTE	"RTKIT"

/* What the other driver puts into p_flags: bits 63:52 and 11:0 of the entry, its rights. */
#define FLAGS_HIGH(flags)	((uint64_t)((flags) >> 20) << 52)
#define FLAGS_LOW(flags)	((uint64_t)((flags) >> 8 & 0xfff))
/* Names that are longer are nobody's. */
#define NOTE_NAME_MAX	16

#define UAT_BASE_39		0xffffff8000000000ULL

/**
 * struct core - An ELF file under way
 * @image: where it goes
 * @elf: of libelf
 * @phdrs: program headers
 * @ours: it has notes of ours
 * @agx: it has the other driver's
 */
struct core {
	struct image *image;
	Elf *elf;
	size_t phdrs;
	bool ours;
	bool agx;
};

static bool agx_note(struct image *image, const char *name, const uint8_t *bytes, size_t size)
{
	if (!strcmp(name, RTKIT_NOTE)) {
		free(image->log);
		image->log = text_of(bytes, size);
		return true;
	}
	if (size < offsetof(struct gpuas_core_agx, pad))
		return refuse(&image->file, "note AGX has %zu bytes, and should have 52", size);
	memcpy(&image->agx, bytes, offsetof(struct gpuas_core_agx, pad));
	return true;
}

static bool note(struct core *core, const char *name, const GElf_Nhdr *head, const uint8_t *bytes)
{
	if (!strcmp(name, GPUAS_CORE_NOTE_NAME)) {
		core->ours = true;
		return note_load(core->image, head->n_type, bytes, head->n_descsz);
	}
	if ((strcmp(name, AGX_NOTE) && strcmp(name, RTKIT_NOTE)) || head->n_type != 1)
		return true;
	core->agx = core->agx || !strcmp(name, AGX_NOTE);
	return agx_note(core->image, name, bytes, head->n_descsz);
}

/* A name is as long as it says, and ends with a zero. */
static bool note_name(const Elf_Data *data, size_t at, const GElf_Nhdr *head, char name[NOTE_NAME_MAX])
{
	if (head->n_namesz < 1 || head->n_namesz > NOTE_NAME_MAX)
		return false;
	memcpy(name, (const char *)data->d_buf + at, head->n_namesz);
	return !name[head->n_namesz - 1];
}

static bool notes(struct core *core, const GElf_Phdr *phdr)
{
	size_t at = 0, next, name_at, desc_at;
	GElf_Nhdr head;
	Elf_Data *data;
	char name[NOTE_NAME_MAX];

	if (!phdr->p_filesz)
		return true;
	data = elf_getdata_rawchunk(core->elf, (int64_t)phdr->p_offset, phdr->p_filesz, ELF_T_NHDR);
	if (!data)
		return refuse(&core->image->file, "notes at 0x%" PRIx64 " are not all in the file: it "
			      "is cut off, or damaged", (uint64_t)phdr->p_offset);
	while ((next = gelf_getnote(data, at, &head, &name_at, &desc_at))) {
		if (note_name(data, name_at, &head, name) &&
		    !note(core, name, &head, (const uint8_t *)data->d_buf + desc_at))
			return false;
		at = next;
	}
	if (data->d_size - at >= sizeof(Elf64_Nhdr))
		fault(core->image, "notes end in the middle of one, at 0x%zx", at);
	return true;
}

/* What of a segment is in the file. */
static uint64_t there(const struct image *image, const GElf_Phdr *phdr)
{
	if (phdr->p_offset >= image->file.size)
		return 0;
	return phdr->p_filesz < image->file.size - phdr->p_offset ?
		       phdr->p_filesz : image->file.size - phdr->p_offset;
}

/* Contents, as far as they are there. */
static uint64_t contents(struct image *image, size_t i, const GElf_Phdr *phdr)
{
	const uint64_t size = there(image, phdr);

	if (size < phdr->p_filesz)
		fault(image, "segment %zu has 0x%" PRIx64 " bytes of 0x%" PRIx64 " in the file, which "
		      "is cut off", i, size, (uint64_t)phdr->p_filesz);
	if (size)
		piece_add(image, phdr->p_paddr, size, image->file.bytes + phdr->p_offset);
	return size;
}

static bool extent_check(const struct image *image, size_t i, const GElf_Phdr *phdr,
			 const struct gpuas_snap_extent *extent)
{
	const uint64_t last = phdr->p_memsz - 1;

	if (!phdr->p_memsz || gpuas_va_u64(extent->va) + last < gpuas_va_u64(extent->va) ||
	    phdr->p_paddr + last < phdr->p_paddr || phdr->p_vaddr + last < phdr->p_vaddr)
		return refuse(&image->file, "segment %zu has an impossible size, 0x%" PRIx64 ": the "
			      "file is damaged", i, (uint64_t)phdr->p_memsz);
	if (phdr->p_filesz > phdr->p_memsz)
		return refuse(&image->file, "segment %zu has more bytes in the file than in memory: "
			      "the file is damaged", i);
	if (gpuas_snap_address(&image->snapshot, extent) != phdr->p_vaddr)
		return refuse(&image->file, "segment %zu is at 0x%" PRIx64 ", and by its note it should "
			      "be elsewhere: the file is damaged", i, (uint64_t)phdr->p_vaddr);
	return true;
}

/* Of ours: what a header says, beside what the note has of it. */
static bool core_segment(struct core *core, size_t i, const GElf_Phdr *phdr)
{
	struct image *image = core->image;
	struct gpuas_snap_extent *extent;

	if (!i)
		return true;
	if (i > image->snapshot.extents)
		return refuse(&image->file, "there are notes for %u segments, and %zu segments: the "
			      "file is damaged", image->snapshot.extents, core->phdrs - 1);
	extent = &image->snapshot.extent[i - 1];
	extent->pa = gpuas_pa(phdr->p_paddr);
	extent->size = phdr->p_memsz;
	extent->offset = phdr->p_offset;
	if (!extent_check(image, i, phdr, extent))
		return false;
	if (phdr->p_type == PT_LOAD && contents(image, i, phdr) == extent->size)
		extent->missing = GPUAS_SNAP_PRESENT;
	else if (!extent->missing)
		extent->missing = GPUAS_SNAP_LIMIT;
	return true;
}

static void agx_leaf(struct gpuas_snap_extent *extent, const GElf_Phdr *phdr)
{
	*extent = (struct gpuas_snap_extent){
		.va = gpuas_va(phdr->p_vaddr), .pa = gpuas_pa(phdr->p_paddr), .size = phdr->p_memsz,
		.raw = FLAGS_HIGH(phdr->p_flags) | FLAGS_LOW(phdr->p_flags),
		.offset = phdr->p_offset, .region = GPUAS_SNAP_NO_REGION,
	};
	/* The type of the entry is lost in that file: all that is in it is a page. */
	extent->raw |= 3;
	extent->attr = gpuas_format_decode(&gpuas_format_uat, extent->raw);
}

static bool agx_segment(struct core *core, size_t i, const GElf_Phdr *phdr)
{
	struct gpuas_snapshot *snapshot = &core->image->snapshot;
	struct gpuas_snap_extent *extent = &snapshot->extent[snapshot->extents];

	if (phdr->p_type != PT_LOAD)
		return true;
	agx_leaf(extent, phdr);
	if (!phdr->p_memsz || phdr->p_vaddr + (phdr->p_memsz - 1) < phdr->p_vaddr ||
	    phdr->p_paddr + (phdr->p_memsz - 1) < phdr->p_paddr || phdr->p_filesz > phdr->p_memsz)
		return refuse(&core->image->file, "segment %zu has an impossible size, 0x%" PRIx64
			      ": the file is damaged", i, (uint64_t)phdr->p_memsz);
	if (phdr->p_vaddr < UAT_BASE_39)
		snapshot->space[0].geo.va_bits = 42;
	if (!phdr->p_filesz || contents(core->image, i, phdr) != extent->size)
		extent->missing = phdr->p_filesz ? GPUAS_SNAP_LIMIT : GPUAS_SNAP_NOT_RAM;
	snapshot->extents++;
	return true;
}

static int by_va(const void *a, const void *b)
{
	const struct gpuas_snap_extent *x = a, *y = b;

	if (x->va == y->va)
		return 0;
	return gpuas_va_u64(x->va) < gpuas_va_u64(y->va) ? -1 : 1;
}

static bool machine_segment(struct core *core, size_t i, const GElf_Phdr *phdr)
{
	if (phdr->p_type == PT_LOAD && phdr->p_filesz)
		contents(core->image, i, phdr);
	return true;
}

static void agx_space(struct core *core)
{
	struct gpuas_snapshot *snapshot = &core->image->snapshot;

	core->image->kind = IMAGE_AGX;
	snapshot->space = memory(1, sizeof(*snapshot->space));
	*snapshot->space = (struct gpuas_snap_space){
		.name = "root 0", .tag = GPUAS_SNAP_TAG_FIRST, .level = GPUAS_SNAP_ROOT,
		.geo = { .format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 42, .upper = true },
	};
	snapshot->spaces = 1;
	snapshot->extent = memory(core->phdrs, sizeof(*snapshot->extent));
}

static bool each(struct core *core, bool (*do_it)(struct core *core, size_t i,
						  const GElf_Phdr *phdr))
{
	GElf_Phdr phdr;
	size_t i;

	for (i = 0; i < core->phdrs; i++) {
		if (!gelf_getphdr(core->elf, (int)i, &phdr))
			return refuse(&core->image->file, "program header %zu cannot be read (%s): the "
				      "file is cut off, or damaged", i, elf_errmsg(-1));
		if (!do_it(core, i, &phdr))
			return false;
	}
	return true;
}

static bool note_segment(struct core *core, size_t i, const GElf_Phdr *phdr)
{
	(void)i;
	return phdr->p_type != PT_NOTE || notes(core, phdr);
}

static bool ours(struct core *core)
{
	struct image *image = core->image;
	uint32_t i;

	if (!image->info.version)
		return refuse(&image->file, "has notes of gpuas, but not the one that says what it is: "
			      "the file is damaged");
	if (!each(core, core_segment))
		return false;
	if (core->phdrs - 1 != image->snapshot.extents)
		return refuse(&image->file, "there are notes for %u segments, and %zu segments: the "
			      "file is damaged", image->snapshot.extents, core->phdrs - 1);
	for (i = 1; i < image->snapshot.extents; i++) {
		if (gpuas_snap_address(&image->snapshot, &image->snapshot.extent[i - 1]) >
		    gpuas_snap_address(&image->snapshot, &image->snapshot.extent[i]))
			return refuse(&image->file, "segment %u is out of order: the file is damaged",
				      i + 1);
	}
	if (image->file.size < image->info.file_size)
		fault(image, "is cut off: it has %" PRIu64 " bytes of %" PRIu64, image->file.size,
		      image->info.file_size);
	pieces_finish(image);
	return true;
}

static bool machine(struct core *core, const struct input *dtb)
{
	core->image->kind = IMAGE_VMCORE;
	if (!dtb)
		return refuse(&core->image->file, "is no core of gpuas, so it has to be that of a "
			      "machine: --dtb FILE has to name the device tree that it ran with");
	if (!each(core, machine_segment))
		return false;
	pieces_finish(core->image);
	return ram_capture(core->image, dtb);
}

static bool core_load(struct core *core, const struct input *dtb)
{
	GElf_Ehdr head;

	if (elf_kind(core->elf) != ELF_K_ELF || !gelf_getehdr(core->elf, &head) ||
	    gelf_getclass(core->elf) != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(&core->image->file, "is no little-endian ELF file of 64 bits");
	if (head.e_type != ET_CORE || head.e_machine != EM_AARCH64)
		return refuse(&core->image->file, "is an ELF file, but no core of aarch64");
	if (elf_getphdrnum(core->elf, &core->phdrs) || !core->phdrs ||
	    core->phdrs > core->image->file.size / sizeof(Elf64_Phdr))
		return refuse(&core->image->file, "has no program headers, or not all: it is cut off, "
			      "or damaged");
	if (!each(core, note_segment))
		return false;
	if (core->ours)
		return ours(core);
	if (!core->agx)
		return machine(core, dtb);
	agx_space(core);
	if (!each(core, agx_segment))
		return false;
	qsort(core->image->snapshot.extent, core->image->snapshot.extents,
	      sizeof(struct gpuas_snap_extent), by_va);
	pieces_finish(core->image);
	return true;
}

bool elf_load(struct image *image, const struct input *dtb, const struct options *options)
{
	struct core core = { .image = image };
	bool fine;

	(void)options;
	image->kind = IMAGE_CORE;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return refuse(&image->file, "cannot be read: libelf is too old");
	core.elf = elf_memory((char *)image->file.bytes, (size_t)image->file.size);
	if (!core.elf)
		return refuse(&image->file, "cannot be read: %s", elf_errmsg(-1));
	fine = core_load(&core, dtb);
	elf_end(core.elf);
	return fine;
}
