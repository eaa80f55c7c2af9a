// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots into RAM. GPL only, as the code in U-Boot's headers is. */
#include <env.h>
#include <mapmem.h>
#include <stdio.h>
#include <version.h>
#include <asm/global_data.h>
#include <gpuas/core.h>
#include <gpuas/fdt.h>

#include "uboot.h"

DECLARE_GLOBAL_DATA_PTR;

/* A walk of all that a board has takes far less. */
#define BUDGET		(1u << 22)

/**
 * struct scratch - What is needed to make a file, at the end of the room for it
 * @manifest: what is known
 * @env: lends memory
 * @snapshot: the list
 * @core: the file
 * @info: for @core
 * @log: the firmware's log
 * @space: for @snapshot, and so are all that follow
 */
struct scratch {
	struct gpuas_manifest manifest;
	struct gpuas_env env;
	struct gpuas_snapshot snapshot;
	struct gpuas_core core;
	struct gpuas_core_info info;
	char log[4096];
	struct gpuas_snap_space space[96];
	struct gpuas_snap_extent extent[4096];
	struct gpuas_snap_finding finding[128];
	gpuas_pa_t seen[4096];
};

/*
 * What was built, what a firmware has that did not stop, or what a previous stage left,
 * whatever is wrong with that: then regions with no-map may be anywhere, and are not read.
 */
static int find_manifest(struct scratch *scratch, struct gpuas_report *report)
{
	static struct gpuas_manifest none;
	struct gpuas_manifest *manifest = &scratch->manifest;
	int err = 0;

	gpuas_uboot_env(&scratch->env, manifest);
	if (gpuas_uboot_ready()) {
		*manifest = gpuas_uboot.bringup.manifest;
	} else if (gpuas_uboot.held.regions) {
		*manifest = gpuas_uboot.held;
	} else if (gpuas_uboot.board->adopt) {
		err = gpuas_fdt_read_regions(gd->fdt_blob, gpuas_uboot.board, manifest, report);
		if (!err && gpuas_manifest_check(manifest, gpuas_uboot.board, report))
			scratch->env.ctx = &none;
	} else {
		err = -GPUAS_ENOENT;
		report->text = gpuas_uboot.why;
	}
	return err;
}

static void capture(struct scratch *scratch)
{
	struct gpuas_snapshot *snapshot = &scratch->snapshot;

	snapshot->env = &scratch->env;
	snapshot->board = gpuas_uboot.board;
	snapshot->manifest = &scratch->manifest;
	snapshot->space = scratch->space;
	snapshot->spaces_max = ARRAY_SIZE(scratch->space);
	snapshot->extent = scratch->extent;
	snapshot->extents_max = ARRAY_SIZE(scratch->extent);
	snapshot->finding = scratch->finding;
	snapshot->findings_max = ARRAY_SIZE(scratch->finding);
	snapshot->seen = scratch->seen;
	snapshot->seen_max = ARRAY_SIZE(scratch->seen);
	snapshot->budget = BUDGET;
	gpuas_snapshot_roots(snapshot);
	gpuas_snapshot_capture(snapshot);
}

static void describe(struct scratch *scratch)
{
	const struct gpuas_uboot_gpu *gpu = gpuas_uboot_gpu();

	if (gpuas_uboot_gpu_on() && gpu->copy_log) {
		scratch->info.log = scratch->log;
		scratch->info.log_size = gpu->copy_log(scratch->log, sizeof(scratch->log));
	}
	scratch->info.why = gpuas_uboot_ready() ? "by hand" : "there is no GPU for the OS";
	scratch->info.report = gpuas_uboot_ready() ? NULL : gpuas_uboot.why.buf;
	scratch->info.writer = U_BOOT_VERSION;
}

static int write_file(struct scratch *scratch, uint64_t addr, uint64_t room)
{
	struct gpuas_core *core = &scratch->core;
	int err;

	describe(scratch);
	err = gpuas_core_init(core, &scratch->snapshot, &scratch->info, room);
	if (err == -GPUAS_ENOSPC)
		printf("gpuas: there is room for %#llx bytes, the list alone has %#llx\n", room,
		       core->data);
	else if (err)
		printf("gpuas: no snapshot, %s\n", gpuas_strerror(err));
	if (!err)
		gpuas_core_read(core, 0, map_sysmem(addr, core->size), core->size);
	return err;
}

static void print_findings(const struct scratch *scratch)
{
	const struct gpuas_snapshot *snapshot = &scratch->snapshot;
	const struct gpuas_snap_finding *finding = snapshot->finding;
	struct gpuas_text text;
	uint32_t i;

	for (i = 0; i < snapshot->findings; i++, finding++) {
		gpuas_text_clear(&text);
		gpuas_snap_finding_text(&text, finding,
					finding->region < scratch->manifest.regions ?
					scratch->manifest.region[finding->region].name : NULL);
		printf("finding: %s\n", text.buf);
	}
}

static void print(const struct scratch *scratch, uint64_t addr)
{
	const struct gpuas_snapshot *snapshot = &scratch->snapshot;
	const uint64_t size = scratch->core.size;

	print_findings(scratch);
	printf("gpuas: snapshot at %#llx: %#llx bytes, %u spaces, %u extents, %u findings%s\n", addr,
	       size, snapshot->spaces, snapshot->extents,
	       snapshot->findings + snapshot->findings_lost,
	       snapshot->cut || snapshot->extents_lost ? ", not all that there is" : "");
	if (IS_ENABLED(CONFIG_CMD_FS_GENERIC))
		printf("gpuas: to save it, for one: save mmc 0:1 %llx gpuas.core %llx\n", addr, size);
	env_set_hex("fileaddr", addr);
	env_set_hex("filesize", size);
}

static bool have_room(uint64_t addr, uint64_t size)
{
	if (size <= sizeof(struct scratch) + 16)
		printf("gpuas: a snapshot takes at least %#zx bytes besides the file\n",
		       sizeof(struct scratch) + 16);
	else if (!gpuas_uboot_ram(addr, size))
		printf("gpuas: not all of %#llx bytes at %#llx is RAM%s\n", size, addr,
		       GPUAS_UBOOT_ADVICE(CMD_BDI, "; see 'bdinfo'"));
	else if (gpuas_uboot_kept(addr, size))
		printf("gpuas: some of %#llx bytes at %#llx is in use%s\n", size, addr,
		       GPUAS_UBOOT_ADVICE(CMD_BDI, "; see 'bdinfo'"));
	else
		return true;
	return false;
}

int gpuas_uboot_snapshot(uint64_t addr, uint64_t size)
{
	struct gpuas_report report;
	struct scratch *scratch;
	uint64_t room;
	int err;

	if (!have_room(addr, size))
		return -GPUAS_ENOSPC;
	room = ((addr + size - sizeof(*scratch)) & ~15ULL) - addr;
	scratch = map_sysmem(addr + room, sizeof(*scratch));
	memset(scratch, 0, sizeof(*scratch));
	err = find_manifest(scratch, &report);
	if (err) {
		printf("gpuas: there is nothing to take a snapshot of, %s\n", report.text.buf);
		return err;
	}
	capture(scratch);
	err = write_file(scratch, addr, room);
	if (!err)
		print(scratch, addr);
	return err;
}
