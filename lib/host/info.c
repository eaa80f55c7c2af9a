// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas info: what a file is, why it was made, and how much of what is in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "out.h"

enum {
	OWNERS = GPUAS_SNAP_REGION + 1,
	LOG_LINES = 8,
	AGX_WORDS = sizeof(((struct gpuas_core_agx *)0)->firmware) / sizeof(uint32_t),
};

/**
 * struct total - Sum of extents
 * @mapped: bytes of leaves, by owner
 * @present: bytes of those whose contents are in the file
 * @tables: bytes of tables
 * @odd: entries that are neither
 */
struct total {
	uint64_t mapped[OWNERS];
	uint64_t present[OWNERS];
	uint64_t tables;
	unsigned int odd;
};

static void sum(const struct image *image, struct total *total)
{
	const struct gpuas_snap_extent *extent = image->snapshot.extent;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents; i++, extent++) {
		if (extent->kind == GPUAS_SNAP_TABLE)
			total->tables += extent->size;
		else if (extent->kind == GPUAS_SNAP_ODD)
			total->odd++;
		if (extent->kind != GPUAS_SNAP_LEAF)
			continue;
		total->mapped[extent->owner] += extent->size;
		if (!extent->missing)
			total->present[extent->owner] += extent->size;
	}
}

static const char *time_text(uint64_t nanoseconds, char text[40])
{
	time_t seconds = (time_t)(nanoseconds / 1000000000);
	struct tm *tm = gmtime(&seconds);

	if (!nanoseconds || !tm || !strftime(text, 40, "%Y-%m-%d %H:%M:%S UTC", tm))
		return "not said";
	return text;
}

static void put_agx(const struct gpuas_core_agx *agx)
{
	unsigned int i;

	printf("chip 0x%x, GPU generation %u, variant %u, revision %u, %u cores, initial data at 0x%"
	       PRIx64 "\nfirmware: ", agx->chip_id, agx->generation, agx->variant, agx->revision,
	       agx->cores, agx->initdata);
	for (i = 0; i < AGX_WORDS; i++)
		printf("%s%u", i ? "." : "", agx->firmware[i]);
	putchar('\n');
}

static void put_what(const struct image *image)
{
	char text[40], *name = name_of(image->file.name);

	put_head("%s: %s, %" PRIu64 " bytes", name, kind_name(image->kind), image->file.size);
	free(name);
	if (image->kind == IMAGE_CORE) {
		printf("taken because: %s\n", image->info.why[0] ? image->info.why : "not said");
		printf("at:            %s\n", time_text(image->info.time, text));
		printf("by:            %s\n", image->info.writer[0] ? image->info.writer : "not said");
	}
	if (image->kind == IMAGE_AGX)
		put_agx(&image->agx);
	if (image->snapshot.board)
		printf("board:         %s\n", image->snapshot.board->name);
	else if (image->info.board[0])
		printf("board:         %s, which this program does not know\n", image->info.board);
	if (image->soc)
		printf("SoC:           %s\n", image->soc);
	if (image->report)
		printf("%srefused:       %s%s\n", colour(COLOUR_BAD), image->report,
		       colour(COLOUR_NONE));
}

static void put_spaces(const struct image *image)
{
	const struct gpuas_snapshot *snapshot = &image->snapshot;
	const struct gpuas_snap_space *space = snapshot->space;
	char root[ROOT_TEXT_MAX];
	uint32_t i;

	put_head("\n%-16s %-6s %-14s %-8s %-14s %s", "Space", "Half", "Root", "VA bits", "Format",
		 "Addresses in the file");
	for (i = 0; i < snapshot->spaces; i++, space++) {
		const uint64_t top = space->tag == GPUAS_SNAP_TAG_FIRST ? 0xffff : space->tag;

		root_text(image, space, root);
		printf("%-16s %-6s %-14s %-8u %-14s 0x%04" PRIx64 "...\n", space->name,
		       space->geo.upper ? "upper" : "lower", root, space->geo.va_bits,
		       space->geo.format->name, top);
	}
}

static void put_contexts(const struct gpuas_snapshot *snapshot)
{
	const struct gpuas_ttb_pair *pair = snapshot->ttbs.context;
	unsigned int i;

	if (!snapshot->has_ttbs)
		return;
	put_head("\nContext  TTB0                TTB1");
	for (i = 0; i < GPUAS_TTB_CONTEXTS; i++, pair++) {
		if (gpuas_ttb_state(&snapshot->ttbs, i) == GPUAS_TTB_EMPTY)
			continue;
		printf("%-7u  0x%016" PRIx64 "  0x%016" PRIx64 "%s\n", i, pair->ttb0, pair->ttb1,
		       gpuas_ttb_state(&snapshot->ttbs, i) == GPUAS_TTB_LEFT ? "  unbound" : "");
	}
}

static void put_region(const struct gpuas_region *region)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, region->name);
	gpuas_text_pad(&text, 21);
	if (!region->present) {
		gpuas_text_str(&text, "not there");
		puts(text.buf);
		return;
	}
	gpuas_text_hex(&text, gpuas_pa_u64(region->pa), 11);
	gpuas_text_pad(&text, 36);
	gpuas_text_size(&text, region->size);
	gpuas_text_pad(&text, 44);
	if (region->mapped)
		gpuas_text_hex(&text, gpuas_va_u64(region->va), 16);
	else
		gpuas_text_str(&text, "-");
	gpuas_text_pad(&text, 64);
	gpuas_text_str(&text, gpuas_owner_name(region->owner));
	gpuas_text_str(&text, region->no_map ? ", no-map" : "");
	puts(text.buf);
}

static void put_manifest(const struct gpuas_manifest *manifest)
{
	unsigned int i;

	if (!manifest)
		return;
	put_head("\n%-20s %-14s %-7s %-19s %s", "Region", "PA", "Size", "GPU VA", "Owner");
	for (i = 0; i < manifest->regions; i++)
		put_region(&manifest->region[i]);
	printf("firmware's window 0x%016" PRIx64 "-0x%016" PRIx64 "\n",
	       gpuas_va_u64(manifest->firmware.va),
	       gpuas_va_u64(manifest->firmware.va) + (manifest->firmware.size - 1));
	printf("driver's window   0x%016" PRIx64 "-0x%016" PRIx64 "\n",
	       gpuas_va_u64(manifest->host.va),
	       gpuas_va_u64(manifest->host.va) + (manifest->host.size - 1));
}

static void put_totals(const struct image *image)
{
	const struct gpuas_snapshot *snapshot = &image->snapshot;
	struct total total = { .odd = 0 };
	unsigned int i;

	sum(image, &total);
	put_head("\n%-10s %15s %15s", "Owner", "mapped", "in the file");
	for (i = 0; i < OWNERS; i++) {
		if (total.mapped[i])
			printf("%-10s %15" PRIu64 " %15" PRIu64 "\n", owner_name(i), total.mapped[i],
			       total.present[i]);
	}
	printf("%-10s %15" PRIu64 "\n", "tables", total.tables);
	printf("extents: %u%s; odd entries: %u; findings: %u%s\n", snapshot->extents,
	       snapshot->extents_lost ? ", and more" : "", total.odd,
	       snapshot->findings + image->faults, snapshot->findings_lost ? ", and more" : "");
	if (snapshot->cut)
		printf("the walk was cut off: there is more than this\n");
}

static void put_handoff(const struct gpuas_snapshot *snapshot)
{
	const struct gpuas_handoff *page = &snapshot->handoff;

	if (!snapshot->has_handoff)
		return;
	printf("\nhandoff page: magic host 0x%" PRIx64 ", firmware 0x%" PRIx64 "; lock host %u, firmware "
	       "%u, turn %u; context %u\n", page->magic_host, page->magic_fw, page->lock_host,
	       page->lock_fw, page->turn, page->context);
}

static void put_log(const struct image *image)
{
	const char *start;
	unsigned int lines = 0;

	if (!image->log)
		return;
	for (start = image->log + strlen(image->log); start > image->log; start--) {
		if (start[-1] == '\n' && lines++ == LOG_LINES)
			break;
	}
	put_head("\nLog, %zu bytes; its end:", strlen(image->log));
	printf("%s%s", start, *start && start[strlen(start) - 1] == '\n' ? "" : "\n");
}

static void json_spaces(const struct gpuas_snapshot *snapshot, bool has_root, json_object *json)
{
	json_object *list = json_list(json, "spaces"), *item;
	const struct gpuas_snap_space *space = snapshot->space;
	uint32_t i;

	for (i = 0; i < snapshot->spaces; i++, space++) {
		item = json_add(list);
		json_text(item, "name", space->name);
		json_text(item, "half", space->geo.upper ? "upper" : "lower");
		json_text(item, "format", space->geo.format->name);
		json_number(item, "va_bits", space->geo.va_bits);
		json_number(item, "pa_bits", space->geo.pa_bits);
		if (has_root)
			json_hex(item, "root", gpuas_pa_u64(space->root));
		json_number(item, "tag", space->tag);
		if (space->context != GPUAS_SNAP_NO_CONTEXT)
			json_number(item, "context", space->context);
	}
}

static void json_contexts(const struct gpuas_snapshot *snapshot, json_object *json)
{
	json_object *list = json_list(json, "contexts"), *item;
	unsigned int i;

	for (i = 0; snapshot->has_ttbs && i < GPUAS_TTB_CONTEXTS; i++) {
		if (gpuas_ttb_state(&snapshot->ttbs, i) == GPUAS_TTB_EMPTY)
			continue;
		item = json_add(list);
		json_number(item, "context", i);
		json_hex(item, "ttb0", snapshot->ttbs.context[i].ttb0);
		json_hex(item, "ttb1", snapshot->ttbs.context[i].ttb1);
		json_flag(item, "bound", gpuas_ttb_state(&snapshot->ttbs, i) == GPUAS_TTB_BOUND);
	}
}

static void json_regions(const struct gpuas_manifest *manifest, json_object *json)
{
	json_object *list = json_list(json, "regions"), *item;
	unsigned int i;

	for (i = 0; manifest && i < manifest->regions; i++) {
		const struct gpuas_region *region = &manifest->region[i];

		item = json_add(list);
		json_text(item, "name", region->name);
		json_flag(item, "present", region->present);
		json_hex(item, "pa", gpuas_pa_u64(region->pa));
		json_number(item, "size", region->size);
		if (region->mapped)
			json_hex(item, "va", gpuas_va_u64(region->va));
		json_text(item, "owner", gpuas_owner_name(region->owner));
		json_flag(item, "no_map", region->no_map);
	}
}

static void json_totals(const struct image *image, json_object *json)
{
	json_object *list = json_list(json, "totals"), *item;
	struct total total = { .odd = 0 };
	unsigned int i;

	sum(image, &total);
	for (i = 0; i < OWNERS; i++) {
		if (!total.mapped[i])
			continue;
		item = json_add(list);
		json_text(item, "owner", owner_name(i));
		json_number(item, "mapped", total.mapped[i]);
		json_number(item, "present", total.present[i]);
	}
	json_number(json, "tables", total.tables);
	json_number(json, "odd_entries", total.odd);
	json_number(json, "extents", image->snapshot.extents);
	json_number(json, "findings", image->snapshot.findings + image->faults);
	json_flag(json, "complete", !image->snapshot.cut && !image->snapshot.extents_lost &&
				    !image->snapshot.findings_lost);
}

static void json_agx(const struct gpuas_core_agx *agx, json_object *json)
{
	json_object *part = json_part(json, "agx"), *list;
	unsigned int i;

	json_hex(part, "chip", agx->chip_id);
	json_number(part, "generation", agx->generation);
	json_number(part, "variant", agx->variant);
	json_number(part, "revision", agx->revision);
	json_number(part, "cores", agx->cores);
	json_hex(part, "initial_data", agx->initdata);
	list = json_list(part, "firmware");
	for (i = 0; i < AGX_WORDS; i++)
		json_object_array_add(list, json_object_new_uint64(agx->firmware[i]));
}

static void json_handoff(const struct gpuas_handoff *page, json_object *json)
{
	json_object *part = json_part(json, "handoff");

	json_hex(part, "magic_host", page->magic_host);
	json_hex(part, "magic_firmware", page->magic_fw);
	json_number(part, "lock_host", page->lock_host);
	json_number(part, "lock_firmware", page->lock_fw);
	json_number(part, "turn", page->turn);
	json_number(part, "context", page->context);
}

static void json_window(const char *name, const struct gpuas_range *window, json_object *json)
{
	json_object *part = json_part(json, name);

	json_hex(part, "va", gpuas_va_u64(window->va));
	json_number(part, "size", window->size);
}

static void json_windows(const struct gpuas_manifest *manifest, json_object *json)
{
	json_object *part = json_part(json, "windows");

	json_window("firmware", &manifest->firmware, part);
	json_window("driver", &manifest->host, part);
}

static void json_info(const struct image *image)
{
	json_object *json = json_new("info", image);

	json_number(json, "size", image->file.size);
	if (image->kind == IMAGE_CORE) {
		json_text(json, "why", image->info.why);
		json_text(json, "writer", image->info.writer);
		json_number(json, "time", image->info.time / 1000000000);
	}
	if (image->snapshot.board)
		json_text(json, "board", image->snapshot.board->name);
	if (image->soc)
		json_text(json, "soc", image->soc);
	if (image->report)
		json_text(json, "refused", image->report);
	if (image->log)
		json_text(json, "log", image->log);
	if (image->kind == IMAGE_AGX)
		json_agx(&image->agx, json);
	if (image->snapshot.has_handoff)
		json_handoff(&image->snapshot.handoff, json);
	if (image->snapshot.manifest)
		json_windows(image->snapshot.manifest, json);
	json_spaces(&image->snapshot, image->kind != IMAGE_AGX, json);
	json_contexts(&image->snapshot, json);
	json_regions(image->snapshot.manifest, json);
	json_totals(image, json);
	json_put(json);
}

enum status command_info(const struct options *options, struct image *const *image,
			 char **argument)
{
	(void)argument;
	if (options->json) {
		json_info(image[0]);
	} else {
		put_what(image[0]);
		put_spaces(image[0]);
		put_contexts(&image[0]->snapshot);
		put_manifest(image[0]->snapshot.manifest);
		put_totals(image[0]);
		put_handoff(&image[0]->snapshot);
		put_log(image[0]);
	}
	say_faults(image[0]);
	return STATUS_OK;
}
