/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Device trees for tests, as they were compiled (GPUAS_DTB_DIR, see fdt.mk) or as a
 * test makes them, and what is to be published in them.
 */
#ifndef BLOB_H
#define BLOB_H

#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/fdt.h>
#include <libfdt.h>

#define SCRATCH_SIZE	0x200000u
#define REGION_SIZE	0x20000u
#define REGION_BASE	0x50000000ULL

static uint64_t scratch[SCRATCH_SIZE / 8];
static struct gpuas_report report;

/*
 * Blobs: each in a piece of memory of exactly its size, so that the address
 * sanitizer sees who leaves it
 */

static inline void *blob_sized(const void *from, size_t size)
{
	void *blob = calloc(1, size);

	assert_non_null(blob);
	assert_int_equal(fdt_open_into(from, blob, (int)size), 0);
	return blob;
}

static inline void *load_raw(const char *name)
{
	const char *dir = getenv("GPUAS_DTB_DIR");
	char path[512];
	FILE *file;
	long size;
	void *blob;

	snprintf(path, sizeof(path), "%s/%s.dtb", dir ? dir : ".", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be read; is GPUAS_DTB_DIR set?", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	blob = malloc((size_t)size);
	assert_int_equal(fread(blob, 1, (size_t)size, file), size);
	fclose(file);
	return blob;
}

static inline size_t used(const void *fdt)
{
	return fdt_off_dt_strings(fdt) + (size_t)fdt_size_dt_strings(fdt);
}

/* The tree @name with @extra bytes of room; (size_t)-1 for as much as it came with. */
static inline void *load(const char *name, size_t extra)
{
	void *raw = load_raw(name), *blob;

	if (extra == (size_t)-1)
		return raw;
	blob = blob_sized(raw, fdt_totalsize(raw));
	free(raw);
	raw = blob;
	assert_int_equal(fdt_pack(raw), 0);
	blob = blob_sized(raw, used(raw) + extra);
	free(raw);
	return blob;
}

static inline void *copy(const void *fdt)
{
	void *blob = malloc(fdt_totalsize(fdt));

	memcpy(blob, fdt, fdt_totalsize(fdt));
	return blob;
}

/*
 * What changed in a tree, as text: "+/node", "+/node:property", "~/node:property"
 */

static inline void note(char *text, size_t size, char what, const char *path,
		 const char *prop)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%c%s%s%s\n", what, path,
		 prop ? ":" : "", prop ? prop : "");
}

static inline void props_diff(const void *a, int an, const void *b, int bn,
		       const char *path, char gone, char *text, size_t size)
{
	const char *name;
	const void *old, *new;
	int prop, old_len, new_len;

	fdt_for_each_property_offset(prop, a, an) {
		old = fdt_getprop_by_offset(a, prop, &name, &old_len);
		new = fdt_getprop(b, bn, name, &new_len);
		if (!new)
			note(text, size, gone, path, name);
		else if (gone == '-' && (old_len != new_len ||
					 memcmp(old, new, (size_t)old_len)))
			note(text, size, '~', path, name);
	}
}

/* Nodes and properties of @a that @b has not, or otherwise. */
static inline void half_diff(const void *a, const void *b, char gone, char *text,
		      size_t size)
{
	char path[512];
	int an, bn;

	for (an = 0; an >= 0; an = fdt_next_node(a, an, NULL)) {
		assert_int_equal(fdt_get_path(a, an, path, sizeof(path)), 0);
		bn = fdt_path_offset(b, path);
		if (bn < 0)
			note(text, size, gone, path, NULL);
		else
			props_diff(a, an, b, bn, path, gone, text, size);
	}
}

static inline void assert_diff(const void *before, const void *after,
			const char *expected)
{
	static char text[8192];

	text[0] = '\0';
	half_diff(before, after, '-', text, sizeof(text));
	half_diff(after, before, '+', text, sizeof(text));
	assert_string_equal(text, expected);
}

/*
 * Manifests
 */

static inline void manifest_at(struct gpuas_manifest *manifest,
			const struct gpuas_board *board, uint64_t pa)
{
	struct gpuas_region *region = manifest->region;
	unsigned int i;

	assert_int_equal(gpuas_manifest_init(manifest, board), 0);
	for (i = 0; i < board->regions; i++, region++) {
		region->present = true;
		region->pa = gpuas_pa(pa);
		region->size = board->region[i].size > REGION_SIZE ?
				       board->region[i].size : REGION_SIZE;
		region->size = (region->size + board->align - 1) & ~(board->align - 1);
		if (region->role == GPUAS_ROLE_PAGETABLES)
			manifest->root = region->pa;
		pa += region->size;
	}
}

static const struct gpuas_board *const qemu = &gpuas_board_qemu_virt;

static inline int publish(void *fdt, const struct gpuas_board *board,
		   const struct gpuas_manifest *manifest)
{
	memset(&report, 0, sizeof(report));
	return gpuas_fdt_publish(fdt, scratch, sizeof(scratch), board, manifest,
				 &report);
}

static inline int check(const void *fdt, const struct gpuas_board *board)
{
	struct gpuas_manifest found;

	return gpuas_fdt_check(fdt, board, &found, &report);
}

static inline void assert_ok(int err)
{
	if (err)
		fail_msg("%d: %s", err, report.text.buf);
}

/* What a refusal is: the error, words in the report, and not one byte changed. */
static inline void assert_refused(void *fdt, const struct gpuas_board *board,
			   const struct gpuas_manifest *manifest, int err,
			   const char *words)
{
	void *before = copy(fdt);
	size_t size = fdt_totalsize(fdt);
	int got = publish(fdt, board, manifest);

	if (got != err || !strstr(report.text.buf, words))
		fail_msg("%d instead of %d, \"%s\" without \"%s\"", got, err,
			 report.text.buf, words);
	assert_int_equal(report.err, err);
	assert_memory_equal(fdt, before, size);
	free(before);
}

static inline uint64_t cells(const void *fdt, int node, const char *prop,
		      unsigned int from, unsigned int count)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, prop, &len);
	uint64_t value = 0;

	assert_non_null(cell);
	assert_in_range(from + count, 0, (unsigned int)len / 4);
	for (cell += from; count--; cell++)
		value = value << 32 | fdt32_to_cpu(*cell);
	return value;
}

static inline void assert_carries(const void *fdt, const struct gpuas_board *board,
			   const struct gpuas_manifest *manifest)
{
	struct gpuas_manifest found;

	assert_ok(gpuas_fdt_check(fdt, board, &found, &report));
	assert_ok(gpuas_manifest_differs(manifest, &found, &report));
	assert_ok(gpuas_fdt_read(fdt, board, &found, &report));
	assert_ok(gpuas_manifest_differs(manifest, &found, &report));
	assert_ok(gpuas_fdt_read_regions(fdt, board, &found, &report));
	found.geo = manifest->geo;
	assert_ok(gpuas_manifest_differs(manifest, &found, &report));
}

#endif /* BLOB_H */
