// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * In a kernel that makes the dump of another one: the dump has the firmware's memory, and the
 * firmware goes on. Nothing but the dump is read.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gpuas/profile.h>

#include "../../../board/qemu-virt/firmware.h"
#include "tests.h"

#define NODES		"/sys/firmware/devicetree/base/reserved-memory"
#define LOOKS		1000000

/* The PA of a region of ours, from the name of its node. */
static uint64_t region(const char *name)
{
	DIR *nodes = opendir(NODES);
	size_t length = strlen(name);
	struct dirent *node;
	uint64_t pa = 0;

	while (nodes && (node = readdir(nodes))) {
		if (!strncmp(node->d_name, name, length) && node->d_name[length] == '@')
			pa = strtoull(node->d_name + length + 1, NULL, 16);
	}
	if (nodes)
		closedir(nodes);
	if (!pa)
		fail("vmcore: there is no node %s", name);
	return pa;
}

/* 8 bytes that are at a PA in the machine that crashed. */
static uint64_t look(int core, uint64_t pa)
{
	Elf64_Ehdr elf;
	Elf64_Phdr part;
	uint64_t value;
	int i;

	if (pread(core, &elf, sizeof(elf), 0) != sizeof(elf))
		fail("vmcore: no header: %s", strerror(errno));
	for (i = 0; i < elf.e_phnum; i++) {
		off_t at = (off_t)(elf.e_phoff + (uint64_t)i * sizeof(part));

		if (pread(core, &part, sizeof(part), at) != sizeof(part))
			fail("vmcore: no program header %d: %s", i, strerror(errno));
		if (part.p_type != PT_LOAD || pa < part.p_paddr ||
		    pa - part.p_paddr >= part.p_filesz)
			continue;
		at = (off_t)(part.p_offset + (pa - part.p_paddr));
		if (pread(core, &value, sizeof(value), at) != sizeof(value))
			fail("vmcore: cannot be read: %s", strerror(errno));
		return value;
	}
	fail("vmcore: does not have PA 0x%llx", (unsigned long long)pa);
}

int test_vmcore(void)
{
	const uint64_t handoff = region("gpuas-handoff"), data = region("gpuas-fw-data");
	const uint64_t heart = data + FW_STATUS_OFFSET + offsetof(struct fw_status, heartbeat);
	int core = open("/proc/vmcore", O_RDONLY), left = LOOKS, bad;
	uint64_t magic, beat;

	if (core < 0)
		fail("vmcore: %s", strerror(errno));
	magic = look(core, handoff);
	bad = magic != GPUAS_HANDOFF_MAGIC_0002;
	say("vmcore: handoff page begins with 0x%llx, %s", (unsigned long long)magic,
	    bad ? "wrong" : "right");
	beat = look(core, heart);
	while (look(core, heart) == beat && left--)
		;
	bad |= left < 0;
	say("vmcore: the firmware's heart %s", left < 0 ? "stands still" : "beats");
	close(core);
	return bad;
}
