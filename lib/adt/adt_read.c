// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Which properties say where the GPU's regions are. */
#include "adt.h"

#define NUB	"/arm-io/gfx-asc/iop-gfx-nub"

static const char *const ranges[GPUAS_ADT_RANGES] = {
	[GPUAS_ADT_TTBS] = "gpu-region",
	[GPUAS_ADT_PAGETABLES] = "gfx-shared-region",
	[GPUAS_ADT_HANDOFF] = "gfx-handoff",
	[GPUAS_ADT_LENT] = "gfx-shared-l2-region",
	[GPUAS_ADT_DATA] = "gfx-data",
	[GPUAS_ADT_SHARED_RO] = "gfx-data-shared-ro",
	[GPUAS_ADT_SHARED_RW] = "gfx-data-shared-rw",
	[GPUAS_ADT_DATA_SECOND] = "gfx1-data",
	[GPUAS_ADT_PRIVATE] = "rtkit-private-vm-region",
};

const char *adt_range_name_(unsigned int range)
{
	return ranges[range];
}

void adt_range_property_(struct gpuas_text *text, unsigned int range, const char *suffix)
{
	gpuas_text_clear(text);
	gpuas_text_str(text, ranges[range]);
	gpuas_text_str(text, suffix);
}

/* What is missing is no error here. */
static int get(const struct gpuas_adt *adt, size_t node, const char *name,
	       struct gpuas_adt_value *value, struct gpuas_report *report)
{
	int err = gpuas_adt_property(adt, node, name, value, report);

	return err == -GPUAS_ENOENT ? 0 : err;
}

static int get_ranges(const struct gpuas_adt *adt, size_t node, struct gpuas_adt_values *values,
		      struct gpuas_report *report)
{
	struct gpuas_text name;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < GPUAS_ADT_RANGES; i++) {
		adt_range_property_(&name, i, "-base");
		err = get(adt, node, name.buf, &values->base[i], report);
		adt_range_property_(&name, i, "-size");
		if (!err)
			err = get(adt, node, name.buf, &values->size[i], report);
	}
	return err;
}

static int get_image(const struct gpuas_adt *adt, const char *path, struct gpuas_adt_image *image,
		     struct gpuas_report *report)
{
	size_t node;
	int err = gpuas_adt_node(adt, path, &node, report);

	if (err)
		return err == -GPUAS_ENOENT ? 0 : err;
	err = get(adt, node, "segment-names", &image->names, report);
	return err ? err : get(adt, node, "segment-ranges", &image->ranges, report);
}

static int get_loaded(const struct gpuas_adt *adt, struct gpuas_adt_value *value,
		      struct gpuas_report *report)
{
	size_t node;
	int err = gpuas_adt_node(adt, NUB, &node, report);

	if (err)
		return err == -GPUAS_ENOENT ? 0 : err;
	return get(adt, node, "pre-loaded", value, report);
}

int gpuas_adt_read(const struct gpuas_adt *adt, struct gpuas_adt_values *values,
		   struct gpuas_report *report)
{
	size_t node;
	int err = gpuas_adt_node(adt, "/arm-io/sgx", &node, report);

	memset(values, 0, sizeof(*values));
	if (!err)
		err = get_ranges(adt, node, values, report);
	if (!err)
		err = get_image(adt, "/arm-io/gfx-asc", &values->image[0], report);
	if (!err)
		err = get_image(adt, NUB, &values->image[1], report);
	if (!err)
		err = get_loaded(adt, &values->pre_loaded, report);
	if (err)
		memset(values, 0, sizeof(*values));
	return err;
}
