// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/dump.h>
#include <gpuas/space.h>

#define R(who)	GPUAS_##who##_READ
#define W(who)	GPUAS_##who##_WRITE
#define RW(who)	(R(who) | W(who))

/* An entry by hand, from the bit numbers of the architecture. */
static uint64_t entry(unsigned int os, unsigned int ap, unsigned int uxn,
		      unsigned int pxn, unsigned int attrindx, unsigned int sh,
		      unsigned int ng)
{
	return (uint64_t)os << 55 | (uint64_t)uxn << 54 | (uint64_t)pxn << 53 |
	       ng << 11 | 1u << 10 | sh << 8 | ap << 6 | attrindx << 2 | 3;
}

static void expect(const struct gpuas_format *format, gpuas_attr_t attr,
		   uint64_t want)
{
	uint64_t bits = 0;

	assert_int_equal(gpuas_format_encode(format, attr, &bits), 0);
	assert_int_equal(bits, want);
	assert_int_equal(gpuas_format_decode(format, want), attr);
}

/* The protections that the Linux driver names, with their bits. */
static void uat_encodes_the_named_protections(void **state)
{
	const struct gpuas_format *f = &gpuas_format_uat;

	(void)state;
	expect(f, RW(FW) | GPUAS_MEM_DEVICE, entry(1, 1, 1, 0, 1, 0, 1));
	expect(f, R(FW) | GPUAS_MEM_DEVICE, entry(1, 1, 0, 0, 1, 0, 1));
	expect(f, RW(FW) | GPUAS_MEM_SHARED, entry(1, 1, 1, 0, 2, 0, 1));
	expect(f, R(FW) | GPUAS_MEM_SHARED, entry(1, 1, 0, 0, 2, 0, 1));
	expect(f, RW(FW) | GPUAS_MEM_CACHED, entry(1, 1, 1, 0, 0, 0, 1));
	expect(f, RW(GPU) | RW(FW) | GPUAS_MEM_SHARED, entry(1, 0, 1, 1, 2, 0, 1));
	expect(f, RW(GPU) | RW(FW), entry(1, 0, 1, 1, 0, 0, 1));
	expect(f, R(GPU) | RW(FW), entry(1, 1, 1, 1, 0, 0, 1));
	expect(f, RW(GPU) | GPUAS_MEM_SHARED, entry(1, 2, 1, 0, 2, 0, 1));
	expect(f, R(GPU) | GPUAS_MEM_SHARED, entry(1, 2, 0, 0, 2, 0, 1));
	expect(f, W(GPU) | GPUAS_MEM_SHARED, entry(1, 2, 0, 1, 2, 0, 1));
	expect(f, 0, entry(1, 0, 0, 0, 0, 0, 1));
	expect(f, R(GPU) | R(FW), entry(1, 0, 0, 1, 0, 0, 1));
	expect(f, W(GPU) | W(FW), entry(1, 0, 1, 0, 0, 0, 1));
}

static void uat_encodes_what_the_firmware_owns(void **state)
{
	const struct gpuas_format *f = &gpuas_format_uat;
	const gpuas_attr_t own = GPUAS_OWNER_FW | GPUAS_GLOBAL;

	(void)state;
	expect(f, own | R(FW) | GPUAS_FW_EXEC | R(GL) | GPUAS_GL_EXEC,
	       entry(0, 3, 0, 0, 0, 0, 0));
	expect(f, own | RW(FW), entry(0, 1, 0, 1, 0, 0, 0));
	expect(f, own | RW(FW) | RW(GL), entry(0, 1, 1, 1, 0, 0, 0));
	expect(f, own | RW(GL), entry(0, 0, 1, 1, 0, 0, 0));
	expect(f, own | R(FW) | RW(GL), entry(0, 3, 0, 1, 0, 0, 0));
	expect(f, own | R(FW) | R(GL), entry(0, 3, 1, 1, 0, 0, 0));
	expect(f, own | R(GL), entry(0, 2, 1, 1, 0, 0, 0));
	expect(f, own | R(GL) | GPUAS_GL_EXEC, entry(0, 2, 0, 0, 0, 0, 0));
	expect(f, own | R(FW) | GPUAS_FW_EXEC, entry(0, 2, 0, 1, 0, 0, 0));
	expect(f, own, entry(0, 0, 0, 0, 0, 0, 0));
}

static void lpae_encodes_rights(void **state)
{
	const struct gpuas_format *f = &gpuas_format_lpae_16k;

	(void)state;
	expect(f, RW(FW), entry(0, 0, 1, 1, 0, 3, 1));
	expect(f, R(FW) | GPUAS_FW_EXEC | GPUAS_GLOBAL, entry(0, 2, 1, 0, 0, 3, 0));
	expect(f, RW(FW) | RW(GPU) | GPUAS_MEM_SHARED, entry(0, 1, 1, 1, 2, 3, 1));
	expect(f, R(FW) | R(GPU), entry(0, 3, 1, 1, 0, 3, 1));
	expect(f, RW(FW) | GPUAS_MEM_DEVICE, entry(0, 0, 1, 1, 1, 0, 1));
	expect(f, R(FW) | R(GPU) | GPUAS_GPU_EXEC, entry(0, 3, 0, 1, 0, 3, 1));
}

static const struct gpuas_format *const formats[] = {
	&gpuas_format_uat, &gpuas_format_lpae_4k, &gpuas_format_lpae_16k, &gpuas_format_lpae_64k,
};

/* Owner, AP, UXN, PXN, and AttrIndx: what an entry says of rights and memory. */
#define INDICES		(1ULL << 55 | 3ULL << 53 | 3ULL << 6 | 7ULL << 2)

/* Every index of rights by every index of memory: read and written back it is the same, or refused. */
static void every_raw_kind_of_leaf_survives_or_is_refused(void **state)
{
	unsigned int i, row, mem, ng, kept, refused;
	uint64_t e, bits;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		kept = refused = 0;
		for (row = 0; row < formats[i]->access_rows; row++) {
			for (mem = 0; mem < 8; mem++) {
				for (ng = 0; ng < 2; ng++) {
					gpuas_attr_t attr;
					int err;

					e = entry(row >> 4, row >> 2 & 3, row >> 1 & 1, row & 1, mem, 0, ng);
					attr = gpuas_format_decode(formats[i], e);
					bits = 42;
					err = gpuas_format_encode(formats[i], attr, &bits);
					assert_int_equal(err, attr & GPUAS_RAW ? -GPUAS_EOPNOTSUPP : 0);
					if (err)
						assert_int_equal(bits, 42);
					else
						assert_int_equal((bits ^ e) & (INDICES | 1u << 11), 0);
					*(err ? &refused : &kept) += 1;
				}
			}
		}
		/* By three kinds of memory and two of nG: all rights that have words. */
		assert_int_equal(kept, formats[i] == &gpuas_format_uat ? 21 * 6 : 14 * 6);
		assert_int_equal(kept + refused, formats[i]->access_rows * 16);
	}
}

/* What is refused has at least words for it. */
static void a_raw_kind_is_called_so(void **state)
{
	struct gpuas_text text;

	(void)state;
	gpuas_text_clear(&text);
	gpuas_attr_text(&text, gpuas_format_decode(&gpuas_format_uat, entry(1, 3, 0, 1, 0, 0, 1)));
	assert_string_equal(text.buf, "gpu=--- fw=--- gl=--- cached raw");
	gpuas_text_clear(&text);
	gpuas_attr_text(&text, gpuas_format_decode(&gpuas_format_uat, entry(1, 1, 1, 0, 5, 0, 1)));
	assert_string_equal(text.buf, "gpu=--- fw=rw- gl=--- cached raw");
	gpuas_text_clear(&text);
	gpuas_attr_refused_text(&text, &gpuas_format_uat, RW(FW) | GPUAS_RAW);
	assert_non_null(strstr(text.buf, ", not with raw"));
}

/* Firmware's right by row, the GPU's by column, as SPTM has them; 077: there is no such entry. */
static void uat_has_the_rights_of_sptms_table(void **state)
{
	static const unsigned int ap_uxn_pxn[4][4] = {
		{ 000, 020, 021, 022 }, { 010, 001, 077, 077 },
		{ 011, 077, 002, 077 }, { 012, 013, 077, 003 },
	};
	static const gpuas_attr_t fw[] = { 0, R(FW), W(FW), RW(FW) };
	static const gpuas_attr_t gpu[] = { 0, R(GPU), W(GPU), RW(GPU) };
	unsigned int i, j, e;
	uint64_t bits;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 4; j++) {
			e = ap_uxn_pxn[i][j];
			if (e == 077)
				assert_int_equal(gpuas_format_encode(&gpuas_format_uat, fw[i] | gpu[j],
								     &bits), -GPUAS_EOPNOTSUPP);
			else
				expect(&gpuas_format_uat, fw[i] | gpu[j],
				       entry(1, e >> 3, e >> 1 & 1, e & 1, 0, 0, 1));
		}
	}
}

static void raw_bits_are_those_of_a_page_without_address(void **state)
{
	const uint64_t page = entry(1, 3, 1, 1, 7, 3, 1);
	unsigned int bit;

	(void)state;
	assert_int_equal(gpuas_format_raw_check(page), 0);
	for (bit = 0; bit < 64; bit++) {
		bool must = bit < 2 || bit == 10 || (bit >= 12 && bit < 48);

		assert_int_equal(gpuas_format_raw_check(page ^ 1ULL << bit), must ? -GPUAS_EINVAL : 0);
	}
	assert_int_equal(gpuas_format_raw_check(0), -GPUAS_EINVAL);
}

static void what_a_format_cannot_express_is_refused(void **state)
{
	uint64_t bits = 42;

	(void)state;
	/* UAT: the GPU never executes, write-only in guarded mode does not exist. */
	assert_int_equal(gpuas_format_encode(&gpuas_format_uat,
					     GPUAS_GPU_READ | GPUAS_GPU_EXEC, &bits),
			 -GPUAS_EOPNOTSUPP);
	assert_int_equal(gpuas_format_encode(&gpuas_format_uat, GPUAS_GL_WRITE, &bits),
			 -GPUAS_EOPNOTSUPP);
	assert_int_equal(gpuas_format_encode(&gpuas_format_uat,
					     GPUAS_OWNER_FW | GPUAS_GPU_READ, &bits),
			 -GPUAS_EOPNOTSUPP);
	/* LPAE: no right of the GPU's without the firmware's, no owner bit. */
	assert_int_equal(gpuas_format_encode(&gpuas_format_lpae_16k, GPUAS_GPU_READ,
					     &bits), -GPUAS_EOPNOTSUPP);
	assert_int_equal(gpuas_format_encode(&gpuas_format_lpae_16k,
					     GPUAS_OWNER_FW | RW(FW), &bits),
			 -GPUAS_EOPNOTSUPP);
	/* Either: unknown kinds of memory, unknown bits. */
	assert_int_equal(gpuas_format_encode(&gpuas_format_uat,
					     RW(FW) | GPUAS_MEM_OTHER, &bits),
			 -GPUAS_EOPNOTSUPP);
	assert_int_equal(gpuas_format_encode(&gpuas_format_uat, RW(FW) | 1u << 31, &bits),
			 -GPUAS_EOPNOTSUPP);
	assert_int_equal(bits, 42);
}

static void kinds_of_entries_by_level(void **state)
{
	const struct gpuas_format *f = &gpuas_format_uat;

	(void)state;
	assert_int_equal(gpuas_format_kind(f, 0, 0), GPUAS_HOLE);
	assert_int_equal(gpuas_format_kind(f, 0, 3), GPUAS_PAGE);
	assert_int_equal(gpuas_format_kind(f, 0, 1), GPUAS_OTHER);
	assert_int_equal(gpuas_format_kind(f, 0, 0x4000), GPUAS_OTHER);
	assert_int_equal(gpuas_format_kind(f, 1, 3), GPUAS_TABLE);
	assert_int_equal(gpuas_format_kind(f, 1, 1), GPUAS_BLOCK);
	assert_int_equal(gpuas_format_kind(f, 1, 2), GPUAS_OTHER);
	assert_int_equal(gpuas_format_kind(f, 2, 3), GPUAS_TABLE);
	assert_int_equal(gpuas_format_kind(f, 2, 1), GPUAS_OTHER);
}

static uint64_t *any_table(void *ctx, gpuas_pa_t pa, size_t size)
{
	static uint64_t table[0x10000 / 8];

	(void)ctx;
	(void)pa;
	(void)size;
	return table;
}

/* The table at struct gpuas_geometry. */
static void root_entries_cover_what_the_header_says(void **state)
{
	static const struct {
		const struct gpuas_format *format;
		uint8_t first, last, levels, shift;
	} row[] = {
		{ &gpuas_format_lpae_4k, 31, 39, 3, 30 },
		{ &gpuas_format_lpae_4k, 40, 48, 4, 39 },
		{ &gpuas_format_lpae_16k, 31, 36, 2, 25 },
		{ &gpuas_format_lpae_16k, 37, 47, 3, 36 },
		{ &gpuas_format_lpae_16k, 48, 48, 4, 47 },
		{ &gpuas_format_uat, 39, 42, 3, 36 },
		{ &gpuas_format_lpae_64k, 31, 42, 2, 29 },
		{ &gpuas_format_lpae_64k, 43, 48, 3, 42 },
	};
	static const struct gpuas_env env = { .table_ptr = any_table };
	static const struct gpuas_range none;
	unsigned int i, bits;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (bits = row[i].first; bits <= row[i].last; bits++) {
			const struct gpuas_geometry geo = {
				.format = row[i].format, .va_bits = (uint8_t)bits, .pa_bits = 40,
			};
			struct gpuas_space space;

			assert_int_equal(gpuas_space_adopt(&space, &geo, &none, gpuas_pa(0),
							   &env), 0);
			assert_int_equal(space.top + 1, row[i].levels);
			assert_int_equal(space.shift[space.top], row[i].shift);
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(uat_encodes_the_named_protections),
	cmocka_unit_test(uat_encodes_what_the_firmware_owns),
	cmocka_unit_test(lpae_encodes_rights),
	cmocka_unit_test(every_raw_kind_of_leaf_survives_or_is_refused),
	cmocka_unit_test(a_raw_kind_is_called_so),
	cmocka_unit_test(uat_has_the_rights_of_sptms_table),
	cmocka_unit_test(raw_bits_are_those_of_a_page_without_address),
	cmocka_unit_test(what_a_format_cannot_express_is_refused),
	cmocka_unit_test(kinds_of_entries_by_level),
	cmocka_unit_test(root_entries_cover_what_the_header_says),
};

UNIT_MAIN(tests)
