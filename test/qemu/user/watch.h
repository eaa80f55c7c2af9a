/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_WATCH_H
#define GPUAS_TEST_WATCH_H

/**
 * struct watched - What the kernel asked the driver for memory, by probes
 * @looks: how often
 * @evicted: buffers that gave theirs back
 * @together: how often on one CPU while it did so on another
 * @early: of @evicted, those before the driver gave the firmware up
 * @waits: how often who asked went for the firmware's lock, until then
 * @given_up: has it?
 */
struct watched {
	unsigned int looks;
	unsigned int evicted;
	unsigned int together;
	unsigned int early;
	unsigned int waits;
	unsigned int given_up;
};

/* From now on, and no more. What does not work ends the program. */
void watch_begin(void);
void watch_end(void);

/** watch_clear() - Begin at 0 */
void watch_clear(void);

/** watch_seen() - What was counted since */
struct watched watch_seen(void);

#endif /* GPUAS_TEST_WATCH_H */
