// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A walker written from the architecture (Arm ARM DDI 0487, D8.2 to D8.4), without a line of the
 * library's: all fault types with their levels, hierarchical permissions, access flag.
 */
#include "walk.h"

const char *const end_name[ENDS] = {
	"ok", "translation", "address-size", "access-flag", "permission", "unknown",
};

bool block_legal(unsigned int granule_shift, unsigned int level)
{
	return level == 2 || (level == 1 && granule_shift == 12);
}

unsigned int start_level(unsigned int granule_shift, unsigned int va_bits)
{
	unsigned int stride = granule_shift - 3;

	return 4 - (va_bits - granule_shift + stride - 1) / stride;
}

/* Device, or not cacheable: outer shareable, whatever the descriptor says. */
static bool outer(unsigned int mair)
{
	return !(mair & 0xf0) || mair == 0x44;
}

static void leaf(const struct regime *regime, uint64_t entry, uint64_t address, uint64_t va,
		 unsigned int shift, struct verdict *v)
{
	v->pa = (address & ~mask(shift)) | (va & mask(shift));
	v->mair = (unsigned int)(regime->mair >> (entry >> 2 & 7) * 8) & 0xff;
	v->raw_sh = (unsigned int)(entry >> 8) & 3;
	v->sh = outer(v->mair) ? 2 : v->raw_sh;
}

void model_walk(const struct regime *regime, uint64_t va, enum access access, struct verdict *v)
{
	unsigned int stride = regime->granule_shift - 3, shift;
	uint64_t high = hw_va_bits() == 32 ? 0 : va >> regime->va_bits;
	bool read_only = false, no_gpu = false;
	uint64_t table, entry, address;

	memset(v, 0, sizeof(*v));
	v->end = TRANSLATION;
	if (hw_va_bits() == 32)
		table = regime->root[regime->va_bits < 32 && (va >> 31 & 1)];
	else if (high && high != mask(64 - regime->va_bits))
		return;
	else
		table = regime->root[high != 0];
	va &= mask(regime->va_bits);

	for (v->level = start_level(regime->granule_shift, regime->va_bits);; v->level++) {
		shift = regime->granule_shift + (3 - v->level) * stride;
		entry = ((const uint64_t *)(uintptr_t)table)[va >> shift & mask(stride)];
		if (!(entry & 1) || (v->level == 3 && !(entry & 2)))
			return;
		if (!(entry & 2) && !block_legal(regime->granule_shift, v->level)) {
			v->illegal_block = true;
			return;
		}
		address = entry & mask(hw_address_bits());
		v->ignored_bits |= (entry & mask(48)) >> regime->pa_bits && hw_address_bits() == 40;
		if (address >> regime->pa_bits) {
			v->end = ADDRESS_SIZE;
			return;
		}
		if (v->level == 3 || !(entry & 2))
			break;
		table = address & ~mask(regime->granule_shift);
		no_gpu |= entry >> 61 & 1;
		read_only |= entry >> 62 & 1;
	}

	leaf(regime, entry, address, va, shift, v);
	v->limited = no_gpu || read_only;
	no_gpu |= !(entry >> 6 & 1);
	read_only |= entry >> 7 & 1;
	if (!(entry >> 10 & 1))
		v->end = ACCESS_FLAG;
	else if ((access >= GPU_R && no_gpu) || ((access & 1) && read_only))
		v->end = PERMISSION;
	else
		v->end = OK;
}

void par_verdict(uint64_t par, struct verdict *v)
{
	static const uint8_t end[4] = { ADDRESS_SIZE, TRANSLATION, ACCESS_FLAG, PERMISSION };

	memset(v, 0, sizeof(*v));
	if (par & 1) {
		unsigned int status = (unsigned int)(par >> 1) & 0x3f;

		v->end = status >> 2 < 4 ? (enum end)end[status >> 2] : UNKNOWN;
		v->level = status & 3;
		return;
	}
	v->end = OK;
	v->pa = par & mask(48) & ~mask(12);
	v->mair = (unsigned int)(par >> 56);
	v->sh = (unsigned int)(par >> 7) & 3;
}
