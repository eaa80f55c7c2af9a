/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_COMPAT_H
#define GPUAS_QEMU_VIRT_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

/* What differs between kernels, 6.1 to 7.3, is all here. */

/* 7.1 has another name for it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
static inline void zap_special_vma_range(struct vm_area_struct *vma,
					 unsigned long address,
					 unsigned long size)
{
	zap_vma_ptes(vma, address, size);
}
#endif

#endif /* GPUAS_QEMU_VIRT_COMPAT_H */
