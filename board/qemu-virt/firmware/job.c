// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A copy by the GPU in a user's context: the TTB pair goes from the array into the SMMU under the
 * handoff lock, and out of it again, so that nothing of a context is in use between jobs.
 */
#include "fw.h"

#define GRANULE		0x4000ULL
#define COPY_MS		1000

static const struct gpuas_geometry geo = {
	.format = &gpuas_format_lpae_16k, .va_bits = 39, .pa_bits = 40,
};

/* A root that a host wrote may be anything; the SMMU must not walk through registers. */
static int root_check(const struct fw *fw, uint64_t ttb)
{
	uint64_t offset;
	gpuas_pa_t root;

	if (gpuas_ttb_root(ttb, &root))
		return 0;
	offset = gpuas_pa_u64(root) - fw->boot.ram;
	if (gpuas_pa_u64(root) & (GRANULE - 1))
		return -GPUAS_EINVAL;
	return offset >= fw->boot.ram_size || fw->boot.ram_size - offset < GRANULE ?
		       -GPUAS_EFAULT : 0;
}

static int pair_check(const struct fw *fw, const struct gpuas_ttb_pair *pair)
{
	int err;

	if (!((pair->ttb0 | pair->ttb1) & GPUAS_TTB_VALID))
		return -GPUAS_ENOENT;
	err = root_check(fw, pair->ttb0);
	return err ? err : root_check(fw, pair->ttb1);
}

/* For a host that looks at the page to find out. */
static void say_context(const struct fw *fw, uint32_t context)
{
	if (!fw->boot.silent)
		gpuas_word_store(&fw_handoff()->context, context);
}

/* @pair NULL: none. */
static int load_context(struct fw *fw, unsigned int context, const struct gpuas_ttb_pair *pair)
{
	static const struct gpuas_ttb_pair none;
	int err;

	fw->patience = COPY_MS;
	/* What may be loaded is said before it is, and no less until it is not. */
	if (pair)
		say_context(fw, context);
	err = gpuas_qv_smmu_load(&fw->smmu, &geo, pair ? pair : &none);
	if (!pair && !err)
		say_context(fw, GPUAS_HANDOFF_CONTEXT_NONE);
	return err;
}

static int enter(struct fw *fw, unsigned int context)
{
	const struct gpuas_ttb_array *array = (const struct gpuas_ttb_array *)FW_TTBS_VA;
	const struct gpuas_ttb_pair *from = &array->context[context];
	struct gpuas_ttb_pair pair;
	int err = fw_lock(fw);

	if (err)
		return err;
	pair.ttb0 = gpuas_entry_load(&from->ttb0);
	pair.ttb1 = gpuas_entry_load(&from->ttb1);
	err = pair_check(fw, &pair);
	if (!err)
		err = load_context(fw, context, &pair);
	fw_unlock(fw);
	return err;
}

static int leave(struct fw *fw)
{
	int err = fw_lock(fw);

	if (err)
		return err;
	err = load_context(fw, 0, NULL);
	fw_unlock(fw);
	return err;
}

/* The first record tells; the others are about the same access. */
static int look_for_fault(struct fw *fw, struct fw_message *message)
{
	struct smmu_event event, more;

	if (!gpuas_qv_smmu_event(&fw->smmu, &event))
		return 0;
	while (gpuas_qv_smmu_event(&fw->smmu, &more))
		;
	message->arg[0] = event.type;
	message->arg[1] = gpuas_va_u64(event.va);
	message->result = event.write;
	fw_count(&fw_status()->faults, 1);
	fw_log_hex(event.write ? "fault: write to" : "fault: read from", gpuas_va_u64(event.va));
	return -GPUAS_EFAULT;
}

static int move(struct fw *fw, enum edu_way way, uint64_t va, unsigned int size,
		struct fw_message *message)
{
	unsigned int left = COPY_MS;
	int err = edu_copy(&fw->edu, way, gpuas_va(va), size);

	if (err)
		return err;
	while (edu_busy(&fw->edu)) {
		if (!fw_again(&left))
			return -GPUAS_ETIMEDOUT;
	}
	return look_for_fault(fw, message);
}

static int copy(struct fw *fw, uint64_t from, uint64_t to, uint64_t size,
		struct fw_message *message)
{
	uint64_t done = 0;
	int err = 0;

	while (!err && done < size) {
		unsigned int chunk = size - done < EDU_CHUNK_MAX ? (unsigned int)(size - done) :
								   EDU_CHUNK_MAX;

		err = move(fw, EDU_READ, from + done, chunk, message);
		if (!err)
			err = move(fw, EDU_WRITE, to + done, chunk, message);
		if (!err)
			done += chunk;
	}
	if (!err)
		message->result = done;
	return err;
}

int fw_copy(struct fw *fw, struct fw_message *message)
{
	uint64_t context = message->arg[0], from = message->arg[1], to = message->arg[2];
	uint64_t size = message->arg[3];
	struct smmu_event old;
	int err, left;

	if (context >= GPUAS_TTB_CONTEXTS || !size || size > FW_COPY_MAX ||
	    from + size < from || to + size < to)
		return -GPUAS_EINVAL;
	while (gpuas_qv_smmu_event(&fw->smmu, &old))
		;
	err = enter(fw, (unsigned int)context);
	if (err)
		return err;
	err = copy(fw, from, to, size, message);
	left = leave(fw);
	if (err || left)
		return err ? err : left;
	fw_count(&fw_status()->copies, 1);
	fw_count(&fw_status()->bytes, size);
	return 0;
}
