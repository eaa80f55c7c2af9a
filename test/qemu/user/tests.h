/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* gpuas-test: what is asked of the driver, a test for each word on its command line. */
#ifndef GPUAS_TEST_USER_H
#define GPUAS_TEST_USER_H

#include "gpu.h"
#include "../../../board/qemu-virt/linux/user/say.h"

int test_stale(uint64_t seed);
int test_isolation(uint64_t seed);
int test_limits(void);
int test_fields(void);
int test_unbind(uint64_t seed);
int test_unplug(uint64_t rounds, uint64_t seed);
int test_outlive(uint64_t seed);
int test_hostile(uint64_t steps, uint64_t seed, uint64_t faults);
int test_crash(uint64_t how, const char *way);
int test_sparse(uint64_t seed);
int test_prime(uint64_t seed);
int test_timeline(uint64_t seed);
int test_memcg(uint64_t mib);
int test_scatter(uint64_t pages, uint64_t seed);
int test_kill(uint64_t seed);
int test_linger(uint64_t bytes);
int test_evict(void);
int test_bounced(void);
int test_late(void);
int test_slow(void);
int test_sleep(void);
int test_vmcore(void);
int test_mute(void);
int test_dead(uint64_t how);
int test_shots(void);

/* Have the driver let go of the GPU: unbind.c */
void unbind_driver(void);

#endif /* GPUAS_TEST_USER_H */
