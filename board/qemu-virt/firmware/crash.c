// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Ways to end, on request and otherwise. */
#include "fw.h"

#define PSCI_CPU_OFF	0x84000002

void fw_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

void fw_fail(int err, const char *why)
{
	fw_log(why);
	fw_log_hex("gave up, error", (uint64_t)-err);
	gpuas_entry_store((uint64_t *)&fw_status()->error, (uint64_t)err);
	gpuas_release_barrier();
	gpuas_entry_store(&fw_status()->state, FW_FAILED);
	fw_halt();
}

void fw_off(void)
{
	register uint64_t x0 __asm__("x0") = PSCI_CPU_OFF;

	__asm__ volatile("dsb sy\n\thvc #0" : "+r" (x0) : : "memory");
	fw_halt();
}

static void fill_with_garbage(struct gpuas_handoff *handoff)
{
	unsigned int i;

	gpuas_byte_store(&handoff->lock_fw, 0x5a);
	gpuas_word_store(&handoff->turn, 0xa5a5a5a5);
	gpuas_word_store(&handoff->context, 0x12345678);
	for (i = 0; i < GPUAS_HANDOFF_FLUSH_SLOTS; i++)
		gpuas_entry_store(&handoff->flush[i].state, ~0ULL - i);
	gpuas_entry_store(&handoff->magic_fw, 0xdeadbeefULL);
}

static int change_published(const struct fw_boot *boot)
{
	uint64_t *own = (uint64_t *)(FW_TABLES_VA + (boot->root - boot->tables));

	if (!boot->published)
		return -GPUAS_EINVAL;
	gpuas_entry_store(&own[boot->published - 1], gpuas_entry_load(&own[0]));
	fw_log_hex("published another entry as told, number", boot->published - 1);
	return 0;
}

void fw_slow_down(struct fw *fw)
{
	unsigned int left = fw->slow;

	fw->slow = 0;
	if (!left || fw_lock(fw))
		return;
	while (fw_again(&left))
		;
	fw_unlock(fw);
	fw_log("has let go of the lock");
}

int fw_crash(struct fw *fw, uint64_t how, uint64_t ms)
{
	switch (how) {
	case FW_CRASH_HANG:
		break;
	case FW_CRASH_LOCKED:
		fw_lock(fw);
		break;
	case FW_CRASH_ABORT:
		*(volatile uint64_t *)(FW_OWN_VA + FW_OWN_SIZE - 8) = 0;
		break;
	case FW_CRASH_GARBAGE:
		fill_with_garbage(fw_handoff());
		break;
	case FW_CRASH_PUBLISHED:
		return change_published(&fw->boot);
	case FW_CRASH_SLOW:
		fw->slow = (unsigned int)ms;
		return 0;
	default:
		return -GPUAS_EINVAL;
	}
	fw_log_hex("crashed as told, way", how);
	fw_halt();
}
