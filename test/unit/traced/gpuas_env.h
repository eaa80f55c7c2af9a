/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The library's environment, writing down what it is asked for (trace.h). It is the
 * first of this name in the include path of what test.mk builds so.
 */
#ifndef TRACED_ENV_H
#define TRACED_ENV_H

#define gpuas_word_load		plain_word_load
#define gpuas_word_store	plain_word_store
#define gpuas_byte_load		plain_byte_load
#define gpuas_byte_store	plain_byte_store
#define gpuas_entry_load	plain_entry_load
#define gpuas_entry_store	plain_entry_store
#define gpuas_publish_barrier	plain_publish_barrier
#define gpuas_full_barrier	plain_full_barrier
#define gpuas_acquire_barrier	plain_acquire_barrier
#define gpuas_release_barrier	plain_release_barrier
#include "../../../include/gpuas_env.h"
#undef gpuas_word_load
#undef gpuas_word_store
#undef gpuas_byte_load
#undef gpuas_byte_store
#undef gpuas_entry_load
#undef gpuas_entry_store
#undef gpuas_publish_barrier
#undef gpuas_full_barrier
#undef gpuas_acquire_barrier
#undef gpuas_release_barrier

#include "../trace.h"

#define ACCESSORS(name, type) \
	static inline type gpuas_##name##_load(const type *where) \
	{ \
		trace_load(where); \
		return plain_##name##_load(where); \
	} \
	static inline void gpuas_##name##_store(type *where, type value) \
	{ \
		trace_store(where, value); \
		plain_##name##_store(where, value); \
	}
ACCESSORS(byte, uint8_t)
ACCESSORS(word, uint32_t)
ACCESSORS(entry, uint64_t)

#define BARRIER(name) \
	static inline void gpuas_##name##_barrier(void) \
	{ \
		trace_note(#name, ""); \
		plain_##name##_barrier(); \
	}
BARRIER(publish)
BARRIER(full)
BARRIER(acquire)
BARRIER(release)

#define memset(where, byte, size) \
	(trace_clear(where), memset(where, byte, size))

#endif /* TRACED_ENV_H */
