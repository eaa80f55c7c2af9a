// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The handoff lock, and what is only touched under it: the TTB array and the SMMU. */
#include <linux/device.h>

#include "patience.h"

/* The firmware holds it while it loads or unloads a context: far more than that takes. */
#define LOCK_BEATS	30000

/* That the one who waits was killed says nothing about the firmware. */
static int take(struct fw *fw, bool killable)
{
	struct gpuas_report report;
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, LOCK_BEATS);

	patient.killable = killable;
	fw->smmu_looks = 0;
	if (!gpuas_handoff_lock(fw->handoff, fw->profile, GPUAS_SIDE_HOST, &wait, &report))
		return 0;
	if (patient.killed)
		return -EINTR;
	gpuas_qv_fw_give_up(fw, &report);
	return -EIO;
}

/* Who gives it up finds out under the lock, so whoever has the lock knows. */
static int lock(struct fw *fw, bool killable)
{
	int err;

	if (!killable)
		mutex_lock(&fw->lock);
	else if (mutex_lock_killable(&fw->lock))
		return -EINTR;
	err = gpuas_qv_fw_gone(fw) ? -EIO : take(fw, killable);
	if (err)
		mutex_unlock(&fw->lock);
	return err;
}

int gpuas_qv_fw_lock(struct fw *fw)
{
	return lock(fw, false);
}

void gpuas_qv_fw_unlock(struct fw *fw)
{
	gpuas_handoff_unlock(fw->handoff, GPUAS_SIDE_HOST);
	mutex_unlock(&fw->lock);
}

/* After something went wrong the handoff lock is kept: firmware, or SMMU, is done with. */
static void unlock_give_up(struct fw *fw, int err, const char *thing,
			   const char *what, uint64_t value)
{
	struct gpuas_report report;

	gpuas_report_hex(&report, err, thing, NULL, what, value);
	gpuas_qv_fw_give_up(fw, &report);
	mutex_unlock(&fw->lock);
}

int gpuas_qv_fw_bind(struct fw *fw, gpuas_pa_t root, unsigned int *context)
{
	unsigned int i;
	int err = lock(fw, true);

	if (err)
		return err;
	err = -EBUSY;
	for (i = 1; err == -EBUSY && i < GPUAS_TTB_CONTEXTS; i++) {
		err = gpuas_ttb_bind(fw->ttbs, i, root, fw->upper);
		if (err)
			continue;
		fw->root[i] = root;
		*context = i;
	}
	gpuas_qv_fw_unlock(fw);
	return err;
}

/* A firmware that could not unload a context has left it in the SMMU. */
static int forget_context(struct fw *fw, unsigned int context)
{
	if (gpuas_word_load(&fw->handoff->context) == context)
		return -GPUAS_EBUSY;
	return gpuas_qv_smmu_invalidate_asid(&fw->smmu, context);
}

void gpuas_qv_fw_unbind(struct fw *fw, unsigned int context)
{
	int err;

	if (gpuas_qv_fw_lock(fw))
		return;
	err = gpuas_ttb_unbind(fw->ttbs, context, fw->root[context], fw->upper);
	fw->root[context] = GPUAS_TTB_NONE;
	if (err) {
		unlock_give_up(fw, err, "TTB array",
			       "was changed by somebody else, context",
			       context);
		return;
	}
	err = forget_context(fw, context);
	if (err)
		unlock_give_up(fw, err, "SMMU", "still has context", context);
	else
		gpuas_qv_fw_unlock(fw);
}

void gpuas_qv_fw_forget(struct fw *fw, unsigned int asid, gpuas_va_t va, uint64_t size)
{
	int err;

	/* Who gave it up, or left it, has made the SMMU forget all. */
	if (gpuas_qv_fw_lock(fw))
		return;
	err = gpuas_qv_smmu_invalidate(&fw->smmu, asid, va, size);
	if (err)
		unlock_give_up(fw, err, "SMMU", "does not forget VA",
			       gpuas_va_u64(va));
	else
		gpuas_qv_fw_unlock(fw);
}
