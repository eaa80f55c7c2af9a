/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What the files about the handoff page share. Private to lib/handoff/. */
#ifndef GPUAS_PAGE_H
#define GPUAS_PAGE_H

#include <gpuas/handoff.h>
#include <gpuas/ttb.h>
#include <gpuas/unmap.h>

enum {
	FLUSH_IDLE = 0,
	FLUSH_REQUESTED = 1,
	FLUSH_DONE = 2,
};

/* Is the other side one that never looks at the page? */
static inline bool alone_(const struct gpuas_profile *profile, enum gpuas_side side)
{
	return side == GPUAS_SIDE_HOST && profile->firmware == GPUAS_FIRMWARE_NEVER;
}

/* A sentence about a slot that ends with its state. Returns @err. */
int gpuas_slot_report_(struct gpuas_report *report, int err, unsigned int slot,
		       const char *what, uint64_t state);

/* That there is no such slot. Returns -GPUAS_EINVAL. */
int gpuas_no_slot_(struct gpuas_report *report, unsigned int slot);

/* What is wrong with a request, before its slot is looked at; 0: nothing. */
int gpuas_request_check_(unsigned int slot, gpuas_va_t va, uint64_t size,
			 struct gpuas_report *report);

/* 0: the slot may be written; -GPUAS_EBUSY. */
int gpuas_slot_free_(const struct gpuas_handoff *handoff, unsigned int slot,
		     struct gpuas_report *report);

/* Address and size, and only then the state. */
void gpuas_slot_write_(struct gpuas_handoff_flush *flush, uint64_t addr, uint64_t size,
		       uint64_t state);

/* That a magic is wrong, and all that would be right. Returns -GPUAS_EPROTO. */
int gpuas_magic_report_(struct gpuas_report *report, const struct gpuas_profile *profile,
			const char *name, uint64_t magic);

/* The other side's magic: 0; -GPUAS_ENOENT: there is none; -GPUAS_EPROTO: it is wrong. */
int gpuas_peer_look_(const struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		     enum gpuas_side side, uint64_t *magic);

/* 0: the number of a context; -GPUAS_ENOENT: none; -GPUAS_EPROTO, which is reported. */
int gpuas_context_judge_(const struct gpuas_profile *profile, uint32_t word,
			 struct gpuas_report *report);

#endif /* GPUAS_PAGE_H */
