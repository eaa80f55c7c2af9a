// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Attributes in words, and why a format does not have them. */
#include <gpuas/dump.h>

#include "entry.h"

static void put_rights(struct gpuas_text *text, const char *who, gpuas_attr_t rwx)
{
	gpuas_text_str(text, who);
	gpuas_text_str(text, rwx & 1 ? "r" : "-");
	gpuas_text_str(text, rwx & 2 ? "w" : "-");
	gpuas_text_str(text, rwx & 4 ? "x" : "-");
}

void gpuas_attr_text(struct gpuas_text *text, gpuas_attr_t attr)
{
	static const char *const mem[] = {
		[GPUAS_MEM_CACHED >> 12] = " cached",
		[GPUAS_MEM_SHARED >> 12] = " shared",
		[GPUAS_MEM_DEVICE >> 12] = " device",
		[GPUAS_MEM_OTHER >> 12] = " other",
	};

	put_rights(text, "gpu=", attr);
	put_rights(text, " fw=", attr >> 3);
	put_rights(text, " gl=", attr >> 6);
	gpuas_text_str(text, mem[(attr & GPUAS_MEM_MASK) >> 12]);
	if (attr & GPUAS_GLOBAL)
		gpuas_text_str(text, " global");
	if (attr & GPUAS_OWNER_FW)
		gpuas_text_str(text, " fw-owned");
	if (attr & GPUAS_RAW)
		gpuas_text_str(text, " raw");
}

static unsigned int count(gpuas_attr_t bits)
{
	unsigned int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* The rights that the format has, with this owner, and that differ least from these. */
static gpuas_attr_t nearest(const struct gpuas_format *format, gpuas_attr_t attr)
{
	gpuas_attr_t rights = attr & GPUAS_ACCESS_MASK, best = 0;
	unsigned int row = 0, rows = format->access_rows, least = ~0u;

	if (format->owner_bit) {
		rows /= 2;
		row = attr & GPUAS_OWNER_FW ? 0 : rows;
		rows += row;
	}
	for (; row < rows; row++) {
		if (format->access[row] & GPUAS_ACCESS_ALIAS ||
		    count(format->access[row] ^ rights) >= least)
			continue;
		best = format->access[row];
		least = count(best ^ rights);
	}
	return best;
}

/* Those who have one of these rights. */
static void put_some(struct gpuas_text *text, const char *lead, gpuas_attr_t rights)
{
	if (!rights)
		return;
	gpuas_text_str(text, lead);
	if (rights & 7)
		put_rights(text, " gpu=", rights);
	if (rights & 7 << 3)
		put_rights(text, " fw=", rights >> 3);
	if (rights & 7 << 6)
		put_rights(text, " gl=", rights >> 6);
}

void gpuas_attr_refused_text(struct gpuas_text *text,
			     const struct gpuas_format *format, gpuas_attr_t attr)
{
	gpuas_attr_t rights = attr & GPUAS_ACCESS_MASK;
	gpuas_attr_t near = nearest(format, attr);

	gpuas_text_str(text, format->name);
	gpuas_text_str(text, " has no ");
	gpuas_attr_text(text, attr);
	put_some(text, ", not without", near & ~rights);
	put_some(text, ", not with", rights & ~near);
	if (attr & GPUAS_OWNER_FW && !format->owner_bit)
		gpuas_text_str(text, ", not with fw-owned");
	if ((attr & GPUAS_MEM_MASK) == GPUAS_MEM_OTHER)
		gpuas_text_str(text, ", not with memory other");
	if (attr & GPUAS_RAW)
		gpuas_text_str(text, ", not with raw");
	if (attr & ~(ATTR_KNOWN | GPUAS_RAW)) {
		gpuas_text_str(text, ", not with ");
		gpuas_text_hex(text, attr & ~(ATTR_KNOWN | GPUAS_RAW), 1);
	}
}
