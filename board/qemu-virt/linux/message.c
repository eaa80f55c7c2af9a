// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Messages to the firmware, one at a time. */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/export.h>

#include "driver.h"
#include "patience.h"

#define FLUSH_BEATS	5000
#define CRASH_LOOKS	1000

/*
 * Until it answers, a firmware that does not lock may use what we would lock. So the VM of a job
 * that is late is taken away when that has ended, and one that never ends costs the GPU, where
 * a firmware that locks loses that VM alone.
 */
static void keep_off(struct fw *fw)
{
	if (gpuas_qv_fw_silent(fw))
		mutex_lock(&fw->lock);
}

static void go_on(struct fw *fw)
{
	if (gpuas_qv_fw_silent(fw))
		mutex_unlock(&fw->lock);
}

/* What is wrong with the mailbox itself has a report; a refusal has none. */
static int call(struct fw *fw, struct fw_message *message, unsigned int beats)
{
	struct gpuas_report report = { };
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, beats);
	int err;

	if (gpuas_qv_fw_gone(fw))
		return -EIO;
	keep_off(fw);
	err = gpuas_qv_fw_call(fw->mailbox, message, &wait, &report);
	if (!report.err) {
		go_on(fw);
		return err;
	}
	if (!gpuas_qv_fw_silent(fw))
		mutex_lock(&fw->lock);
	gpuas_qv_fw_give_up(fw, &report);
	mutex_unlock(&fw->lock);
	return -EIO;
}

int gpuas_qv_fw_send(struct fw *fw, struct fw_message *message, unsigned int beats)
{
	int err;

	mutex_lock(&fw->call);
	err = call(fw, message, beats);
	mutex_unlock(&fw->call);
	return err;
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_fw_send, GPUAS_QV_NS);

static bool look_again(void *ctx)
{
	unsigned int *left = ctx;

	if (!*left)
		return false;
	--*left;
	usleep_range(20, 200);
	return true;
}

/* That there is no answer is no reason to give it up: who needs it finds out. */
int gpuas_qv_fw_crash(struct fw *fw, uint64_t how)
{
	struct fw_message message = { .op = FW_CRASH, .arg = { how, FW_SLOW_MS } };
	unsigned int left = CRASH_LOOKS;
	const struct gpuas_wait wait = { .again = look_again, .ctx = &left };
	struct gpuas_report report = { };
	int err = -EIO;

	if (mutex_lock_killable(&fw->call))
		return -EINTR;
	keep_off(fw);
	if (!gpuas_qv_fw_gone(fw))
		err = gpuas_qv_fw_call(fw->mailbox, &message, &wait, &report);
	go_on(fw);
	mutex_unlock(&fw->call);
	return report.err == -GPUAS_ETIMEDOUT ? 0 : err;
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_fw_crash, GPUAS_QV_NS);

static int prepare(struct fw *fw, gpuas_va_t va, uint64_t size,
		   struct gpuas_report *report)
{
	const unsigned int slot = GPUAS_HANDOFF_FLUSH_KERNEL;
	struct fw_message doorbell = { .op = FW_FLUSH };
	struct patience patient;
	struct gpuas_wait wait;
	int err;

	err = gpuas_handoff_unmap_prepare(fw->handoff, fw->profile, slot, va, size,
					  &fw->unmap, report);
	if (err || fw->unmap.way == GPUAS_UNMAP_NOTICE)
		return err;
	err = call(fw, &doorbell, FLUSH_BEATS);
	if (err)
		return err;
	wait = gpuas_qv_patience(&patient, fw, FLUSH_BEATS);
	return gpuas_handoff_flush_wait(fw->handoff, slot, &wait, report);
}

/* What stands in the slot is wrong, or nobody answers: nothing can be asked any more. */
static int end(struct fw *fw, int err, const struct gpuas_report *report)
{
	if (!report->err)
		return err;
	mutex_lock(&fw->lock);
	gpuas_qv_fw_give_up(fw, report);
	mutex_unlock(&fw->lock);
	return -EIO;
}

int gpuas_qv_fw_unmap_prepare(struct fw *fw, gpuas_va_t va, uint64_t size)
{
	struct gpuas_report report = { };
	int err = -EIO;

	mutex_lock(&fw->call);
	if (!gpuas_qv_fw_gone(fw))
		err = prepare(fw, va, size, &report);
	err = end(fw, err, &report);
	if (err)
		mutex_unlock(&fw->call);
	return err;
}

int gpuas_qv_fw_unmap_complete(struct fw *fw)
{
	struct gpuas_report report = { };
	int err = gpuas_handoff_unmap_complete(fw->handoff, &fw->unmap, &report);

	err = end(fw, err, &report);
	mutex_unlock(&fw->call);
	return err;
}
