// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * DIR=... machine: files for tests of the tool. A machine in simulated RAM is brought up, and written in
 * every form that the tool reads: at one moment ("before"), and after a change ("after").
 */
#define _GNU_SOURCE
#include "tree-blob.h"

#include <elf.h>

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

static void put_file(struct snap *m, const char *dir, const char *name, uint64_t limit,
		     const struct gpuas_core_info *info)
{
	FILE *file = file_of(dir, name);
	struct gpuas_core core;
	static uint8_t buf[4096];

	assert_int_equal(gpuas_core_init(&core, &m->s, info, limit), 0);
	assert_int_equal(gpuas_core_push(&core, buf, sizeof(buf), put, file), 0);
	assert_int_equal(core.torn, 0);
	assert_int_equal(fclose(file), 0);
}

static void put_taken(struct snap *m, const char *dir, const char *name, uint64_t limit,
		      const struct gpuas_core_agx *agx)
{
	const struct gpuas_core_info info = {
		.why = "a test asked for it", .writer = "machine, libgpuas", .time = 1700000000000000000,
		.soc = "simulated", .log = log_text, .log_size = sizeof(log_text) - 1, .agx = agx,
	};

	put_file(m, dir, name, limit, &info);
}

static void take(struct snap *m)
{
	snap_memory(m);
	m->s.board = m->bringup.board;
	m->s.manifest = &m->bringup.manifest;
	snap_take(m);
}

static void put_core(struct snap *m, const char *dir, const char *name, uint64_t limit)
{
	take(m);
	put_taken(m, dir, name, limit, NULL);
}

static void put_ram(struct snap *m, const char *dir, const char *name)
{
	FILE *file = file_of(dir, name);

	assert_int_equal(fwrite(ram_at(m->ram, RAM_BASE, RAM_SIZE), RAM_SIZE, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/*
 * As QEMU's dump-guest-memory has it: a note of each CPU, and the RAM, at no multiple of 8. What is from
 * @cut on comes first.
 */
static void put_vmcore(struct snap *m, const char *dir, const char *name, uint64_t cut)
{
	const Elf64_Nhdr note = { .n_namesz = 5, .n_descsz = 8, .n_type = NT_PRSTATUS };
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
		.e_phoff = sizeof(head), .e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3,
	};
	Elf64_Phdr phdr[3] = {
		{ .p_type = PT_NOTE, .p_offset = sizeof(head) + sizeof(phdr), .p_filesz = 28 },
		{ .p_type = PT_LOAD, .p_offset = sizeof(head) + sizeof(phdr) + 28,
		  .p_paddr = RAM_BASE + cut, .p_filesz = RAM_SIZE - cut, .p_memsz = RAM_SIZE - cut },
		{ .p_type = PT_LOAD, .p_offset = sizeof(head) + sizeof(phdr) + 28 + RAM_SIZE - cut,
		  .p_paddr = RAM_BASE, .p_filesz = cut, .p_memsz = cut },
	};
	FILE *file = file_of(dir, name);

	fwrite(&head, sizeof(head), 1, file);
	fwrite(phdr, sizeof(phdr), 1, file);
	fwrite(&note, sizeof(note), 1, file);
	fwrite("CORE\0\0\0\0\1\2\3\4\5\6\7", 16, 1, file);
	fwrite(ram_at(m->ram, RAM_BASE + cut, RAM_SIZE - cut), 1, RAM_SIZE - cut, file);
	fwrite(ram_at(m->ram, RAM_BASE, cut), 1, cut, file);
	assert_int_equal(fclose(file), 0);
}

static void put_tree(struct snap *m, const char *dir, const char *name)
{
	FILE *file = file_of(dir, name);

	assert_int_equal(fwrite(tree_blob(m), TREE_BLOB, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/* A tree that has a region elsewhere. */
static void put_other_tree(struct snap *m, const char *dir, const char *name)
{
	struct gpuas_region *shared = gpuas_manifest_region(&m->bringup.manifest, "shared");
	const gpuas_pa_t pa = shared->pa;

	shared->pa = gpuas_pa(gpuas_pa_u64(pa) + 0x10000);
	put_tree(m, dir, name);
	shared->pa = pa;
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

/* One tree of Apple's format, in our file and in the other driver's. */
static void apple(void **state)
{
	static const struct gpuas_core_agx agx = {
		.initdata = HOST, .chip_id = 0x8103, .generation = 13, .variant = 'G', .cores = 8,
	};
	const gpuas_attr_t rights = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED;
	const char *dir = getenv("DIR");
	struct snap *m = snap_empty();
	struct gpuas_space space;

	(void)state;
	assert_int_equal(gpuas_space_create(&space, &uat39, &whole, &m->ram->env), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(HOST), gpuas_pa(PAGES_AT), 3 * PAGE, rights), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(~(PAGE - 1)), gpuas_pa(PAGES_AT + 7 * PAGE), PAGE,
				   rights), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(HOST + 0x1000000), gpuas_pa(MMIO), PAGE,
				   GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_DEVICE), 0);
	snap_add(m, &uat39, gpuas_pa_u64(space.root));
	strcpy(m->space[0].name, "root 0");
	gpuas_snapshot_capture(&m->s);
	put_taken(m, dir, "uat.core", ~0ULL, NULL);
	put_taken(m, dir, "agx.core", ~0ULL, &agx);
	ram_delete(m->ram);
	free(m);
}

static void stand_in(void **state)
{
	const char *dir = getenv("DIR");
	struct snap *m = snap_machine();

	(void)state;
	put_tree(m, dir, "machine.dtb");
	put_other_tree(m, dir, "other.dtb");
	put_core(m, dir, "before.core", ~0ULL);
	put_core(m, dir, "small.core", 64 << 10);
	put_core(m, dir, "tiny.core", 32 << 10);
	put_ram(m, dir, "before.ram");
	put_vmcore(m, dir, "before.vmcore", 0);
	put_vmcore(m, dir, "split.vmcore", PAGES_AT - RAM_BASE + 3 * PAGE);
	change(m);
	put_core(m, dir, "after.core", ~0ULL);
	put_ram(m, dir, "after.ram");
	spoil(m);
	put_core(m, dir, "bad.core", ~0ULL);
	put_ram(m, dir, "bad.ram");
	ram_delete(m->ram);
	free(m);
}

/*
 * What lib/host/dumps.md is about: of a buffer that job 7 reads, the driver unmaps the second half too
 * early, and another process gets the memory. "idle" is before that.
 */
static void crash(void **state)
{
	static const char log[] = "fw: up\nfw: job 7, context 5\n"
		"fw: the GPU read 0x20004010 in context 5, nothing is there\nfw: stopped\n";
	struct gpuas_core_info info = {
		.why = "asked for by hand", .writer = "machine, libgpuas", .time = 1700000000000000000,
		.log = log, .log_size = 7,
	};
	const gpuas_attr_t rights = GPUAS_FW_READ | GPUAS_GPU_READ | GPUAS_MEM_SHARED;
	const gpuas_pa_t pa = gpuas_pa(PAGES_AT + 30 * PAGE), half = gpuas_pa(PAGES_AT + 31 * PAGE);
	/* wfi, and a branch back to it */
	static const uint32_t code[] = { 0xd503207f, 0x17ffffff };
	const char *dir = getenv("DIR");
	struct snap *m = snap_machine();

	(void)state;
	put_tree(m, dir, "guest.dtb");
	memcpy(ram_at(m->ram, gpuas_pa_u64(gpuas_manifest_region(&m->bringup.manifest, "fw-text")->pa),
		      PAGE), code, sizeof(code));
	assert_int_equal(gpuas_map(&m->user[1], gpuas_va(0x20000000), pa, 2 * PAGE, rights), 0);
	take(m);
	put_file(m, dir, "idle.core", ~0ULL, &info);
	assert_int_equal(gpuas_unmap(&m->user[1], gpuas_va(0x20000000 + PAGE), PAGE), 0);
	assert_int_equal(gpuas_map(&m->user[0], gpuas_va(0x30000000), half, PAGE, rights), 0);
	strcpy(ram_at(m->ram, gpuas_pa_u64(half), PAGE), "somebody else's by now");
	info.why = "the firmware has stopped";
	info.time += 3000000000;
	info.log_size = sizeof(log) - 1;
	take(m);
	put_file(m, dir, "crash.core", ~0ULL, &info);
	put_ram(m, dir, "guest.ram");
	put_vmcore(m, dir, "guest.vmcore", 0);
	ram_delete(m->ram);
	free(m);
}

/* The board with two roots, a table that is lent, and memory that is in no linear map. */
static void published(void **state)
{
	const char *dir = getenv("DIR");
	struct snap *m = snap_empty();

	(void)state;
	snap_bring_up(m, &gpuas_board_qemu_virt_published);
	put_tree(m, dir, "published.dtb");
	put_core(m, dir, "published.core", ~0ULL);
	put_ram(m, dir, "published.ram");
	ram_delete(m->ram);
	free(m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stand_in), cmocka_unit_test(apple), cmocka_unit_test(published),
		cmocka_unit_test(crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
