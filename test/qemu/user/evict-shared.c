// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Two VMs have the same buffers, each at VAs of its own, and there is no memory for all of them:
 * what the GPU wrote by one VM, it reads by the other. First one VM after the other is used, then
 * both at once, by two processes.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evict.h"
#include "group.h"
#include "watch.h"

#define GROUP	"gpuas-shared"
#define FROM	0x40000000ULL
#define OTHER	0x100000000ULL		/* the second VM's are so much higher */
#define OWN	0x20000000ULL
#define BYTES	256u
#define BACK	512u			/* of what is the VM's own, where the GPU brings bytes back */

enum { SETS = 5, SIZE = 4 << 20, LIMIT = 12 << 20, SWEEPS = 2, USERS = 2 };

/**
 * struct set - A buffer, and two VMs that have it
 * @buffer: the buffer
 * @gpu: each has a VM, and a queue
 * @own: what bytes come from, and come back to
 */
struct set {
	struct buffer buffer;
	struct gpu gpu[USERS];
	struct buffer own[USERS];
};

static uint64_t va(unsigned int user)
{
	return FROM + user * OTHER;
}

/* Each writes to a place of its own in each sweep. */
static uint64_t place(unsigned int user, unsigned int sweep)
{
	return (1 + 3 * (user * SWEEPS + sweep)) * GRANULE * 7 + 0x1240;
}

static void bytes_of(unsigned int set, unsigned int user, unsigned int sweep, uint8_t *bytes)
{
	uint64_t random = SEED + 1000 * (set + 1) + 10 * user + sweep;

	fill(bytes, BYTES, &random);
}

static void background(unsigned int set, uint8_t *bytes, size_t size)
{
	uint64_t random = SEED + set;

	fill(bytes, size, &random);
}

static int make_user(struct set *set, unsigned int user, int fd)
{
	struct gpu *gpu = &set->gpu[user];
	int err;

	gpu->fd = fd;
	err = gpu_vm(fd, &gpu->vm);
	if (!err)
		err = gpu_queue(fd, gpu->vm, &gpu->queue);
	if (err)
		return err;
	gpu_buffer(fd, GRANULE, &set->own[user]);
	gpu_map(gpu, &set->own[user], 0, GRANULE, OWN, READ_WRITE);
	gpu_map(gpu, &set->buffer, 0, SIZE, va(user), READ_WRITE);
	return 0;
}

static int make(struct set *set, unsigned int sets, int fd)
{
	int err = 0;
	unsigned int i;

	for (i = 0; i < sets && !err; i++) {
		gpu_buffer(fd, SIZE, &set[i].buffer);
		background(i, set[i].buffer.map, SIZE);
		munmap(set[i].buffer.map, SIZE);
		err = make_user(&set[i], 0, fd);
		if (!err)
			err = make_user(&set[i], 1, fd);
	}
	return err;
}

static void copy(const struct set *set, unsigned int user, uint64_t from, uint64_t to,
		 struct progress *progress)
{
	struct done done = gpu_copy(&set->gpu[user], from, to, BYTES);

	__atomic_add_fetch(&progress->jobs, 1, __ATOMIC_RELAXED);
	if (done.error)
		progress->err = done.error;
}

static void put(const struct set *set, unsigned int number, unsigned int user, unsigned int sweep,
		struct progress *progress)
{
	bytes_of(number, user, sweep, set->own[user].map);
	copy(set, user, OWN, va(user) + place(user, sweep), progress);
}

/* What @writer put there. */
static void get(const struct set *set, unsigned int number, unsigned int user,
		unsigned int writer, unsigned int sweep, struct progress *progress)
{
	uint8_t expected[BYTES];

	bytes_of(number, writer, sweep, expected);
	copy(set, user, va(user) + place(writer, sweep), OWN + BACK, progress);
	progress->wrong += differ(set->own[user].map + BACK, expected, BYTES);
}

static void in_turn(const struct set *set, struct progress *progress)
{
	unsigned int sweep, i;

	for (sweep = 0; sweep < SWEEPS; sweep++) {
		for (i = 0; i < SETS; i++) {
			if (sweep)
				get(&set[i], i, 0, 1, sweep - 1, progress);
			put(&set[i], i, 0, sweep, progress);
		}
		for (i = 0; i < SETS; i++) {
			get(&set[i], i, 1, 0, sweep, progress);
			put(&set[i], i, 1, sweep, progress);
		}
	}
}

/* The second one begins at the other end, so that they meet. */
static void race(const struct set *set, unsigned int user, struct progress *progress)
{
	unsigned int sweep, i, number;

	for (sweep = 0; sweep < SWEEPS; sweep++) {
		for (i = 0; i < SETS; i++) {
			number = user ? SETS - 1 - i : i;
			if (sweep)
				get(&set[number], number, user, user, sweep - 1, progress);
			put(&set[number], number, user, sweep, progress);
		}
	}
}

static void at_once(const struct set *set, struct progress *progress)
{
	int status = 0;
	pid_t other = fork();

	if (!other) {
		race(set, 1, progress);
		_exit(0);
	}
	race(set, 0, progress);
	waitpid(other, &status, 0);
	if (status)
		progress->err = -1;
}

/* All bytes: those that were written, and those around them. */
static void look(struct set *set, struct progress *progress)
{
	static uint8_t expected[SIZE];
	unsigned int i, user, sweep;

	for (i = 0; i < SETS; i++) {
		background(i, expected, SIZE);
		for (user = 0; user < USERS; user++) {
			for (sweep = 0; sweep < SWEEPS; sweep++)
				bytes_of(i, user, sweep, expected + place(user, sweep));
		}
		if (gpu_see(set[i].gpu[0].fd, &set[i].buffer)) {
			progress->wrong += SIZE;
			continue;
		}
		progress->wrong += differ(set[i].buffer.map, expected, SIZE);
		munmap(set[i].buffer.map, SIZE);
	}
}

static void use(void (*how)(const struct set *, struct progress *), struct progress *progress)
{
	struct set set[SETS];
	int fd = gpu_file();

	progress->err = make(set, SETS, fd);
	if (progress->err)
		return;
	how(set, progress);
	look(set, progress);
	progress->step = "came to its end";
}

static void use_in_turn(struct progress *progress)
{
	use(in_turn, progress);
}

static void use_at_once(struct progress *progress)
{
	use(at_once, progress);
}

static int run(const char *how, void (*in_group)(struct progress *), unsigned int jobs,
	       struct progress *progress)
{
	struct watched seen;
	int bad;

	watch_clear();
	bad = evict_run(GROUP, LIMIT, in_group, progress);
	seen = watch_seen();
	say("evict: two VMs of %d MiB in a group of %d, used %s: %s: %u jobs, error %d, %zu bytes wrong, %u times evicted, %ld contexts left",
	    SETS * SIZE >> 20, LIMIT >> 20, how, progress->step ? progress->step : "stopped",
	    progress->jobs, progress->err, progress->wrong, seen.evicted, gpu_contexts(0));
	group_end(GROUP);
	return bad || progress->jobs != jobs || seen.evicted < SETS || gpu_contexts(0);
}

int evict_shared(struct progress *progress)
{
	int bad = run("in turn", use_in_turn, SETS * (4 * SWEEPS - 1), progress);

	return bad | run("at once", use_at_once, SETS * USERS * (2 * SWEEPS - 1), progress);
}
