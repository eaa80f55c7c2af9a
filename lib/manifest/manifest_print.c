// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/manifest.h>

const char *gpuas_owner_name(enum gpuas_owner owner)
{
	switch (owner) {
	case GPUAS_OWNER_HOST:
		return "host";
	case GPUAS_OWNER_FIRMWARE:
		return "firmware";
	default:
		return "shared";
	}
}

static void put_row(struct gpuas_text *text, const struct gpuas_region *region)
{
	gpuas_text_str(text, region->name);
	gpuas_text_pad(text, 14);
	if (!region->present) {
		gpuas_text_str(text, "absent");
		return;
	}
	gpuas_text_hex(text, gpuas_pa_u64(region->pa), 11);
	gpuas_text_pad(text, 30);
	gpuas_text_size(text, region->size);
	gpuas_text_pad(text, 38);
	if (region->mapped)
		gpuas_text_hex(text, gpuas_va_u64(region->va), 16);
	else
		gpuas_text_str(text, "-");
	gpuas_text_pad(text, 58);
	gpuas_text_str(text, gpuas_owner_name(region->owner));
	if (region->no_map)
		gpuas_text_str(text, ", no-map");
}

void gpuas_manifest_print(const struct gpuas_manifest *manifest,
			  const struct gpuas_sink *sink)
{
	struct gpuas_text text;
	unsigned int i;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, "Region");
	gpuas_text_pad(&text, 14);
	gpuas_text_str(&text, "PA");
	gpuas_text_pad(&text, 30);
	gpuas_text_str(&text, "Size");
	gpuas_text_pad(&text, 38);
	gpuas_text_str(&text, "GPU VA");
	gpuas_text_pad(&text, 58);
	gpuas_text_str(&text, "Owner");
	gpuas_text_send(&text, sink);
	for (i = 0; i < manifest->regions; i++) {
		put_row(&text, &manifest->region[i]);
		gpuas_text_send(&text, sink);
	}
	if (!manifest->contract)
		return;
	gpuas_text_str(&text, "contract: ");
	gpuas_text_str(&text, manifest->contract->name);
	gpuas_text_send(&text, sink);
}
