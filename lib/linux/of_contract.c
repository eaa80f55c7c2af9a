// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* lib/fdt/fdt_contract.c for those who have no libfdt. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "../manifest/manifest.h"
#include "of.h"

/* Longest name of a property in a contract. */
#define SOURCE_NAME_MAX	64

static const char names[] = "memory-region-names";

static int bad_gpu(const struct reader *reader, int err, const char *prop,
		   const char *what)
{
	return gpuas_report(reader->report, err, "GPU node", prop, what);
}

static bool lists(const struct gpuas_contract *contract, const char *name)
{
	unsigned int i;

	for (i = 0; i < contract->regions; i++) {
		if (gpuas_streq(contract->region[i].name, name))
			return true;
	}
	return false;
}

static bool has_node(const struct reader *reader,
		     const struct gpuas_contract_region *how)
{
	struct device_node *node;
	bool found = false;

	for_each_child_of_node(reader->reserved, node)
		found |= how->node && of_node_name_eq(node, how->node);
	return found;
}

static bool is_there(const struct reader *reader, bool list,
		     const struct gpuas_contract_region *how)
{
	/* Only its place in memory-region leads to it, which says nothing of the contract. */
	if (!how->name && !how->unlisted)
		return true;
	if (!list || how->unlisted)
		return has_node(reader, how);
	return of_property_match_string(reader->gpu, names, how->name) >= 0;
}

static bool only_known(const struct reader *reader,
		       const struct gpuas_contract *contract)
{
	struct property *prop;
	const char *name;

	of_property_for_each_string(reader->gpu, names, prop, name) {
		if (!lists(contract, name))
			return false;
	}
	return true;
}

static bool fits(const struct reader *reader, const struct gpuas_contract *contract)
{
	const bool list = of_property_present(reader->gpu, names);
	const struct gpuas_contract_region *how = contract->region;
	unsigned int i;

	if (contract->version)
		return of_property_present(reader->gpu, contract->version->property);
	for (i = 0; i < contract->regions; i++, how++) {
		if (!how->optional && !is_there(reader, list, how))
			return false;
	}
	return !list || contract->others || only_known(reader, contract);
}

static bool is_value(const struct reader *reader,
		     const struct gpuas_contract_value *value)
{
	const struct device_node *gpu = reader->gpu;
	const char *string;
	unsigned int i;
	u32 cell[2];

	if (value->string)
		return of_property_count_strings(gpu, value->property) == 1 &&
		       !of_property_read_string(gpu, value->property, &string) &&
		       !strcmp(string, value->string);
	if (of_property_count_u32_elems(gpu, value->property) != value->cells ||
	    of_property_read_u32_array(gpu, value->property, cell, value->cells))
		return false;
	for (i = 0; i < value->cells; i++) {
		if (cell[i] != value->cell[i])
			return false;
	}
	return true;
}

int gpuas_of_contract_(struct reader *reader, const struct gpuas_board *board)
{
	const struct gpuas_contract *const *list = board->contract;
	const struct gpuas_contract_value *version;
	uint32_t which = 0;
	unsigned int i;
	int err;

	for (i = 0; i < GPUAS_CONTRACTS_MAX && list[i]; i++) {
		if (fits(reader, list[i]))
			which |= 1U << i;
	}
	err = gpuas_contract_choose_(board, which, &reader->contract, reader->report);
	version = reader->contract->version;
	if (err || !version || is_value(reader, version))
		return err;
	return bad_gpu(reader, -EPROTO, version->property,
		       "is missing, or not the version of the contract that is known");
}

static int read_segments(const struct reader *reader, struct gpuas_manifest *manifest)
{
	const char *prop = manifest->contract->va_property;
	struct gpuas_region *region = manifest->region;
	u64 va[GPUAS_REGIONS_MAX];
	unsigned int i, count = 0;

	for (i = 0; i < manifest->regions; i++)
		count += region[i].present && region[i].mapped;
	if (!count || of_property_count_u64_elems(reader->gpu, prop) != count ||
	    of_property_read_u64_array(reader->gpu, prop, va, count))
		return bad_gpu(reader, -EBADMSG, prop, "has no VA for each segment");
	for (i = 0, count = 0; i < manifest->regions; i++, region++) {
		if (region->present && region->mapped)
			region->va = gpuas_va(va[count++]);
	}
	return 0;
}

static int read_window(const struct reader *reader, struct gpuas_manifest *manifest)
{
	const char *prop = manifest->contract->va_property;
	u64 value[2];

	if (of_property_count_u64_elems(reader->gpu, prop) != 2 ||
	    of_property_read_u64_array(reader->gpu, prop, value, 2))
		return bad_gpu(reader, -EBADMSG, prop, "is not a VA and a size");
	manifest->firmware.va = gpuas_va(value[0]);
	manifest->firmware.size = value[1];
	return 0;
}

int gpuas_of_read_vas_(const struct reader *reader, struct gpuas_manifest *manifest)
{
	switch (manifest->contract->va) {
	case GPUAS_VA_SEGMENTS:
		return read_segments(reader, manifest);
	case GPUAS_VA_WINDOW:
		return read_window(reader, manifest);
	default:
		return 0;
	}
}

/* One of base and size; @value is what reg says. */
static int check_source(const struct reader *reader,
			const struct gpuas_contract_region *how, const char *end,
			uint64_t value)
{
	char name[SOURCE_NAME_MAX];
	const void *found;
	const char *what;
	u64 raw = 0;
	int len;

	snprintf(name, sizeof(name), "%s%s%s", reader->contract->source, how->source, end);
	found = of_get_property(reader->gpu, name, &len);
	if (found && len == sizeof(raw))
		memcpy(&raw, found, sizeof(raw));
	if (!found && !reader->contract->source_demanded)
		return 0;
	if (!found)
		what = "is missing";
	else if (len != sizeof(raw))
		what = "is not of 64 bits";
	else if (le64_to_cpu((__force __le64)raw) == value)
		return 0;
	else if (be64_to_cpu((__force __be64)raw) == value)
		what = "is big-endian, and not little-endian";
	else
		what = "is not what reg says";
	return bad_gpu(reader, -EBADMSG, name, what);
}

static int check_sources(const struct reader *reader,
			 const struct gpuas_manifest *manifest)
{
	const struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < manifest->regions; i++, region++) {
		how = gpuas_contract_region(reader->contract, region->name);
		if (!region->present || !how || !how->source)
			continue;
		err = check_source(reader, how, "-base", gpuas_pa_u64(region->pa));
		if (!err)
			err = check_source(reader, how, "-size", region->size);
	}
	return err;
}

static int check_vas(const struct reader *reader, const struct gpuas_board *board,
		     const struct gpuas_manifest *manifest)
{
	const char *prop = reader->contract->va_property;
	unsigned int i;

	if (reader->contract->va == GPUAS_VA_WINDOW &&
	    (manifest->firmware.va != board->firmware.va ||
	     manifest->firmware.size != board->firmware.size))
		return bad_gpu(reader, -EBADMSG, prop, "is not the firmware's window");
	for (i = 0; reader->contract->va == GPUAS_VA_SEGMENTS && i < manifest->regions; i++) {
		if (manifest->region[i].present && manifest->region[i].mapped &&
		    manifest->region[i].va != gpuas_contract_va_(manifest, board, i))
			return gpuas_report_hex(reader->report, -EBADMSG, "region",
						manifest->region[i].name,
						"its segment's VA is not",
						gpuas_va_u64(gpuas_contract_va_(manifest,
										board, i)));
	}
	return 0;
}

/* Exactly the contract's regions, one after the other. */
static int check_order(const struct reader *reader)
{
	const struct gpuas_contract *contract = reader->contract;
	unsigned int i;

	for (i = 0; i < contract->regions; i++) {
		if (of_property_match_string(reader->gpu, names,
					     contract->region[i].name) != i)
			return gpuas_report_dec(reader->report, -EBADMSG, "region",
						contract->region[i].region,
						"has another name in memory-region-names, or another place than",
						i);
	}
	if (of_property_count_strings(reader->gpu, names) == i)
		return 0;
	return bad_gpu(reader, -EBADMSG, names, "has more than its contract");
}

int gpuas_of_check_gpu_(const struct reader *reader, const struct gpuas_board *board,
			const struct gpuas_manifest *manifest)
{
	const struct gpuas_contract *contract = reader->contract;
	const struct gpuas_contract_value *value = contract->values;
	int err = 0;

	if (contract->in_order)
		err = check_order(reader);
	for (; !err && value && value->property; value++) {
		if (!is_value(reader, value))
			err = bad_gpu(reader, -EBADMSG, value->property,
				      "is not what its contract says");
	}
	if (!err)
		err = check_vas(reader, board, manifest);
	if (!err && contract->source)
		err = check_sources(reader, manifest);
	return err;
}
