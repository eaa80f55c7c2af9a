// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * How the handoff page is used, by generation. Where each is from: include/gpuas/boards.h.
 * Magic ...0003 goes with a lock that nobody has described, so it is listed only where the
 * firmware does not take part; elsewhere it is refused, with both values in the report.
 */
#include <gpuas/boards.h>

static const uint64_t known[] = { GPUAS_HANDOFF_MAGIC_0002 };
static const uint64_t known_g17[] = { GPUAS_HANDOFF_MAGIC_0002, GPUAS_HANDOFF_MAGIC_0003 };

/* The first of a list is what the host writes. */
#define ACCEPTS(list) \
	.magic = GPUAS_HANDOFF_MAGIC_0002, .accept = list, \
	.accepts = sizeof(list) / sizeof(list[0])

const struct gpuas_profile gpuas_profile_g13 = {
	ACCEPTS(known),
	.firmware = GPUAS_FIRMWARE_ANSWERS,
	.context_none = 0,
	.absent = GPUAS_ABSENT_LEFT,
};

const struct gpuas_profile gpuas_profile_g15 = {
	ACCEPTS(known),
	.firmware = GPUAS_FIRMWARE_ANSWERS,
	.context_none = 0,
	.absent = GPUAS_ABSENT_LEFT,
};

const struct gpuas_profile gpuas_profile_g16 = {
	ACCEPTS(known),
	.firmware = GPUAS_FIRMWARE_LATE,
	.context_none = 0xffff,
	.absent = GPUAS_ABSENT_BY_MAGIC,
};

const struct gpuas_profile gpuas_profile_g17 = {
	ACCEPTS(known_g17),
	.firmware = GPUAS_FIRMWARE_NEVER,
	.context_none = 0,
	.absent = GPUAS_ABSENT_LEFT,
};

const struct gpuas_profile gpuas_profile_g17_sptm = {
	ACCEPTS(known_g17),
	.firmware = GPUAS_FIRMWARE_NEVER,
	.context_none = 0xffff,
	.absent = GPUAS_ABSENT_ALWAYS,
};
