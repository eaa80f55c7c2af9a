// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Which contract a tree follows, and what contracts say of the GPU node. */
#include "fdt_internal.h"

#include "../manifest/manifest.h"

static const char names[] = "memory-region-names";

bool gpuas_fdt_lists_(const struct gpuas_contract *contract, const char *name)
{
	unsigned int i;

	for (i = 0; i < contract->regions; i++)
		if (gpuas_streq(contract->region[i].name, name))
			return true;
	return false;
}

static bool has_node(const void *fdt, const struct gpuas_contract_region *how)
{
	int parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");

	return parent >= 0 && how->node &&
	       gpuas_fdt_child_(fdt, parent, -1, how->node) >= 0;
}

static bool is_there(const void *fdt, int gpu, bool list,
		     const struct gpuas_contract_region *how)
{
	/* Only its place in memory-region leads to it, which says nothing of the contract. */
	if (!how->name && !how->unlisted)
		return true;
	if (!list || how->unlisted)
		return has_node(fdt, how);
	return fdt_stringlist_search(fdt, gpu, names, how->name) >= 0;
}

/* By names, and by nodes where there are no names. */
static bool fits(const void *fdt, int gpu, const struct gpuas_contract *contract)
{
	const bool list = gpu >= 0 && fdt_getprop(fdt, gpu, names, NULL);
	const struct gpuas_contract_region *how = contract->region;
	unsigned int i;
	int n, count;

	if (contract->version)
		return gpu >= 0 && fdt_getprop(fdt, gpu, contract->version->property, NULL);
	for (i = 0; i < contract->regions; i++, how++)
		if (!how->optional && !is_there(fdt, gpu, list, how))
			return false;
	count = list ? fdt_stringlist_count(fdt, gpu, names) : 0;
	for (n = 0; n < count && !contract->others; n++)
		if (!gpuas_fdt_lists_(contract, fdt_stringlist_get(fdt, gpu, names, n, NULL)))
			return false;
	return true;
}

static bool is_value(const void *fdt, int gpu, const struct gpuas_contract_value *value)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, gpu, value->property, &len);
	unsigned int i;

	if (value->string)
		return gpuas_fdt_is_(fdt, gpu, value->property, value->string) &&
		       (size_t)len == gpuas_fdt_size_(value->string);
	if (!cell || len != (int)(value->cells * sizeof(*cell)))
		return false;
	for (i = 0; i < value->cells && fdt32_to_cpu(cell[i]) == value->cell[i]; i++)
		;
	return i == value->cells;
}

static int check_value(const void *fdt, int gpu, int err,
		       const struct gpuas_contract_value *value,
		       struct gpuas_report *report)
{
	unsigned int i;

	if (is_value(fdt, gpu, value))
		return 0;
	gpuas_report(report, err, "GPU node", NULL, "property ");
	if (!report)
		return err;
	gpuas_text_str(&report->text, value->property);
	gpuas_text_str(&report->text, fdt_getprop(fdt, gpu, value->property, NULL) ?
				      " is not" : " is missing, not");
	for (i = 0; i < value->cells; i++) {
		gpuas_text_str(&report->text, " ");
		gpuas_text_hex(&report->text, value->cell[i], 1);
	}
	if (value->string) {
		gpuas_text_str(&report->text, " ");
		gpuas_text_str(&report->text, value->string);
	}
	return err;
}

int gpuas_fdt_contract_(const void *fdt, int gpu, const struct gpuas_board *board,
			const struct gpuas_contract **contract,
			struct gpuas_report *report)
{
	const struct gpuas_contract *const *list = board->contract;
	uint32_t which = 0;
	unsigned int i;
	int err;

	for (i = 0; i < GPUAS_CONTRACTS_MAX && list[i]; i++)
		if (fits(fdt, gpu, list[i]))
			which |= 1U << i;
	err = gpuas_contract_choose_(board, which, contract, report);
	if (err || gpu < 0 || !(*contract)->version)
		return err;
	return check_value(fdt, gpu, -GPUAS_EPROTO, (*contract)->version, report);
}

/*
 * VAs of all mapped regions in one property
 */

int gpuas_fdt_read_segments_(const void *fdt, int gpu,
			     struct gpuas_manifest *manifest,
			     struct gpuas_report *report)
{
	const char *prop = manifest->contract->va_property;
	struct gpuas_region *region = manifest->region;
	unsigned int i, count = 0;
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, gpu, prop, &len);

	for (i = 0; i < manifest->regions; i++)
		count += region[i].present && region[i].mapped;
	if (!cell || len != (int)(2 * count * sizeof(*cell)))
		return gpuas_fdt_report_(report, -GPUAS_EBADMSG, "GPU node", NULL,
					 "has no VA for each segment in ", prop);
	for (i = 0; i < manifest->regions; i++, region++) {
		if (!region->present || !region->mapped)
			continue;
		region->va = gpuas_va(gpuas_fdt_load_(cell, 2));
		cell += 2;
	}
	return 0;
}

static int check_segments(const struct gpuas_board *board,
			  const struct gpuas_manifest *manifest,
			  struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	gpuas_va_t va;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, region++) {
		va = gpuas_contract_va_(manifest, board, i);
		if (region->present && region->mapped && region->va != va)
			return gpuas_report_hex(report, -GPUAS_EBADMSG, "region", region->name,
						"its segment's VA is not",
						gpuas_va_u64(va));
	}
	return 0;
}

static int put_segments(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_region *region = pub->manifest->region;
	fdt32_t cell[2 * GPUAS_REGIONS_MAX];
	unsigned int i, cells = 0;

	for (i = 0; i < pub->manifest->regions; i++, region++) {
		if (!region->present || !region->mapped)
			continue;
		gpuas_fdt_store_(cell + cells, 2, gpuas_va_u64(region->va));
		cells += 2;
	}
	return gpuas_fdt_put_(&pub->edit, gpuas_fdt_gpu_(pub->edit.fdt, pub->board),
			      "GPU node", NULL, pub->manifest->contract->va_property,
			      cell, cells);
}

/*
 * PA and size once more, as a loader copied them from elsewhere: little-endian bytes
 */

enum { SOURCE_NAME_MAX = 64, SOURCE_CELLS = 2 };

/* False if the name is too long. */
static bool source_name(char *name, const struct gpuas_contract *contract,
			const struct gpuas_contract_region *how, const char *end)
{
	const char *part[] = { contract->source, how->source, end };
	unsigned int len = 0, i;

	for (i = 0; i < 3; i++)
		for (; *part[i]; part[i]++) {
			if (len == SOURCE_NAME_MAX - 1)
				return false;
			name[len++] = *part[i];
		}
	name[len] = '\0';
	return true;
}

static void source_store(fdt32_t *cell, uint64_t value)
{
	unsigned char *byte = (unsigned char *)cell;
	unsigned int i;

	for (i = 0; i < sizeof(value); i++, value >>= 8)
		byte[i] = (unsigned char)value;
}

/* One of the two; @value is what reg says. */
static int check_source(const void *fdt, int gpu, const struct gpuas_contract *contract,
			const struct gpuas_contract_region *how, const char *end,
			uint64_t value, struct gpuas_report *report)
{
	char name[SOURCE_NAME_MAX] = "";
	fdt32_t want[SOURCE_CELLS];
	int len = 0;
	const fdt32_t *cell = NULL;
	const char *what;

	if (source_name(name, contract, how, end))
		cell = fdt_getprop(fdt, gpu, name, &len);
	source_store(want, value);
	if (cell ? len == (int)sizeof(want) && !memcmp(cell, want, sizeof(want)) :
		   !contract->source_demanded)
		return 0;
	if (!cell)
		what = "GPU node has no ";
	else if (len != (int)sizeof(want))
		what = "not 64 bits are in ";
	else if (gpuas_fdt_load_(cell, SOURCE_CELLS) == value)
		what = "big-endian, and not little-endian, is ";
	else
		what = "reg is not what is in ";
	return gpuas_fdt_report_(report, -GPUAS_EBADMSG, "region", how->region, what, name);
}

static int check_sources(const void *fdt, int gpu, const struct gpuas_manifest *manifest,
			 struct gpuas_report *report)
{
	const struct gpuas_contract *contract = manifest->contract;
	const struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < manifest->regions; i++, region++) {
		how = gpuas_contract_region(contract, region->name);
		if (!region->present || !how || !how->source)
			continue;
		err = check_source(fdt, gpu, contract, how, "-base",
				   gpuas_pa_u64(region->pa), report);
		if (!err)
			err = check_source(fdt, gpu, contract, how, "-size", region->size,
					   report);
	}
	return err;
}

static int put_source(struct gpuas_fdt_publication *pub,
		      const struct gpuas_contract_region *how, const char *end,
		      uint64_t value)
{
	char name[SOURCE_NAME_MAX];
	fdt32_t cell[SOURCE_CELLS];

	if (!source_name(name, pub->manifest->contract, how, end))
		return gpuas_report(pub->edit.report, -GPUAS_EINVAL, "region", how->region,
				    "has a source whose name is too long");
	source_store(cell, value);
	return gpuas_fdt_put_(&pub->edit, gpuas_fdt_gpu_(pub->edit.fdt, pub->board), "region",
			      how->region, name, cell, SOURCE_CELLS);
}

static int put_sources(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how = contract->region;
	const struct gpuas_region *region;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < contract->regions; i++, how++) {
		region = gpuas_fdt_found_(pub->manifest, how);
		if (!region || !region->present || !how->source)
			continue;
		err = put_source(pub, how, "-base", gpuas_pa_u64(region->pa));
		if (!err)
			err = put_source(pub, how, "-size", region->size);
	}
	return err;
}

/*
 * All that contracts say of the GPU node, but for its lists
 */

int gpuas_fdt_check_gpu_(const void *fdt, int gpu, const struct gpuas_board *board,
			 const struct gpuas_manifest *manifest,
			 struct gpuas_report *report)
{
	const struct gpuas_contract *contract = manifest->contract;
	const struct gpuas_contract_value *value = contract->values;
	int err = 0;

	for (; !err && value && value->property; value++)
		err = check_value(fdt, gpu, -GPUAS_EBADMSG, value, report);
	if (!err && contract->va == GPUAS_VA_SEGMENTS)
		err = check_segments(board, manifest, report);
	if (!err && contract->va == GPUAS_VA_WINDOW &&
	    (manifest->firmware.va != board->firmware.va ||
	     manifest->firmware.size != board->firmware.size))
		err = gpuas_fdt_report_(report, -GPUAS_EBADMSG, "window", "firmware",
					"is not what the GPU node says in ",
					contract->va_property);
	if (!err && contract->source)
		err = check_sources(fdt, gpu, manifest, report);
	return err;
}

static int put_value(struct gpuas_fdt_publication *pub,
		     const struct gpuas_contract_value *value)
{
	const int gpu = gpuas_fdt_gpu_(pub->edit.fdt, pub->board);
	fdt32_t cell[2];
	unsigned int i;

	if (is_value(pub->edit.fdt, gpu, value))
		return 0;
	if (value->string && fdt_getprop(pub->edit.fdt, gpu, value->property, NULL))
		return gpuas_fdt_exists_(&pub->edit, "GPU node", NULL, value->property);
	if (value->string)
		return gpuas_fdt_set_string_(&pub->edit, gpu, value->property, value->string);
	for (i = 0; i < value->cells; i++)
		gpuas_fdt_store_(&cell[i], 1, value->cell[i]);
	return gpuas_fdt_put_(&pub->edit, gpu, "GPU node", NULL, value->property, cell,
			      value->cells);
}

static int put_values(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_value *value = contract->values;
	int err = 0;

	for (; !err && value && value->property; value++)
		err = put_value(pub, value);
	if (!err && contract->version)
		err = put_value(pub, contract->version);
	return err;
}

int gpuas_fdt_describe_gpu_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	int err = 0;

	if (contract->source)
		err = put_sources(pub);
	if (!err && contract->va == GPUAS_VA_SEGMENTS)
		err = put_segments(pub);
	if (!err && contract->va == GPUAS_VA_WINDOW)
		err = gpuas_fdt_put_window_(&pub->edit,
					    gpuas_fdt_gpu_(pub->edit.fdt, pub->board),
					    contract->va_property,
					    &pub->manifest->firmware);
	return err ? err : put_values(pub);
}
