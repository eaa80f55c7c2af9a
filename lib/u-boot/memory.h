/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_UBOOT_MEMORY_H
#define GPUAS_UBOOT_MEMORY_H

#include <gpuas/bringup.h>

/**
 * gpuas_uboot_memory - Memory for a bring-up, from lmb
 *
 * Its context is the struct gpuas_uboot with the limit for addresses.
 */
extern const struct gpuas_bringup_host gpuas_uboot_memory;

/** gpuas_uboot_is_ram() - Is a range inside RAM that U-Boot or its tree knows of? */
bool gpuas_uboot_is_ram(uint64_t pa, uint64_t size);

/** gpuas_uboot_no_map() - Has any page of a range no-map? */
bool gpuas_uboot_no_map(uint64_t pa, uint64_t size);

/**
 * gpuas_uboot_map() - See that U-Boot can access a range of RAM
 *
 * Maps it if need be, as some boards map the first bank only.
 *
 * Return: false if it has no-map, is not mapped, and cannot be.
 */
bool gpuas_uboot_map(uint64_t pa, uint64_t size);

/**
 * gpuas_uboot_lend() - See that U-Boot can access a region that has no-map
 * @pa: first byte, in a region whose contract has it so
 * @size: bytes
 * @memory: as what to map it, where this U-Boot does not have it yet
 *
 * It is no RAM: neither /memory nor lmb is asked.
 *
 * Return: false if it is not mapped, and cannot be.
 */
bool gpuas_uboot_lend(uint64_t pa, uint64_t size, enum gpuas_memory memory);

#endif /* GPUAS_UBOOT_MEMORY_H */
