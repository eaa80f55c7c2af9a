// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The notes of our cores. Records may be longer than those that are known here, not shorter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gpuas/boards.h>

#include "../table/geometry.h"
#include "images.h"

static bool too_short(const struct image *image, const char *what, size_t size)
{
	return refuse(&image->file, "note %s ends too early, after %zu bytes: the file is damaged",
		      what, size);
}

/**
 * struct list - Records of a note
 * @bytes: the next one
 * @size: bytes of each
 * @count: how many there are
 */
struct list {
	const uint8_t *bytes;
	uint32_t size;
	uint32_t count;
};

static bool list_open(const struct image *image, const char *what, const uint8_t *bytes,
		      size_t size, size_t least, struct list *list)
{
	struct gpuas_note_list head;

	if (size < sizeof(head))
		return too_short(image, what, size);
	memcpy(&head, bytes, sizeof(head));
	if (head.size < least || (size - sizeof(head)) / head.size < head.count)
		return too_short(image, what, size);
	*list = (struct list){ bytes + sizeof(head), head.size, head.count };
	return true;
}

static void next(struct list *list, void *record, size_t size)
{
	memcpy(record, list->bytes, size);
	list->bytes += list->size;
}

static const struct gpuas_board *board_named(const char *name)
{
	const struct gpuas_board *board;
	unsigned int i;

	for (i = 0; (board = gpuas_board_at(i)); i++) {
		if (gpuas_streq(board->name, name))
			return board;
	}
	return NULL;
}

static bool load_info(struct image *image, const uint8_t *bytes, size_t size)
{
	struct gpuas_note_info *info = &image->info;

	if (size < sizeof(*info))
		return too_short(image, "INFO", size);
	memcpy(info, bytes, sizeof(*info));
	if (info->version != GPUAS_CORE_VERSION) {
		info->version = 0;
		return refuse(&image->file, "is of another version than this program knows: a newer "
			      "gpuas has to read it");
	}
	name_clean(info->why, sizeof(info->why));
	name_clean(info->writer, sizeof(info->writer));
	name_clean(info->board, sizeof(info->board));
	image->snapshot.board = board_named(info->board);
	image->snapshot.cut = info->flags & GPUAS_NOTE_CUT;
	image->snapshot.extents_lost = info->extents_lost;
	image->snapshot.findings_lost = info->findings_lost;
	return true;
}

/* NULL if nobody knows it. */
static const struct gpuas_format *format_named(const char *name)
{
	static const struct gpuas_format *const known[] = {
		&gpuas_format_uat, &gpuas_format_lpae_4k, &gpuas_format_lpae_16k,
		&gpuas_format_lpae_64k,
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (gpuas_streq(known[i]->name, name))
			return known[i];
	}
	return NULL;
}

static bool load_space(struct image *image, const struct gpuas_note_space *note,
		       struct gpuas_snap_space *space)
{
	char format[sizeof(note->format)];

	memcpy(space->name, note->name, sizeof(space->name));
	name_clean(space->name, sizeof(space->name));
	memcpy(format, note->format, sizeof(format));
	name_clean(format, sizeof(format));
	space->geo.format = format_named(format);
	if (!space->geo.format)
		return refuse(&image->file, "%s has tables of format '%s', which this program does not "
			      "know: a newer gpuas may", space->name, format);
	space->geo.va_bits = note->va_bits;
	space->geo.pa_bits = note->pa_bits;
	space->geo.upper = note->upper;
	if (!gpuas_geometry_ok_(&space->geo))
		return refuse(&image->file, "%s has tables of an impossible shape, %u VA bits: the file "
			      "is damaged", space->name, note->va_bits);
	space->root = gpuas_pa(note->root);
	space->va = gpuas_va(note->va);
	space->level = note->level;
	space->tag = note->tag;
	space->context = note->context;
	return true;
}

static bool load_spaces(struct image *image, const uint8_t *bytes, size_t size)
{
	struct gpuas_snapshot *snapshot = &image->snapshot;
	struct gpuas_note_space note;
	struct list list;
	uint32_t i;

	if (!list_open(image, "SPACES", bytes, size, sizeof(note), &list))
		return false;
	if (snapshot->space || list.count >= GPUAS_SNAP_NO_SPACE)
		return refuse(&image->file, "has too many spaces: the file is damaged");
	snapshot->space = memory(list.count, sizeof(*snapshot->space));
	for (i = 0; i < list.count; i++) {
		next(&list, &note, sizeof(note));
		if (!load_space(image, &note, &snapshot->space[i]))
			return false;
	}
	snapshot->spaces = list.count;
	return true;
}

static bool is_sound(const struct gpuas_note_extent *note, uint32_t spaces)
{
	if (note->kind > GPUAS_SNAP_ODD || note->owner > GPUAS_SNAP_REGION ||
	    note->missing > GPUAS_SNAP_LIMIT || note->level > GPUAS_LEVELS_MAX)
		return false;
	return note->kind == GPUAS_SNAP_MEMORY ? note->space == GPUAS_SNAP_NO_SPACE :
						 note->space < spaces;
}

/* PA, size and offset come with the program headers. */
static bool load_extents(struct image *image, const uint8_t *bytes, size_t size)
{
	struct gpuas_snapshot *snapshot = &image->snapshot;
	struct gpuas_note_extent note;
	struct list list;
	uint32_t i;

	if (!list_open(image, "EXTENTS", bytes, size, sizeof(note), &list))
		return false;
	if (snapshot->extent)
		return refuse(&image->file, "has two lists of extents: the file is damaged");
	snapshot->extent = memory(list.count, sizeof(*snapshot->extent));
	for (i = 0; i < list.count; i++) {
		next(&list, &note, sizeof(note));
		if (!is_sound(&note, snapshot->spaces))
			return refuse(&image->file, "extent %u is of no kind, or in no space, that "
				      "there is: the file is damaged", i);
		snapshot->extent[i] = (struct gpuas_snap_extent){
			.va = gpuas_va(note.va), .raw = note.raw, .attr = note.attr,
			.space = note.space, .level = note.level, .kind = note.kind,
			.owner = note.owner, .region = note.region, .missing = note.missing,
		};
	}
	snapshot->extents = list.count;
	return true;
}

static bool load_findings(struct image *image, const uint8_t *bytes, size_t size)
{
	struct gpuas_snapshot *snapshot = &image->snapshot;
	struct gpuas_note_finding note;
	struct list list;
	uint32_t i;

	if (!list_open(image, "FINDINGS", bytes, size, sizeof(note), &list))
		return false;
	if (snapshot->finding)
		return refuse(&image->file, "has two lists of findings: the file is damaged");
	snapshot->finding = memory(list.count, sizeof(*snapshot->finding));
	for (i = 0; i < list.count; i++) {
		next(&list, &note, sizeof(note));
		if (note.kind > GPUAS_OTHER || note.level > GPUAS_LEVELS_MAX ||
		    note.wrong > GPUAS_SNAP_UNLIKE ||
		    (note.wrong > GPUAS_WRONG_MANY && note.wrong < GPUAS_SNAP_UNMAPPED))
			return refuse(&image->file, "finding %u is none that this program knows: a "
				      "newer gpuas may, or the file is damaged", i);
		snapshot->finding[i] = (struct gpuas_snap_finding){
			.va = gpuas_va(note.va), .pa = gpuas_pa(note.pa), .entry = note.entry,
			.wrong = note.wrong, .space = note.space, .level = note.level,
			.kind = note.kind, .region = note.region,
		};
	}
	snapshot->findings = list.count;
	return true;
}

static bool load_region(struct image *image, const struct gpuas_note_region *note,
			struct gpuas_region *region)
{
	if (note->role > GPUAS_ROLE_DATA || note->owner > GPUAS_OWNER_SHARED)
		return refuse(&image->file, "has a region of no role, or owner, that there is: the file "
			      "is damaged");
	memcpy(region->name, note->name, sizeof(region->name));
	name_clean(region->name, sizeof(region->name));
	region->role = (enum gpuas_role)note->role;
	region->owner = (enum gpuas_owner)note->owner;
	region->present = note->present;
	region->mapped = note->mapped;
	region->no_map = note->no_map;
	region->pa = gpuas_pa(note->pa);
	region->size = note->size;
	region->va = gpuas_va(note->va);
	region->attr = note->attr;
	return true;
}

static const struct gpuas_contract *contract_named(const struct gpuas_board *board,
						   const char *name)
{
	unsigned int i;

	for (i = 0; board && board->contract[i]; i++) {
		if (gpuas_streq(board->contract[i]->name, name))
			return board->contract[i];
	}
	return NULL;
}

static bool load_manifest_head(struct image *image, const struct gpuas_note_manifest *note)
{
	struct gpuas_manifest *manifest = &image->manifest;
	char format[sizeof(note->format)], contract[sizeof(note->contract)];

	memcpy(format, note->format, sizeof(format));
	name_clean(format, sizeof(format));
	memcpy(contract, note->contract, sizeof(contract));
	name_clean(contract, sizeof(contract));
	manifest->geo.format = format_named(format);
	if (!manifest->geo.format)
		return refuse(&image->file, "its manifest has tables of format '%s', which this "
			      "program does not know: a newer gpuas may", format);
	manifest->geo.va_bits = note->va_bits;
	manifest->geo.pa_bits = note->pa_bits;
	manifest->geo.upper = note->upper;
	if (!gpuas_geometry_ok_(&manifest->geo))
		return refuse(&image->file, "its manifest has tables of an impossible shape, %u VA "
			      "bits: the file is damaged", note->va_bits);
	manifest->contract = contract_named(image->snapshot.board, contract);
	manifest->root = gpuas_pa(note->root);
	manifest->firmware = (struct gpuas_range){ gpuas_va(note->fw_va), note->fw_size };
	manifest->host = (struct gpuas_range){ gpuas_va(note->host_va), note->host_size };
	manifest->regions = note->regions;
	return true;
}

static bool load_manifest(struct image *image, const uint8_t *bytes, size_t size)
{
	struct gpuas_note_manifest note;
	struct gpuas_note_region region;
	struct list list;
	uint32_t i;

	if (size < sizeof(note))
		return too_short(image, "MANIFEST", size);
	memcpy(&note, bytes, sizeof(note));
	if (note.size < sizeof(note) || note.size > size || note.region_size < sizeof(region) ||
	    (size - note.size) / note.region_size < note.regions ||
	    note.regions > GPUAS_REGIONS_MAX)
		return too_short(image, "MANIFEST", size);
	if (!load_manifest_head(image, &note))
		return false;
	list = (struct list){ bytes + note.size, note.region_size, note.regions };
	for (i = 0; i < note.regions; i++) {
		next(&list, &region, sizeof(region));
		if (!load_region(image, &region, &image->manifest.region[i]))
			return false;
	}
	image->snapshot.manifest = &image->manifest;
	return true;
}

static bool load_text(char **text, const uint8_t *bytes, size_t size)
{
	free(*text);
	*text = text_of(bytes, size);
	return true;
}

static bool load_words(struct image *image, const char *what, const uint8_t *bytes, size_t size,
		       void *to, size_t least, bool *has)
{
	if (size < least)
		return too_short(image, what, size);
	memcpy(to, bytes, least);
	*has = true;
	return true;
}

bool note_load(struct image *image, uint32_t type, const uint8_t *bytes, size_t size)
{
	struct gpuas_snapshot *snapshot = &image->snapshot;

	switch (type) {
	case GPUAS_NOTE_INFO:
		return load_info(image, bytes, size);
	case GPUAS_NOTE_SPACES:
		return load_spaces(image, bytes, size);
	case GPUAS_NOTE_EXTENTS:
		return load_extents(image, bytes, size);
	case GPUAS_NOTE_FINDINGS:
		return load_findings(image, bytes, size);
	case GPUAS_NOTE_MANIFEST:
		return load_manifest(image, bytes, size);
	case GPUAS_NOTE_TTBS:
		return load_words(image, "TTBS", bytes, size, &snapshot->ttbs,
				  sizeof(snapshot->ttbs), &snapshot->has_ttbs);
	case GPUAS_NOTE_HANDOFF:
		return load_words(image, "HANDOFF", bytes, size, &snapshot->handoff,
				  sizeof(snapshot->handoff), &snapshot->has_handoff);
	case GPUAS_NOTE_REPORT:
		return load_text(&image->report, bytes, size);
	case GPUAS_NOTE_SOC:
		return load_text(&image->soc, bytes, size);
	case GPUAS_NOTE_LOG:
		return load_text(&image->log, bytes, size);
	default:
		return true;
	}
}
