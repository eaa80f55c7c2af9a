/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A file with the memory of a GPU in it, opened. Whatever kind it is of, all commands see the
 * same: pieces of memory by PA, and a snapshot of the spaces in it. Nothing that a file says
 * of itself is trusted; what is wrong with it, and does no harm, is a fault of the image's.
 */
#ifndef GPUAS_HOST_IMAGE_H
#define GPUAS_HOST_IMAGE_H

#include <stddef.h>

#include <gpuas/core.h>

#include "gpuas.h"

/**
 * enum image_kind - What a file is
 * @IMAGE_CORE: a core of ours
 * @IMAGE_AGX: a core of the Linux driver for Apple's GPUs
 * @IMAGE_VMCORE: a core with the RAM of a machine, as of QEMU's dump-guest-memory
 * @IMAGE_RAM: RAM, byte by byte
 */
enum image_kind {
	IMAGE_CORE,
	IMAGE_AGX,
	IMAGE_VMCORE,
	IMAGE_RAM,
};

/**
 * struct input - The bytes of a file, unpacked
 * @name: for messages
 * @bytes: where they are, aligned to a page; may be written to, which does not reach the file
 * @size: how many
 * @mapped: they are to be unmapped
 */
struct input {
	const char *name;
	uint8_t *bytes;
	uint64_t size;
	bool mapped;
};

/**
 * struct piece - Memory that is in the file
 * @pa: its first PA
 * @size: bytes
 * @bytes: what it holds, in the bytes of the file
 */
struct piece {
	uint64_t pa;
	uint64_t size;
	const uint8_t *bytes;
};

enum {
	/** @FAULTS_MAX: faults that are kept; more are counted */
	FAULTS_MAX = 16,
	/** @FAULT_MAX: size of a fault's text */
	FAULT_MAX = 200,
	/** @REGION_TEXT_MAX: size of owner_text()'s text */
	REGION_TEXT_MAX = 48,
	/** @ROOT_TEXT_MAX: size of root_text()'s text */
	ROOT_TEXT_MAX = 24,
	/** @SPACE_TEXT_MAX: size of space_text()'s text */
	SPACE_TEXT_MAX = 80,
};

/**
 * struct image - A file, opened
 * @file: its bytes
 * @mirror: room for the same, moved by so many bytes that what is odd by as many is aligned; only
 *	tables that were read are there. NULL: not needed
 * @kind: what it is
 * @piece: memory, ascending by PA; no two overlap
 * @pieces: how many
 * @snapshot: spaces, extents, findings, TTB array, handoff page; &gpuas_snapshot.env borrows
 *	from the pieces
 * @env: that; what its table_ptr() lends is there after its invalidate()
 * @manifest: what &gpuas_snapshot.manifest is, if it is not NULL
 * @info: what the file says of itself; of another kind than IMAGE_CORE, zeroes
 * @agx: likewise; of another kind than IMAGE_AGX, zeroes
 * @report: text that came with it, or NULL; so are the next two
 * @soc: of the SoC
 * @log: of the firmware
 * @fault: what is wrong with the file
 * @faults: how many faults there are, those that are not kept included
 */
struct image {
	struct input file;
	uint8_t *mirror[sizeof(uint64_t)];
	enum image_kind kind;
	struct piece *piece;
	size_t pieces;
	struct gpuas_snapshot snapshot;
	struct gpuas_env env;
	struct gpuas_manifest manifest;
	struct gpuas_note_info info;
	struct gpuas_core_agx agx;
	char *report;
	char *soc;
	char *log;
	char fault[FAULTS_MAX][FAULT_MAX];
	unsigned int faults;
};

/*
 * input.c. "-" is standard input. Packed files, and what is no plain file, go through a temporary
 * one without a name. False: said why.
 */
bool input_open(struct input *input, const char *name, uint64_t limit);
void input_close(struct input *input);

/*
 * image.c. image_open() opens any file, the n-th on the command line from 0. False: said why.
 * image_load() does it with bytes that are there, which image_close() lets go of.
 */
struct image *image_open(const char *name, const struct options *options, unsigned int n);
void image_init(struct image *image, const char *name);
bool image_load(struct image *image, const struct input *dtb, const struct options *options);
void image_close(struct image *image);

/* say.c: what is wrong with a file, and why it cannot be used. Always false. */
__attribute__((format(printf, 2, 3)))
bool refuse(const struct input *file, const char *format, ...);

/* Note what is wrong with it, and go on. */
__attribute__((format(printf, 2, 3)))
void fault(struct image *image, const char *format, ...);

/* Say that, one line each, on standard error. */
void say_faults(const struct image *image);

/* memory.c: memory, or the end of the program */
void *memory(size_t count, size_t size);

/*
 * text.c: without anything that a terminal would obey. Bytes of a file as a text; a text, of
 * ASCII; a name, which has no lines; any text, which is UTF-8; the name of a file likewise.
 */
char *text_of(const uint8_t *bytes, size_t size);
void text_clean(char *text, size_t size);
void name_clean(char *text, size_t size);
void utf8_clean(char *text, bool lines);
char *name_of(const char *name);

/* pieces.c: add memory; after the last, put all in order. */
void piece_add(struct image *image, uint64_t pa, uint64_t size, const uint8_t *bytes);
void pieces_finish(struct image *image);

/*
 * Memory at a PA, and how many bytes of it follow each other; NULL if it is not in the file, and
 * then how many bytes are not.
 */
const uint8_t *image_at(const struct image *image, uint64_t pa, uint64_t *size);

/* elf.c: our core, the other driver's, or a machine's, by what is in it */
bool elf_load(struct image *image, const struct input *dtb, const struct options *options);

/* notes.c: a note of ours. False: said why. */
bool note_load(struct image *image, uint32_t type, const uint8_t *bytes, size_t size);

/* ram.c: spaces and extents from memory and the machine's device tree */
bool ram_load(struct image *image, const struct input *dtb, const struct options *options);
bool ram_capture(struct image *image, const struct input *dtb);

/* Walk the spaces of a snapshot; it gets memory for what is found. walked_free() frees that. */
void walk_spaces(const struct image *image, struct gpuas_snapshot *snapshot);
void walked_free(struct gpuas_snapshot *snapshot);

/*
 * address.c. An address is a VA with the tag of its space, as in the file, or SPACE:VA. Of
 * no space: a PA.
 */
struct address {
	uint16_t space;
	uint64_t va;
	uint64_t size;
};

/* As files have it: with the tag of its space. */
uint64_t file_address(const struct image *image, const struct address *address);

/* A number, with the tag of a PA or without, or PA:NUMBER. False: it is none. */
bool pa_parse(const char *text, uint64_t *pa);

/* With a size of 1; false: said why. */
bool address_parse(const struct image *image, const char *text, struct address *address);

/* ADDRESS, ADDRESS-ADDRESS (the last one included), ADDRESS+SIZE, SPACE: or SPACE. */
bool range_parse(const struct image *image, const char *text, struct address *range);

/* The extent that has the address; NULL if none has. Leaves before others. */
const struct gpuas_snap_extent *image_extent(const struct image *image,
					  const struct address *address);

/* The VA of an extent, or PA where that is what it has; and the space that is listed with. */
uint64_t extent_start(const struct gpuas_snap_extent *extent);
bool has_va(const struct gpuas_snap_extent *extent);

/* Of a VA of an extent, the PA, which an odd entry has one of; and the address in the file. */
uint64_t extent_pa(const struct gpuas_snap_extent *extent, uint64_t va);
uint64_t extent_address(const struct image *image, const struct gpuas_snap_extent *extent,
			uint64_t va);

/* Handle on one of the spaces, to read through. 0, or an error of the library's. */
int space_open(const struct image *image, uint16_t i, struct gpuas_space *space);

#endif /* GPUAS_HOST_IMAGE_H */
