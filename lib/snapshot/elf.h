/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What of ELF a core takes, little-endian. System V ABI, "Object Files"; PN_XNUM: Solaris
 * "Linker and Libraries Guide", ELF header. Private to lib/.
 */
#ifndef GPUAS_LIB_ELF_H
#define GPUAS_LIB_ELF_H

#include <gpuas/types.h>

enum {
	ELF_CLASS64 = 2,
	ELF_LITTLE = 1,
	ELF_VERSION = 1,
	ELF_CORE = 4,
	ELF_AARCH64 = 183,
	ELF_LOAD = 1,
	ELF_NOTE = 4,
	ELF_EXEC = 1,
	ELF_WRITE = 2,
	ELF_READ = 4,
	/* From this number on, it is said in a section header. */
	ELF_SEGMENTS_MAX = 0xffff,
};

struct elf_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t segments;
	uint64_t sections;
	uint32_t flags;
	uint16_t header_size;
	uint16_t segment_size;
	uint16_t segment_count;
	uint16_t section_size;
	uint16_t section_count;
	uint16_t names;
};

struct elf_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t va;
	uint64_t pa;
	uint64_t file_size;
	uint64_t size;
	uint64_t align;
};

struct elf_section {
	uint32_t name;
	uint32_t type;
	uint64_t flags;
	uint64_t va;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
	uint32_t info;
	uint64_t align;
	uint64_t entry_size;
};

struct elf_note {
	uint32_t name_size;
	uint32_t size;
	uint32_t type;
	char name[12];
};

GPUAS_STATIC_ASSERT(sizeof(struct elf_header) == 64, "ELF header");
GPUAS_STATIC_ASSERT(sizeof(struct elf_segment) == 56, "program header");
GPUAS_STATIC_ASSERT(sizeof(struct elf_section) == 64, "section header");

#endif /* GPUAS_LIB_ELF_H */
