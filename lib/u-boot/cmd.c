// SPDX-License-Identifier: GPL-2.0-or-later
/* The command 'gpuas'. GPL only, as the code in U-Boot's headers is. */
#include <command.h>
#include <malloc.h>
#include <mapmem.h>
#include <stdio.h>
#include <vsprintf.h>
#include <asm/global_data.h>
#include <gpuas/dump.h>
#include <gpuas/fdt.h>
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>
#include <linux/libfdt.h>

#include "uboot.h"

DECLARE_GLOBAL_DATA_PTR;

/* As much as booti gives a tree before it is published. */
#define FDT_PAD		CONFIG_SYS_FDT_PAD

static void put_line(void *ctx, const char *line)
{
	printf("%s\n", line);
}

static const struct gpuas_sink console = { .line = put_line };

/* The whole argument, in hexadecimal as everywhere in U-Boot. */
static bool parse(const char *arg, uint64_t *value)
{
	const char *digits = arg;
	char *end;

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (!*digits || strlen(digits) > 16)
		return false;
	*value = simple_strtoull(digits, &end, 16);
	return !*end && end != digits;
}

static bool have_board(void)
{
	if (!gpuas_uboot.board && gpuas_uboot.why.len)
		printf("gpuas: %s\n", gpuas_uboot.why.buf);
	else if (gpuas_uboot.gpu)
		printf("gpuas: unknown SoC, whose GPU is of a known family (%s); see the library's board/\n",
		       gpuas_uboot.gpu);
	else if (!gpuas_uboot.board)
		puts("gpuas: the library knows no board of this machine, see its board/\n");
	return gpuas_uboot.board;
}

static bool have_tables(void)
{
	if (!have_board())
		return false;
	if (!gpuas_uboot_ready())
		printf("gpuas: there are no tables, %s; try 'gpuas start'\n",
		       gpuas_uboot.why.buf);
	return gpuas_uboot_ready();
}

/* A handle that can only be read through. */
static int open_space(struct gpuas_space *space, struct gpuas_env *env)
{
	const struct gpuas_manifest *manifest = &gpuas_uboot.bringup.manifest;
	const struct gpuas_range none = { manifest->host.va, 0 };
	int err;

	gpuas_uboot_env(env, &gpuas_uboot.bringup.manifest);
	err = gpuas_space_adopt(space, &manifest->geo, &none, manifest->root,
				env);
	if (err)
		printf("gpuas: root %#llx cannot be read, %s; try 'gpuas check'\n",
		       gpuas_pa_u64(manifest->root), gpuas_strerror(err));
	return err;
}

static const void *role_ptr(enum gpuas_role role)
{
	const struct gpuas_region *region;

	region = gpuas_manifest_role(&gpuas_uboot.bringup.manifest, role);
	return map_sysmem(gpuas_pa_u64(region->pa), region->size);
}

static void print_window(const char *name, const struct gpuas_range *range)
{
	uint64_t va = gpuas_va_u64(range->va);

	printf("%s window: 0x%016llx-0x%016llx\n", name, va,
	       va + (range->size - 1));
}

static void print_ttb(const struct gpuas_manifest *manifest)
{
	const struct gpuas_ttb_array *ttbs = role_ptr(GPUAS_ROLE_TTBS);
	uint64_t ttb0 = gpuas_entry_load(&ttbs->context[0].ttb0);
	uint64_t ttb1 = gpuas_entry_load(&ttbs->context[0].ttb1);
	const char *what = "the root";
	gpuas_pa_t root;

	if (gpuas_ttb_root(ttb1, &root))
		what = "not valid";
	else if (root != manifest->root)
		what = "not the root";
	printf("context 0: TTB0 0x%016llx, TTB1 0x%016llx (%s)\n", ttb0, ttb1,
	       what);
}

/* Where the firmware has not written its magic. */
static const char *absent(void)
{
	const struct gpuas_profile *profile = gpuas_uboot.board->profile;

	return profile && profile->firmware == GPUAS_FIRMWARE_NEVER ?
		       " (takes no part)" : " (not running)";
}

static void print_handoff(void)
{
	const struct gpuas_handoff *handoff = role_ptr(GPUAS_ROLE_HANDOFF);
	const volatile struct gpuas_handoff *live = handoff;
	uint64_t fw = gpuas_entry_load(&handoff->magic_fw);

	printf("handoff: host 0x%016llx, firmware 0x%016llx%s\n",
	       gpuas_entry_load(&handoff->magic_host), fw,
	       fw ? "" : absent());
	printf("handoff: locks %u %u, turn %u, context %#x\n", live->lock_host,
	       live->lock_fw, live->turn, live->context);
}

static int do_info(struct cmd_tbl *cmdtp, int flag, int argc,
		   char *const argv[])
{
	const struct gpuas_manifest *manifest = &gpuas_uboot.bringup.manifest;

	if (!have_board())
		return CMD_RET_FAILURE;
	gpuas_bringup_print(&gpuas_uboot.bringup, &console);
	if (!gpuas_uboot_ready()) {
		printf("board: %s\nreason: %s\n", gpuas_uboot.board->name,
		       gpuas_uboot.why.buf);
		return CMD_RET_FAILURE;
	}
	printf("root: %#llx\n", gpuas_pa_u64(manifest->root));
	print_window("firmware", &manifest->firmware);
	print_window("host", &manifest->host);
	print_ttb(manifest);
	print_handoff();
	if (gpuas_uboot_gpu())
		gpuas_uboot_gpu()->info();
	if (gpuas_uboot.published)
		printf("device tree: published, at %#llx\n",
		       (uint64_t)map_to_sysmem(gpuas_uboot.published));
	else
		puts("device tree: not yet published (boot, or 'gpuas publish', does it)\n");
	return CMD_RET_SUCCESS;
}

static int do_walk(struct cmd_tbl *cmdtp, int flag, int argc,
		   char *const argv[])
{
	struct gpuas_space space;
	struct gpuas_env env;
	uint64_t va;
	int err;

	if (argc != 2 || !parse(argv[1], &va))
		return CMD_RET_USAGE;
	if (!have_tables() || open_space(&space, &env))
		return CMD_RET_FAILURE;
	err = gpuas_dump_path(&space, gpuas_va(va), &console);
	if (err == -GPUAS_ERANGE)
		printf("gpuas: VA %#llx is not in the shared half; 'gpuas info' has its windows\n",
		       va);
	else if (err)
		printf("gpuas: nothing is mapped at VA %#llx; 'gpuas dump' has all that is\n",
		       va);
	return err ? CMD_RET_FAILURE : CMD_RET_SUCCESS;
}

/* Linux' debugfs has the same text, line by line. */
static int do_dump(struct cmd_tbl *cmdtp, int flag, int argc,
		   char *const argv[])
{
	struct gpuas_space space;
	struct gpuas_env env;

	if (!have_tables() || open_space(&space, &env))
		return CMD_RET_FAILURE;
	gpuas_dump_space(&space, &console);
	return CMD_RET_SUCCESS;
}

static int verdict(const char *what, int err, const struct gpuas_report *report)
{
	if (err)
		printf("check %s: FAILED, %s\n", what, report->text.buf);
	else
		printf("check %s: ok\n", what);
	return err;
}

static int check_memory(void)
{
	const struct gpuas_manifest *manifest = &gpuas_uboot.bringup.manifest;
	struct gpuas_report report;
	struct gpuas_env env;
	int err;

	err = gpuas_manifest_check(manifest, gpuas_uboot.board, &report);
	if (verdict("manifest", err, &report))
		return err;
	gpuas_uboot_env(&env, &gpuas_uboot.bringup.manifest);
	err = gpuas_manifest_inspect(manifest, gpuas_uboot.board, &env,
				     &gpuas_uboot.bringup.space, &report);
	return verdict("memory", err, &report);
}

/* Sound by itself; and does it carry what is in memory? */
static int check_tree(const void *fdt)
{
	struct gpuas_manifest found;
	struct gpuas_report report;
	int err;

	err = gpuas_fdt_check(fdt, gpuas_uboot.board, &found, &report);
	if (verdict("device tree", err, &report))
		return err;
	err = gpuas_manifest_differs(&gpuas_uboot.bringup.manifest, &found,
				     &report);
	return verdict("device tree against memory", err, &report);
}

/* What the OS would get, if it were booted now with U-Boot's own tree. */
static int check_trial(void)
{
	int size = fdt_totalsize(gd->fdt_blob) + FDT_PAD;
	struct gpuas_report report;
	void *fdt = malloc(size);
	int err;

	if (!fdt) {
		puts("gpuas: no heap for a copy of the device tree; name one, 'gpuas check FDTADDR'\n");
		return -GPUAS_ENOMEM;
	}
	err = fdt_open_into(gd->fdt_blob, fdt, size) ? -GPUAS_EBADMSG : 0;
	if (err)
		gpuas_report(&report, err, "device tree", NULL,
			     "U-Boot's own is damaged");
	else
		err = gpuas_uboot_trial(fdt, &report);
	if (!verdict("publishing", err, &report))
		err = check_tree(fdt);
	free(fdt);
	return err;
}

static void *tree_at(uint64_t addr)
{
	void *fdt;

	if (addr % 8 == 0 && gpuas_uboot_ram(addr, sizeof(struct fdt_header))) {
		fdt = map_sysmem(addr, 0);
		if (fdt_magic(fdt) == FDT_MAGIC &&
		    gpuas_uboot_ram(addr, fdt_totalsize(fdt)))
			return fdt;
	}
	printf("gpuas: there is no device tree at %#llx%s\n", addr,
	       GPUAS_UBOOT_ADVICE(CMD_FDT, "; 'fdt addr' has the working one"));
	return NULL;
}

/* The one that is named, else the working one, else the one that an OS was given. */
static bool find_tree(int argc, char *const argv[], uint64_t *addr)
{
	const void *fdt = gpuas_uboot.published;

	if (argc > 1)
		return parse(argv[1], addr);
	if (IS_ENABLED(CONFIG_CMD_FDT) && working_fdt)
		fdt = working_fdt;
	*addr = fdt ? map_to_sysmem(fdt) : 0;
	return true;
}

static int do_check(struct cmd_tbl *cmdtp, int flag, int argc,
		    char *const argv[])
{
	const void *fdt = NULL;
	int memory, tree;
	uint64_t addr;

	if (!find_tree(argc, argv, &addr))
		return CMD_RET_USAGE;
	if (!have_tables())
		return CMD_RET_FAILURE;
	if (argc > 1 || addr) {
		fdt = tree_at(addr);
		if (!fdt)
			return CMD_RET_FAILURE;
	}
	memory = check_memory();
	tree = fdt ? check_tree(fdt) : check_trial();
	if (memory)
		puts("gpuas: do not boot this; 'gpuas stop', 'gpuas start' build it anew\n");
	else if (tree)
		puts("gpuas: this tree is not for the OS; boot, or 'gpuas publish', publishes in a fresh one\n");
	return memory || tree ? CMD_RET_FAILURE : CMD_RET_SUCCESS;
}

static int do_publish(struct cmd_tbl *cmdtp, int flag, int argc,
		      char *const argv[])
{
	uint64_t addr;
	void *fdt;

	if (!find_tree(argc, argv, &addr))
		return CMD_RET_USAGE;
	if (!have_board())
		return CMD_RET_FAILURE;
	fdt = tree_at(addr);
	if (!fdt || gpuas_uboot_publish(fdt))
		return CMD_RET_FAILURE;
	return gpuas_uboot.published == fdt ? CMD_RET_SUCCESS : CMD_RET_FAILURE;
}

static bool have_gpu(void)
{
	if (!have_tables())
		return false;
	if (!gpuas_uboot_gpu())
		printf("gpuas: U-Boot has no driver for the GPU of %s\n",
		       gpuas_uboot.board->name);
	return gpuas_uboot_gpu();
}

static int do_fw(struct cmd_tbl *cmdtp, int flag, int argc, char *const argv[])
{
	if (argc != 2 || strcmp(argv[1], "log"))
		return CMD_RET_USAGE;
	if (!have_gpu())
		return CMD_RET_FAILURE;
	gpuas_uboot_gpu()->print_log();
	return CMD_RET_SUCCESS;
}

static int do_dma(struct cmd_tbl *cmdtp, int flag, int argc,
		  char *const argv[])
{
	struct gpuas_report report;
	uint64_t from, to, size;

	if (argc != 4 || !parse(argv[1], &from) || !parse(argv[2], &to) ||
	    !parse(argv[3], &size))
		return CMD_RET_USAGE;
	if (!have_gpu())
		return CMD_RET_FAILURE;
	if (gpuas_uboot_gpu()->dma(gpuas_va(from), gpuas_va(to), size,
				   &report)) {
		printf("gpuas: the copy failed, %s; 'gpuas walk' shows what is mapped\n",
		       report.text.buf);
		return CMD_RET_FAILURE;
	}
	printf("gpuas: the GPU copied %#llx bytes from %#llx to %#llx\n", size,
	       from, to);
	return CMD_RET_SUCCESS;
}

#ifdef GPUAS_SNAPSHOT
static int do_snapshot(struct cmd_tbl *cmdtp, int flag, int argc,
		       char *const argv[])
{
	uint64_t addr, size;

	if (argc != 3 || !parse(argv[1], &addr) || !parse(argv[2], &size))
		return CMD_RET_USAGE;
	if (!have_board() || gpuas_uboot_snapshot(addr, size))
		return CMD_RET_FAILURE;
	return CMD_RET_SUCCESS;
}

#define SNAPSHOT_HELP \
	"gpuas snapshot ADDR SIZE - write a file of all that is known into RAM\n"
#define SNAPSHOT	U_BOOT_SUBCMD_MKENT(snapshot, 3, 0, do_snapshot),
#else
#define SNAPSHOT_HELP
#define SNAPSHOT
#endif

static int do_stop(struct cmd_tbl *cmdtp, int flag, int argc,
		   char *const argv[])
{
	if (!have_board())
		return CMD_RET_FAILURE;
	if (!gpuas_uboot_ready()) {
		printf("gpuas: nothing to stop, %s\n", gpuas_uboot.why.buf);
		return CMD_RET_SUCCESS;
	}
	if (gpuas_uboot.published)
		puts("gpuas: do not boot a device tree that was already published\n");
	gpuas_uboot_stop("stopped by hand", NULL);
	if (gpuas_uboot_gpu_on()) {
		puts("gpuas: the firmware does not stop; its memory stays reserved, reset the machine\n");
		return CMD_RET_FAILURE;
	}
	puts(gpuas_uboot.board->adopt ?
	     "gpuas: stopped, memory stays as the previous stage has reserved it\n" :
	     "gpuas: stopped, memory given back\n");
	return CMD_RET_SUCCESS;
}

static int do_start(struct cmd_tbl *cmdtp, int flag, int argc,
		    char *const argv[])
{
	uint64_t last = GPUAS_NO_LIMIT;

	if (argc > 1 && !parse(argv[1], &last))
		return CMD_RET_USAGE;
	if (!have_board())
		return CMD_RET_FAILURE;
	if (argc > 1 && gpuas_uboot.board->adopt) {
		puts("gpuas: this board takes over what the previous stage placed; leave LIMIT away\n");
		return CMD_RET_FAILURE;
	}
	if (gpuas_uboot_ready()) {
		puts("gpuas: already started; 'gpuas stop' first\n");
		return CMD_RET_FAILURE;
	}
	return gpuas_uboot_start(last) ? CMD_RET_FAILURE : CMD_RET_SUCCESS;
}

U_BOOT_LONGHELP(gpuas,
	"info            - regions, root, windows, TTB array, handoff page\n"
	"gpuas walk VA         - every level on the way to a GPU address\n"
	"gpuas dump            - everything that is mapped, with its attributes\n"
	"gpuas check [FDTADDR] - judge memory and a device tree: the one at FDTADDR,\n"
	"                        else the working one, else the one that was published,\n"
	"                        else what would be\n"
	"gpuas publish [FDTADDR] - write regions and GPU into that tree, as booting does\n"
	"gpuas dma SRC DST LEN - let the GPU copy LEN bytes between VAs\n"
	"gpuas fw log          - what the firmware says\n"
	SNAPSHOT_HELP
	"gpuas stop            - give the memory back; the OS boots without the GPU\n"
	"gpuas start [LIMIT]   - bring up again, with no region above LIMIT");

U_BOOT_CMD_WITH_SUBCMDS(gpuas, "address space that GPU, firmware and OS share",
	gpuas_help_text,
	U_BOOT_SUBCMD_MKENT(info, 1, 1, do_info),
	U_BOOT_SUBCMD_MKENT(walk, 2, 0, do_walk),
	U_BOOT_SUBCMD_MKENT(dump, 1, 1, do_dump),
	U_BOOT_SUBCMD_MKENT(check, 2, 0, do_check),
	U_BOOT_SUBCMD_MKENT(publish, 2, 0, do_publish),
	U_BOOT_SUBCMD_MKENT(dma, 4, 0, do_dma),
	U_BOOT_SUBCMD_MKENT(fw, 2, 1, do_fw),
	SNAPSHOT
	U_BOOT_SUBCMD_MKENT(stop, 1, 0, do_stop),
	U_BOOT_SUBCMD_MKENT(start, 2, 0, do_start));
