/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_SOC_H
#define GPUAS_SOC_H

#include <gpuas/board.h>
#include <gpuas/text.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Families of SoCs
 *
 * What is known of a SoC whose GPU shares its address space, fact by fact, each with its
 * source. A SoC is a board as far as its facts go: what nobody has published is absent
 * from &gpuas_soc.board, and whoever asks for it is told which SoC lacks which fact.
 */

/**
 * enum gpuas_mark - How well something is known
 * @GPUAS_MARK_UNKNOWN: nobody has published it, or what was published is contradictory
 * @GPUAS_MARK_SECONDARY: from disassembly, emulators or forks that were not run
 * @GPUAS_MARK_DERIVED: arithmetic on what is known otherwise
 * @GPUAS_MARK_HARDWARE: its author reports it from a real machine
 */
enum gpuas_mark {
	GPUAS_MARK_UNKNOWN,
	GPUAS_MARK_SECONDARY,
	GPUAS_MARK_DERIVED,
	GPUAS_MARK_HARDWARE,
};

/**
 * enum gpuas_soc_field - What there is to know
 * @GPUAS_SOC_IDENTITY: family and variant, as the GPU's own register has them
 * @GPUAS_SOC_BITS: VA bits of a half, PA bits
 * @GPUAS_SOC_WINDOWS: who has which root entries
 * @GPUAS_SOC_ROOTS: how many roots there are, where, and what firmware publishes in them
 * @GPUAS_SOC_REGIONS: which regions there are, and the contracts that trees follow
 * @GPUAS_SOC_HANDOFF: how the handoff page is used
 * @GPUAS_SOC_WALKER: whether the GPU's walker sees what is in the CPU's caches
 */
enum gpuas_soc_field {
	GPUAS_SOC_IDENTITY,
	GPUAS_SOC_BITS,
	GPUAS_SOC_WINDOWS,
	GPUAS_SOC_ROOTS,
	GPUAS_SOC_REGIONS,
	GPUAS_SOC_HANDOFF,
	GPUAS_SOC_WALKER,
};

/** GPUAS_SOC_FIELDS - How many that are */
enum { GPUAS_SOC_FIELDS = GPUAS_SOC_WALKER + 1 };

/**
 * struct gpuas_fact - How well one thing is known, and from where
 * @mark: how well
 * @source: who says so; of what is not known, what there is instead. NULL: nothing
 */
struct gpuas_fact {
	enum gpuas_mark mark;
	const char *source;
};

/**
 * struct gpuas_soc - A SoC, as far as it is known
 * @board: what of it makes a board; what is not known is zero in it. Its name,
 *	machines and compatibles are always there
 * @product: what it is sold in
 * @gpu: generation and variant of its GPU
 * @family: bits 31:24 of the identity register, if GPUAS_SOC_IDENTITY is known
 * @variant: bits 23:16
 * @coherent: the walker sees the CPU's caches, if GPUAS_SOC_WALKER is known
 * @fact: of each &enum gpuas_soc_field
 */
struct gpuas_soc {
	const struct gpuas_board *board;
	const char *product;
	const char *gpu;
	uint8_t family;
	uint8_t variant;
	bool coherent;
	const struct gpuas_fact *fact;
};

/**
 * gpuas_soc_at() - Look through the list of SoCs
 * @index: 0 for the first
 *
 * Return: the SoC; NULL behind the last.
 */
const struct gpuas_soc *gpuas_soc_at(unsigned int index);

/**
 * gpuas_soc_find() - Find the SoC of a machine
 * @machine: a compatible string of the device tree's root node
 *
 * Return: the SoC; NULL if it is in no list.
 */
const struct gpuas_soc *gpuas_soc_find(const char *machine);

/**
 * gpuas_soc_ask() - Is this known of the SoC?
 * @soc: the SoC
 * @field: what is asked for
 * @report: names the SoC, and what is not known of it
 *
 * Return: 0, and the value in @soc or its board is right as far as @soc->fact says;
 * -GPUAS_EOPNOTSUPP if it is not known, or no field. There is no value then.
 */
int gpuas_soc_ask(const struct gpuas_soc *soc, enum gpuas_soc_field field,
		  struct gpuas_report *report);

/**
 * gpuas_soc_board() - The board of a SoC that can be run
 * @soc: the SoC
 * @report: names the first fact that a board needs and that is not known
 *
 * Identity and walker are not needed: a walker that is not known is taken for one that is
 * not coherent (&gpuas_board.incoherent), which costs time and nothing else.
 *
 * Return: the board; NULL if the SoC is identified, but no more than that.
 */
const struct gpuas_board *gpuas_soc_board(const struct gpuas_soc *soc,
					  struct gpuas_report *report);

/** gpuas_soc_field_name() - What a field is called: "windows"; NULL if there is none */
const char *gpuas_soc_field_name(enum gpuas_soc_field field);

/** gpuas_mark_name() - What a mark is called: "hardware"; NULL if there is none */
const char *gpuas_mark_name(enum gpuas_mark mark);

GPUAS_END_DECLS

#endif /* GPUAS_SOC_H */
