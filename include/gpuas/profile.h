/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_PROFILE_H
#define GPUAS_PROFILE_H

#include <gpuas/text.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Profile of a handoff page
 *
 * The page has one layout on every part that was read, and is used in several ways:
 * firmware answers on it, answers late, or never; hosts write different values for
 * the same thing. All of that is data of a board (&gpuas_board.profile), so that no
 * caller has to ask which kind it is.
 *
 * Sources, for parts up to G14: m1n1 proxyclient/m1n1/fw/agx/handoff.py, Linux
 * drm/asahi mmu.rs. For G15 to G17 there are forks, disassembly and emulators only,
 * and what is said of them is [secondary], or [hardware] where an author reports it
 * of a real machine: aurora-silicon/linux drm/asahi mmu.rs (G17, T8140 [hardware]),
 * iconidentify/aurora-linux drm/asahi handoff_lock.rs (T6030 [hardware], T8132),
 * vlang/vinix gpu/agx/mmu/mmu.v, and SPTM of T8142, decompiled.
 */

/**
 * GPUAS_HANDOFF_MAGIC_0002 - Magic of all firmware that was seen
 *
 * m1n1 fw/agx/handoff.py; Linux drm/asahi mmu.rs (PPL_MAGIC).
 */
#define GPUAS_HANDOFF_MAGIC_0002	0x4b1d000000000002ULL

/**
 * GPUAS_HANDOFF_MAGIC_0003 - Magic of SPTM-820.40.23, built 2026-09-27
 *
 * [secondary]: strings of restore images, with those of a lock more (a "gate") beside
 * Dekker's. Where that lies, and which firmware demands it, nobody has published.
 */
#define GPUAS_HANDOFF_MAGIC_0003	0x4b1d000000000003ULL

/**
 * enum gpuas_participation - Does the firmware take part?
 * @GPUAS_FIRMWARE_ANSWERS: it writes its magic when it is up, takes the lock, and
 *	answers flushes: G13 and G14; T6030 with 14.8.3 [hardware]
 * @GPUAS_FIRMWARE_LATE: as that, but nobody may wait for it: it comes at any time
 *	after it was started, or not at all: T8132 [secondary]
 * @GPUAS_FIRMWARE_NEVER: it does not look at the page: T8140 [hardware]. Who waits
 *	for it hangs, a flush stays requested for ever
 */
enum gpuas_participation {
	GPUAS_FIRMWARE_ANSWERS,
	GPUAS_FIRMWARE_LATE,
	GPUAS_FIRMWARE_NEVER,
};

/**
 * enum gpuas_absent_rule - What the host writes at &gpuas_handoff.fw_absent
 * @GPUAS_ABSENT_LEFT: nothing: what stands there stays, on a page that is new zero:
 *	Linux up to G14, aurora for T8140 [hardware]
 * @GPUAS_ABSENT_BY_MAGIC: 1 if the firmware's magic is none that is accepted, else
 *	0: XNU, iconidentify for T8132, vinix [secondary]
 * @GPUAS_ABSENT_ALWAYS: 1: SPTM of T8142 [secondary]
 */
enum gpuas_absent_rule {
	GPUAS_ABSENT_LEFT,
	GPUAS_ABSENT_BY_MAGIC,
	GPUAS_ABSENT_ALWAYS,
};

/**
 * struct gpuas_profile - How the handoff page of a generation is used
 * @magic: what a side of ours writes as its own
 * @accept: magics that the other side may have, @magic among them
 * @accepts: how many; at least 1
 * @firmware: whether the firmware takes part
 * @context_none: what the host writes for "no context" before the firmware runs:
 *	0, 0xffff or 0xffffffff were seen. All three are read as that, and this one
 * @absent: what the host writes at &gpuas_handoff.fw_absent
 *
 * A generation with another magic is another value here, and no code.
 */
struct gpuas_profile {
	uint64_t magic;
	const uint64_t *accept;
	unsigned int accepts;
	enum gpuas_participation firmware;
	uint32_t context_none;
	enum gpuas_absent_rule absent;
};

/**
 * gpuas_profile_check() - Does a profile make sense?
 * @profile: the profile
 * @report: what is wrong with it
 *
 * Return: 0; -GPUAS_EOPNOTSUPP if it is NULL: nothing is known of that handoff page,
 * and no other function may be given it; -GPUAS_EINVAL if there is no magic, one is
 * 0, the host's is not among those accepted, "no context" is the number of one, or a
 * value is none of its enum.
 */
int gpuas_profile_check(const struct gpuas_profile *profile, struct gpuas_report *report);

/** gpuas_profile_accepts() - Is @magic one that the other side may have? */
bool gpuas_profile_accepts(const struct gpuas_profile *profile, uint64_t magic);

GPUAS_END_DECLS

#endif /* GPUAS_PROFILE_H */
