/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_BOARDS_H
#define GPUAS_BOARDS_H

#include <gpuas/board.h>
#include <gpuas/soc.h>

GPUAS_BEGIN_DECLS

/* gpuas_board_qemu_virt - QEMU's virt machine with the stand-in GPU */
extern const struct gpuas_board gpuas_board_qemu_virt;

/*
 * gpuas_board_qemu_virt_published - The same with another firmware, as that of Apple's G17
 *
 * Two roots, which two walkers use; the firmware publishes entries into both while it
 * starts, one of which leads to a table that is lent to the host; it never looks at the
 * handoff page; new mappings are flushed too. The machine is the same but for the
 * first compatible of its tree's root node.
 */
extern const struct gpuas_board gpuas_board_qemu_virt_published;

/*
 * gpuas_board_apple_t8103 - Apple M1; regions come from the previous stage
 *
 * The other SoCs of Apple's have no names of their own: gpuas_board_find(), or
 * gpuas_soc_find() for those of which too little is known for a board.
 */
extern const struct gpuas_board gpuas_board_apple_t8103;

/* gpuas_contract_qemu_virt - Ours, for QEMU's virt machine */
extern const struct gpuas_contract gpuas_contract_qemu_virt;

/* gpuas_contract_qemu_virt_published - Ours, for the same with the other firmware */
extern const struct gpuas_contract gpuas_contract_qemu_virt_published;

/* gpuas_contract_apple_agx - Upstream's for Apple G13 and G14 (apple,agx.yaml, m1n1) */
extern const struct gpuas_contract gpuas_contract_apple_agx;

/*
 * gpuas_profile_g13 - Handoff page of G13 and G14 (M1, M2)
 *
 * The firmware answers. Linux drm/asahi mmu.rs [hardware].
 */
extern const struct gpuas_profile gpuas_profile_g13;

/*
 * gpuas_profile_g15 - Of G15 (T6030, M3 Pro)
 *
 * As G13: iconidentify/aurora-linux reports magic and flushes of a J516S with 14.8.3
 * [hardware]; a comment elsewhere has it that M3 firmware does not take the lock.
 */
extern const struct gpuas_profile gpuas_profile_g15;

/*
 * gpuas_profile_g16 - Of G16 (T8132, M4)
 *
 * Nobody waits; whether the magic ever appears is not known. iconidentify/aurora-linux
 * drm/asahi handoff_lock.rs [secondary].
 */
extern const struct gpuas_profile gpuas_profile_g16;

/*
 * gpuas_profile_g17 - Of G17 as in T8140 (A18 Pro)
 *
 * Never answered. aurora-silicon/linux drm/asahi mmu.rs [hardware].
 */
extern const struct gpuas_profile gpuas_profile_g17;

/*
 * gpuas_profile_g17_sptm - Of G17 as in T8142 (M5)
 *
 * The same, written as SPTM of T8142 writes it [secondary: decompiled].
 */
extern const struct gpuas_profile gpuas_profile_g17_sptm;

/**
 * DOC: Contracts of later Apple parts
 *
 * Five lines of work, none of them upstream (board/apple/contract.c). Boards that list
 * them have regions of these names: ttbs, pagetables, handoff, shared-l2 (a lent table);
 * fw-text and fw-data, mapped, for those of Aurora; firmware, firmware-shared-ro,
 * firmware-secondary, data, for those of Gravity; hw-cal-a, hw-cal-b, globals, data, for
 * ico's.
 */

/* gpuas_contract_aurora_m3 - apple,m3-handoff-version: t8122 */
extern const struct gpuas_contract gpuas_contract_aurora_m3;

/* gpuas_contract_ico_t6030 - t6030; read only */
extern const struct gpuas_contract gpuas_contract_ico_t6030;

/* gpuas_contract_aurora_g16 - apple,g16-handoff-version: t8132; read only */
extern const struct gpuas_contract gpuas_contract_aurora_g16;

/* gpuas_contract_gravity_g16 - t8132, in Gravity's and Aurora's bootloaders */
extern const struct gpuas_contract gpuas_contract_gravity_g16;

/* gpuas_contract_gravity_neo - apple,neo-boot-abi: t8140 */
extern const struct gpuas_contract gpuas_contract_gravity_neo;

/* gpuas_contract_vinix - t6050; read only */
extern const struct gpuas_contract gpuas_contract_vinix;

/**
 * gpuas_board_find() - Find the board for a machine
 * @machine: a compatible string of the device tree's root node: any of the board's
 *
 * Return: the board; NULL if there is none.
 */
const struct gpuas_board *gpuas_board_find(const char *machine);

/**
 * gpuas_board_at() - Look through the list of boards
 * @index: 0 for the first
 *
 * Return: the board; NULL behind the last.
 */
const struct gpuas_board *gpuas_board_at(unsigned int index);

/**
 * gpuas_board_family() - Is a GPU of a family that the library knows?
 * @compatible: a compatible string of the GPU node
 *
 * For machines that gpuas_board_find() does not know: a GPU of a known family
 * there wants a board of its own, and nobody should wonder why nothing happens.
 *
 * Return: true if there are boards for other GPUs of the family.
 */
bool gpuas_board_family(const char *compatible);

GPUAS_END_DECLS

#endif /* GPUAS_BOARDS_H */
