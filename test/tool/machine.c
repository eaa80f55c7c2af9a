// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * machine DIR: files for tests of the tool. A machine in simulated RAM is brought up, and written in
 * every form that the tool reads: at one moment ("before"), and after a change ("after").
 */
#define _GNU_SOURCE
#include "../unit/snaps.h"

#include <elf.h>
#include <libfdt.h>

#include <gpuas/fdt.h>

enum { BLOB = 1 << 16 };

static const char log_text[] = "fw: up\nfw: job 7 \033[31mfailed\npanic: \x01no\n";

static FILE *file_of(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

static int put(void *ctx, const void *buf, size_t count)
{
	return fwrite(buf, 1, count, ctx) == count ? 0 : -GPUAS_ENOSPC;
}

static void put_core(struct snap *m, const char *dir, const char *name, uint64_t limit,
		     const struct gpuas_core_agx *agx)
{
	const struct gpuas_core_info info = {
		.why = "a test asked for it", .writer = "machine, libgpuas", .time = 1700000000000000000,
		.soc = "simulated", .log = log_text, .log_size = sizeof(log_text) - 1, .agx = agx,
	};
	FILE *file = file_of(dir, name);
	struct gpuas_core core;
	static uint8_t buf[4096];

	snap_memory(m);
	m->s.board = m->bringup.board;
	m->s.manifest = &m->bringup.manifest;
	snap_take(m);
	assert_int_equal(gpuas_core_init(&core, &m->s, &info, limit), 0);
	assert_int_equal(gpuas_core_push(&core, buf, sizeof(buf), put, file), 0);
	assert_int_equal(core.torn, 0);
	assert_int_equal(fclose(file), 0);
}

static void put_ram(struct snap *m, const char *dir, const char *name)
{
	FILE *file = file_of(dir, name);

	assert_int_equal(fwrite(ram_at(m->ram, RAM_BASE, RAM_SIZE), RAM_SIZE, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/* As QEMU's dump-guest-memory has it: a note of each CPU, and the RAM. */
static void put_vmcore(struct snap *m, const char *dir, const char *name)
{
	const Elf64_Nhdr note = { .n_namesz = 5, .n_descsz = 4, .n_type = NT_PRSTATUS };
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_phoff = sizeof(head), .e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	};
	Elf64_Phdr phdr[2] = {
		{ .p_type = PT_NOTE, .p_offset = sizeof(head) + sizeof(phdr), .p_filesz = 24 },
		{ .p_type = PT_LOAD, .p_offset = sizeof(head) + sizeof(phdr) + 24,
		  .p_paddr = RAM_BASE, .p_filesz = RAM_SIZE, .p_memsz = RAM_SIZE },
	};
	FILE *file = file_of(dir, name);

	fwrite(&head, sizeof(head), 1, file);
	fwrite(phdr, sizeof(phdr), 1, file);
	fwrite(&note, sizeof(note), 1, file);
	fwrite("CORE\0\0\0\0\1\2\3", 12, 1, file);
	fwrite(ram_at(m->ram, RAM_BASE, RAM_SIZE), RAM_SIZE, 1, file);
	assert_int_equal(fclose(file), 0);
}

static void put_tree(struct snap *m, const char *dir, const char *name)
{
	const struct gpuas_board *board = m->bringup.board;
	const fdt64_t reg[2] = { cpu_to_fdt64(RAM_BASE), cpu_to_fdt64(RAM_SIZE) };
	static uint64_t blob[BLOB / 8], scratch[BLOB / 4];
	FILE *file = file_of(dir, name);
	struct gpuas_report report;
	int node;

	assert_int_equal(fdt_create_empty_tree(blob, sizeof(blob)), 0);
	assert_int_equal(fdt_setprop_string(blob, 0, "compatible", board->machine[0]), 0);
	assert_int_equal(fdt_setprop_u32(blob, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(blob, 0, "#size-cells", 2), 0);
	node = fdt_add_subnode(blob, 0, "memory@800000000");
	assert_true(node > 0);
	assert_int_equal(fdt_setprop_string(blob, node, "device_type", "memory"), 0);
	assert_int_equal(fdt_setprop(blob, node, "reg", reg, sizeof(reg)), 0);
	if (gpuas_fdt_publish(blob, scratch, sizeof(scratch), board, &m->bringup.manifest, &report))
		fail_msg("%s", report.text.buf);
	assert_int_equal(fwrite(blob, sizeof(blob), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/* One page less, one with other rights, one with other bytes, and two that are new. */
static void change(struct snap *m)
{
	assert_int_equal(gpuas_unmap(&m->host, gpuas_va(HOST), PAGE), 0);
	assert_int_equal(gpuas_protect(&m->host, gpuas_va(HOST + PAGE), PAGE,
				       GPUAS_FW_READ | GPUAS_MEM_SHARED), 0);
	memset(ram_at(m->ram, PAGES_AT + 2 * PAGE + 0x1000, 16), 0x77, 16);
	assert_int_equal(gpuas_map(&m->user[1], gpuas_va(0x20000000),
				   gpuas_pa(PAGES_AT + 30 * PAGE), 2 * PAGE,
				   GPUAS_FW_READ | GPUAS_GPU_READ | GPUAS_MEM_SHARED), 0);
}

/* The entry that leads from the root of a context's tree to a table, now leads to the root. */
static void spoil(struct snap *m)
{
	const uint64_t root = gpuas_pa_u64(m->user[1].root);
	uint64_t *entry = ram_at(m->ram, root, PAGE);

	while (!*entry)
		entry++;
	*entry = root | 3;
}

static void before(void **state)
{
	static const struct gpuas_core_agx agx = {
		.initdata = HOST, .chip_id = 0x8103, .generation = 13, .variant = 'G', .cores = 8,
	};
	const char *dir = getenv("DIR");
	struct snap *m = snap_machine();

	(void)state;
	put_tree(m, dir, "machine.dtb");
	put_core(m, dir, "before.core", ~0ULL, NULL);
	put_core(m, dir, "small.core", 64 << 10, NULL);
	put_core(m, dir, "agx.core", ~0ULL, &agx);
	put_ram(m, dir, "before.ram");
	put_vmcore(m, dir, "before.vmcore");
	change(m);
	put_core(m, dir, "after.core", ~0ULL, NULL);
	put_ram(m, dir, "after.ram");
	spoil(m);
	put_core(m, dir, "bad.core", ~0ULL, NULL);
	put_ram(m, dir, "bad.ram");
	ram_delete(m->ram);
	free(m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(before) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
