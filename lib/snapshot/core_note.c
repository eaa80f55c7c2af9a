// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The notes: what each says, made when it is read. */
#include "elf.h"
#include "snapshot.h"

/* Records of what there can be many of; made from the first that is wanted on. */
enum { RECORD_SHIFT = 5 };
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_note_extent) == 1 << RECORD_SHIFT, "extent");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_note_finding) == 1 << RECORD_SHIFT, "finding");

void gpuas_core_put_(const struct pull *pull, uint64_t at, const void *bytes, uint64_t size)
{
	const uint8_t *from = bytes;
	uint64_t skip = 0, to = 0;

	if (!wanted_(pull, at, size))
		return;
	if (at < pull->offset)
		skip = pull->offset - at;
	else
		to = at - pull->offset;
	memcpy(pull->buf + to, from + skip, (size_t)min_(size - skip, pull->count - to));
}

static uint32_t length(const char *text)
{
	uint32_t n = 0;

	while (text && text[n])
		n++;
	return n;
}

/* As much of a text as there is room for; the rest stays zero. */
static void text_copy(char *to, uint32_t room, const char *from)
{
	uint32_t n = length(from);

	memcpy(to, from ? from : "", n < room ? n : room - 1);
}

static uint32_t records_size(uint32_t count, uint32_t size)
{
	return (uint32_t)sizeof(struct gpuas_note_list) + count * size;
}

static uint32_t size_of(const struct gpuas_core *core, uint32_t type)
{
	const struct gpuas_snapshot *snapshot = core->snapshot;
	const struct gpuas_manifest *manifest = snapshot->manifest;

	switch (type) {
	case GPUAS_NOTE_INFO:
		return sizeof(struct gpuas_note_info);
	case GPUAS_NOTE_SPACES:
		return records_size(snapshot->spaces, sizeof(struct gpuas_note_space));
	case GPUAS_NOTE_EXTENTS:
		return records_size(core->extents, 1 << RECORD_SHIFT);
	case GPUAS_NOTE_FINDINGS:
		return snapshot->findings ? records_size(snapshot->findings, 1 << RECORD_SHIFT) : 0;
	case GPUAS_NOTE_MANIFEST:
		return manifest ? (uint32_t)(sizeof(struct gpuas_note_manifest) +
			manifest->regions * sizeof(struct gpuas_note_region)) : 0;
	case GPUAS_NOTE_TTBS:
		return snapshot->has_ttbs ? sizeof(snapshot->ttbs) : 0;
	case GPUAS_NOTE_HANDOFF:
		return snapshot->has_handoff ? sizeof(snapshot->handoff) : 0;
	case GPUAS_NOTE_REPORT:
		return length(core->info.report);
	case GPUAS_NOTE_SOC:
		return length(core->info.soc);
	default:
		return core->info.log ? core->info.log_size : 0;
	}
}

static bool agx_note(const struct gpuas_core *core, unsigned int i, struct note *note)
{
	note->name = i ? "RTKIT" : "AGX";
	note->type = 1;
	note->size = i ? core->info.log_size : (uint32_t)sizeof(*core->info.agx);
	return !i || (i == 1 && core->info.log);
}

bool gpuas_core_note_(const struct gpuas_core *core, unsigned int i, struct note *note)
{
	if (core->info.agx)
		return agx_note(core, i, note);
	note->name = GPUAS_CORE_NOTE_NAME;
	for (note->type = GPUAS_NOTE_INFO; note->type <= GPUAS_NOTE_LOG; note->type++) {
		note->size = size_of(core, note->type);
		if (note->size && !i--)
			return true;
	}
	return false;
}

static uint32_t round_up(uint32_t size)
{
	return (size + 3) & ~3u;
}

/* Bytes in front of what a note says. */
static uint32_t head_size(const struct note *note)
{
	return (uint32_t)offsetof(struct elf_note, name) + round_up(length(note->name) + 1);
}

uint32_t gpuas_note_bytes_(const struct note *note)
{
	return head_size(note) + round_up(note->size);
}

static void put_info(const struct gpuas_core *core, const struct pull *pull, uint64_t at)
{
	const struct gpuas_snapshot *snapshot = core->snapshot;
	struct gpuas_note_info info = {
		.size = sizeof(info),
		.version = GPUAS_CORE_VERSION,
		.time = core->info.time,
		.file_size = core->size,
		.align = core->align,
		.extents = core->extents,
		.extents_lost = snapshot->extents_lost,
		.findings = snapshot->findings,
		.findings_lost = snapshot->findings_lost,
	};

	if (snapshot->cut)
		info.flags |= GPUAS_NOTE_CUT;
	if (core->limited)
		info.flags |= GPUAS_NOTE_LIMITED;
	text_copy(info.why, sizeof(info.why), core->info.why);
	text_copy(info.writer, sizeof(info.writer), core->info.writer);
	text_copy(info.board, sizeof(info.board), snapshot->board ? snapshot->board->name : NULL);
	gpuas_core_put_(pull, at, &info, sizeof(info));
}

/* What stands before @count records of @size bytes; where they begin. */
static uint64_t put_list(const struct pull *pull, uint64_t at, uint32_t size, uint32_t count)
{
	const struct gpuas_note_list list = { .size = size, .count = count };

	gpuas_core_put_(pull, at, &list, sizeof(list));
	return at + sizeof(list);
}

static uint64_t first_va(const struct gpuas_snap_space *space)
{
	uint64_t base = base_(&space->geo), mask;

	if (space->level == GPUAS_SNAP_ROOT || space->level >= gpuas_top_(&space->geo))
		return base;
	mask = span_(&space->geo, space->level + 1u) - 1;
	return gpuas_va_u64(space->va) & ~mask;
}

static void put_spaces(const struct gpuas_core *core, const struct pull *pull, uint64_t at)
{
	const struct gpuas_snapshot *snapshot = core->snapshot;
	const struct gpuas_snap_space *space = snapshot->space;
	uint32_t i;

	at = put_list(pull, at, sizeof(struct gpuas_note_space), snapshot->spaces);
	for (i = 0; i < snapshot->spaces; i++, space++) {
		struct gpuas_note_space note = {
			.root = gpuas_pa_u64(space->root),
			.va = first_va(space),
			.context = space->context,
			.tag = space->tag,
			.level = space->level == GPUAS_SNAP_ROOT ?
					 (uint8_t)gpuas_top_(&space->geo) : space->level,
			.va_bits = space->geo.va_bits,
			.pa_bits = space->geo.pa_bits,
			.granule_shift = space->geo.format->granule_shift,
			.upper = space->geo.upper,
		};

		text_copy(note.name, sizeof(note.name), space->name);
		text_copy(note.format, sizeof(note.format), space->geo.format->name);
		gpuas_core_put_(pull, at, &note, sizeof(note));
		at += sizeof(note);
	}
}

static void put_extents(const struct gpuas_core *core, const struct pull *pull, uint64_t at)
{
	const struct gpuas_snap_extent *extent;
	uint32_t i = 0;

	at = put_list(pull, at, 1 << RECORD_SHIFT, core->extents);
	/* From the first that is wanted on. */
	if (pull->offset > at)
		i = (uint32_t)((pull->offset - at) >> RECORD_SHIFT);
	for (; i < core->extents; i++) {
		const uint64_t here = at + ((uint64_t)i << RECORD_SHIFT);
		struct gpuas_note_extent note = { .va = 0 };

		if (!wanted_(pull, here, sizeof(note)))
			break;
		extent = &extents_(core)[i];
		note.va = gpuas_va_u64(extent->va);
		note.raw = extent->raw;
		note.attr = extent->attr;
		note.space = extent->space;
		note.level = extent->level;
		note.kind = extent->kind;
		note.owner = extent->owner;
		note.region = extent->region;
		note.missing = extent->missing;
		gpuas_core_put_(pull, here, &note, sizeof(note));
	}
}

/* They are in memory what they are in the file. */
#define SAME(field) \
	GPUAS_STATIC_ASSERT(offsetof(struct gpuas_snap_finding, field) == \
			    offsetof(struct gpuas_note_finding, field), #field)
SAME(va);
SAME(pa);
SAME(entry);
SAME(wrong);
SAME(space);
SAME(level);
SAME(kind);
SAME(region);
SAME(pad);
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_snap_finding) == 1 << RECORD_SHIFT, "findings");

static void put_findings(const struct gpuas_core *core, const struct pull *pull, uint64_t at)
{
	const uint32_t count = core->snapshot->findings;

	at = put_list(pull, at, 1 << RECORD_SHIFT, count);
	gpuas_core_put_(pull, at, core->snapshot->finding, (uint64_t)count << RECORD_SHIFT);
}

static void put_region(const struct gpuas_region *region, const struct pull *pull, uint64_t at)
{
	struct gpuas_note_region note = {
		.pa = gpuas_pa_u64(region->pa),
		.size = region->size,
		.va = gpuas_va_u64(region->va),
		.attr = region->attr,
		.role = (uint8_t)region->role,
		.owner = (uint8_t)region->owner,
		.present = region->present,
		.mapped = region->mapped,
		.no_map = region->no_map,
		.memory = (uint8_t)region->memory,
	};

	text_copy(note.name, sizeof(note.name), region->name);
	gpuas_core_put_(pull, at, &note, sizeof(note));
}

static void put_manifest(const struct gpuas_core *core, const struct pull *pull, uint64_t at)
{
	const struct gpuas_manifest *manifest = core->snapshot->manifest;
	struct gpuas_note_manifest note = {
		.size = sizeof(note),
		.region_size = sizeof(struct gpuas_note_region),
		.regions = manifest->regions,
		.va_bits = manifest->geo.va_bits,
		.pa_bits = manifest->geo.pa_bits,
		.upper = manifest->geo.upper,
		.root = gpuas_pa_u64(manifest->root),
		.fw_va = gpuas_va_u64(manifest->firmware.va),
		.fw_size = manifest->firmware.size,
		.host_va = gpuas_va_u64(manifest->host.va),
		.host_size = manifest->host.size,
	};
	unsigned int i;

	text_copy(note.format, sizeof(note.format), manifest->geo.format->name);
	text_copy(note.contract, sizeof(note.contract),
		  manifest->contract ? manifest->contract->name : NULL);
	gpuas_core_put_(pull, at, &note, sizeof(note));
	for (i = 0; i < manifest->regions; i++)
		put_region(&manifest->region[i], pull,
			   at + sizeof(note) + i * sizeof(struct gpuas_note_region));
}

static void put_body(const struct gpuas_core *core, uint32_t type, const struct pull *pull,
		     uint64_t at, uint32_t size)
{
	const struct gpuas_core_info *info = &core->info;

	switch (type) {
	case GPUAS_NOTE_INFO:
		put_info(core, pull, at);
		break;
	case GPUAS_NOTE_SPACES:
		put_spaces(core, pull, at);
		break;
	case GPUAS_NOTE_EXTENTS:
		put_extents(core, pull, at);
		break;
	case GPUAS_NOTE_FINDINGS:
		put_findings(core, pull, at);
		break;
	case GPUAS_NOTE_MANIFEST:
		put_manifest(core, pull, at);
		break;
	case GPUAS_NOTE_TTBS:
		gpuas_core_put_(pull, at, &core->snapshot->ttbs, size);
		break;
	case GPUAS_NOTE_HANDOFF:
		gpuas_core_put_(pull, at, &core->snapshot->handoff, size);
		break;
	case GPUAS_NOTE_REPORT:
		gpuas_core_put_(pull, at, info->report, size);
		break;
	case GPUAS_NOTE_SOC:
		gpuas_core_put_(pull, at, info->soc, size);
		break;
	case GPUAS_NOTE_LOG:
		gpuas_core_put_(pull, at, info->log, size);
		break;
	}
}

void gpuas_core_put_note_(const struct gpuas_core *core, const struct note *note,
			  const struct pull *pull, uint64_t at)
{
	struct elf_note head = {
		.name_size = length(note->name) + 1, .size = note->size, .type = note->type,
	};
	const uint32_t size = head_size(note);

	if (!wanted_(pull, at, gpuas_note_bytes_(note)))
		return;
	text_copy(head.name, sizeof(head.name), note->name);
	gpuas_core_put_(pull, at, &head, size);
	if (!core->info.agx)
		put_body(core, note->type, pull, at + size, note->size);
	else
		gpuas_core_put_(pull, at + size, length(note->name) == 3 ?
			(const void *)core->info.agx : core->info.log, note->size);
}
