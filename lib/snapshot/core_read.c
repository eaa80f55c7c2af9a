// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Any part of the file, made as it is asked for. */
#include "elf.h"
#include "snapshot.h"

#define SEGMENT_SIZE	((uint32_t)sizeof(struct elf_segment))

static void put_header(const struct gpuas_core *core, const struct pull *pull)
{
	const struct gpuas_snapshot *snapshot = core->snapshot;
	const uint32_t segments = core->extents + 1;
	struct elf_header header = {
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS64, ELF_LITTLE, ELF_VERSION },
		.type = ELF_CORE,
		.machine = ELF_AARCH64,
		.version = ELF_VERSION,
		.segments = sizeof(header),
		.header_size = sizeof(header),
		.segment_size = SEGMENT_SIZE,
		.segment_count = (uint16_t)min_(segments, ELF_SEGMENTS_MAX),
	};

	if (snapshot->manifest)
		header.entry = gpuas_va_u64(snapshot->manifest->firmware.va);
	if (segments >= ELF_SEGMENTS_MAX) {
		header.sections = sizeof(header) + segments * (uint64_t)SEGMENT_SIZE;
		header.section_size = sizeof(struct elf_section);
		header.section_count = 1;
	}
	gpuas_core_put_(pull, 0, &header, sizeof(header));
}

static uint32_t rights(gpuas_attr_t rwx)
{
	return (rwx & GPUAS_GPU_READ ? ELF_READ : 0) | (rwx & GPUAS_GPU_WRITE ? ELF_WRITE : 0) |
	       (rwx & GPUAS_GPU_EXEC ? ELF_EXEC : 0);
}

static struct elf_segment segment(const struct gpuas_core *core,
				  const struct gpuas_snap_extent *extent)
{
	const bool present = extent->missing == GPUAS_SNAP_PRESENT;
	struct elf_segment segment = {
		.type = present || core->info.agx ? ELF_LOAD : GPUAS_CORE_MISSING,
		.flags = extent->kind == GPUAS_SNAP_LEAF ? rights(extent->attr) : ELF_READ,
		.offset = extent->offset,
		.va = gpuas_snap_address(core->snapshot, extent),
		.pa = gpuas_pa_u64(extent->pa),
		.file_size = present ? extent->size : 0,
		.size = extent->size,
		.align = core->align,
	};

	if (core->info.agx)
		segment.flags = (uint32_t)(extent->raw >> 52) << 20 |
				(uint32_t)(extent->raw & 0xfff) << 8 |
				rights(extent->attr / GPUAS_FW_READ);
	return segment;
}

static void put_segments(const struct gpuas_core *core, const struct pull *pull)
{
	const uint64_t start = sizeof(struct elf_header);
	struct elf_segment part = {
		.type = ELF_NOTE, .flags = ELF_READ, .offset = core->notes,
		.file_size = core->notes_size, .align = core->info.agx ? 1 : 4,
	};
	uint32_t i = 0;

	if (pull->offset > start)
		i = (uint32_t)(pull->offset - start) / SEGMENT_SIZE;
	for (; i <= core->extents && wanted_(pull, start + i * (uint64_t)SEGMENT_SIZE, SEGMENT_SIZE);
	     i++) {
		if (i)
			part = segment(core, &extents_(core)[i - 1]);
		gpuas_core_put_(pull, start + i * (uint64_t)SEGMENT_SIZE, &part, SEGMENT_SIZE);
	}
}

static void put_section(const struct gpuas_core *core, const struct pull *pull)
{
	const struct elf_section section = { .info = core->extents + 1 };

	if (core->extents + 1 >= ELF_SEGMENTS_MAX)
		gpuas_core_put_(pull, core->notes - sizeof(section), &section, sizeof(section));
}

/* All that stands before the memory. */
static void put_head(const struct gpuas_core *core, const struct pull *pull)
{
	uint64_t at = core->notes;
	struct note note;
	unsigned int i;

	put_header(core, pull);
	if (pull->offset < core->notes) {
		put_segments(core, pull);
		put_section(core, pull);
	}
	for (i = 0; gpuas_core_note_(core, i, &note); i++) {
		gpuas_core_put_note_(core, &note, pull, at);
		at += gpuas_note_bytes_(&note);
	}
}

static uint64_t offset_of(const struct gpuas_core *core, uint32_t i)
{
	const struct gpuas_snap_extent *list = extents_(core);

	return i < core->present ? list[list[i].order].offset : ~0ULL;
}

/* In the order of PA, the last extent that begins at an offset or before. */
static uint32_t find(const struct gpuas_core *core, uint64_t offset)
{
	uint32_t low = core->at, high = core->present;

	/* Mostly it is the one of last time. */
	if (offset_of(core, low) <= offset && offset < offset_of(core, low + 1))
		return low;
	low = 0;
	while (low + 1 < high) {
		uint32_t middle = low + (high - low) / 2;

		if (offset_of(core, middle) <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * PA of what is at an offset of the memory. An extent that begins before need not reach
 * up to there, but what does has the same distance of PA and offset.
 */
static uint64_t pa_at(struct gpuas_core *core, uint64_t offset)
{
	const struct gpuas_snap_extent *list = extents_(core), *extent;

	core->at = find(core, offset);
	extent = &list[list[core->at].order];
	return gpuas_pa_u64(extent->pa) + (offset - extent->offset);
}

/* Up to the end of a granule. */
static size_t read_memory(struct gpuas_core *core, uint64_t offset, uint8_t *buf, size_t count)
{
	const struct gpuas_env *env = core->snapshot->env;
	const uint64_t pa = pa_at(core, offset), within = pa & (core->align - 1);
	const size_t part = (size_t)min_(count, core->align - within);
	const void *from = env->table_ptr(env->ctx, gpuas_pa(pa - within), core->align);

	if (!from) {
		core->torn++;
		memset(buf, 0, part);
		return part;
	}
	if (env->invalidate)
		env->invalidate(env->ctx, from, core->align);
	memcpy(buf, (const uint8_t *)from + within, part);
	return part;
}

size_t gpuas_core_read(struct gpuas_core *core, uint64_t offset, void *buf, size_t count)
{
	struct pull head = { .offset = offset, .buf = buf };
	size_t done = 0;

	if (offset >= core->size)
		return 0;
	count = (size_t)min_(count, core->size - offset);
	if (offset < core->data) {
		head.count = done = (size_t)min_(count, core->data - offset);
		memset(buf, 0, done);
		put_head(core, &head);
	}
	while (done < count)
		done += read_memory(core, offset + done, head.buf + done, count - done);
	return count;
}

int gpuas_core_push(struct gpuas_core *core, void *buf, size_t size,
		    int (*write)(void *ctx, const void *buf, size_t count), void *ctx)
{
	uint64_t offset = 0;
	size_t count;
	int err = 0;

	if (!size)
		return -GPUAS_EINVAL;
	while (!err && (count = gpuas_core_read(core, offset, buf, size))) {
		err = write(ctx, buf, count);
		offset += count;
	}
	return err;
}
