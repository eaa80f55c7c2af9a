// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A snapshot as a devcoredump. It is captured more than once: to learn how much there is,
 * which needs what must not change held, and then, with the memory for it, which cannot be
 * had meanwhile, again.
 */
#include <linux/devcoredump.h>
#include <linux/device.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/utsname.h>
#include <linux/vmalloc.h>

#include <gpuas_linux.h>

/* Entries that a walk may load, and granules that it may ask for: 64 GiB of the larger ones */
#define BUDGET		(1u << 22)
#define SPACES_MAX	160
#define HANDLES_MAX	160
#define FINDINGS_MAX	256
#define SEEN_MAX	(1u << 15)
#define EXTENTS_MIN	(1u << 12)
#define EXTENTS_MAX	(1u << 16)
#define MEMORY_MAX	(1u << 17)

/* For an attempt to allocate that may fail, and is to cost nobody anything */
#define SHOT_GFP	(GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY)

/**
 * struct memory - Memory that can be read, by its PA
 * @pa: first PA
 * @size: bytes
 * @ptr: where it is
 */
struct memory {
	u64 pa;
	size_t size;
	void *ptr;
};

/**
 * struct gpuas_linux_shot - A snapshot under way
 * @what: what the driver says
 * @env: lends memory
 * @snapshot: the list
 * @info: for @core
 * @core: the file
 * @writer: who writes it
 * @handle: handles whose tables can be read
 * @handles: how many
 * @others: spaces of the driver's that are bound to no context
 * @memory: memory of the driver's, sorted
 * @memory_max: how much of it there is room for
 * @memory_count: how much there is
 * @bytes: what is allocated for all of this
 */
struct gpuas_linux_shot {
	const struct gpuas_linux_snapshot *what;
	struct gpuas_env env;
	struct gpuas_snapshot snapshot;
	struct gpuas_core_info info;
	struct gpuas_core core;
	char writer[80];
	const struct gpuas_linux *handle[HANDLES_MAX];
	unsigned int handles;
	unsigned int others;
	struct memory *memory;
	u32 memory_max;
	u32 memory_count;
	size_t bytes;
};

/*
 * What can be read
 */

static int compare(const void *a, const void *b)
{
	const u64 x = ((const struct memory *)a)->pa, y = ((const struct memory *)b)->pa;

	return x < y ? -1 : x > y;
}

/* The last one that does not begin behind it. */
static void *memory_ptr(const struct gpuas_linux_shot *shot, u64 pa, size_t size)
{
	u32 low = 0, high = min(shot->memory_count, shot->memory_max), middle;
	const struct memory *memory;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (shot->memory[middle].pa <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	memory = &shot->memory[low - 1];
	if (pa - memory->pa >= memory->size || size > memory->size - (pa - memory->pa))
		return NULL;
	return memory->ptr + (pa - memory->pa);
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	const struct gpuas_linux_shot *shot = ctx;
	struct gpuas_table *table = NULL;
	unsigned int i;

	for (i = 0; !table && i < shot->handles; i++)
		table = shot->handle[i]->env.table_record(shot->handle[i]->env.ctx, pa);
	return table;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_linux_shot *shot = ctx;
	struct gpuas_linux *gpu = shot->what->gpu;
	struct gpuas_table *table;
	void *ptr;

	cond_resched();
	ptr = memory_ptr(shot, gpuas_pa_u64(pa), size);
	if (ptr)
		return ptr;
	table = table_record(ctx, pa);
	return table ? table->ptr : gpu->env.table_ptr(gpu, pa, size);
}

void gpuas_linux_snapshot_memory(struct gpuas_linux_shot *shot, gpuas_pa_t pa, size_t size,
				 void *ptr)
{
	const struct memory memory = { gpuas_pa_u64(pa), size, ptr };

	if (shot->memory_count < shot->memory_max)
		shot->memory[shot->memory_count] = memory;
	shot->memory_count++;
}

/*
 * What is captured
 */

static u8 tag_of(struct gpuas_linux_shot *shot, u16 context)
{
	if (context != GPUAS_SNAP_NO_CONTEXT)
		return GPUAS_SNAP_TAG_CONTEXT + context;
	/* More of them than there are tags share the last. */
	return min_t(unsigned int, GPUAS_SNAP_TAG_OTHER + shot->others++, GPUAS_SNAP_TAG_PA - 1);
}

void gpuas_linux_snapshot_space(struct gpuas_linux_shot *shot, const struct gpuas_linux *space,
				const char *name, u16 context)
{
	struct gpuas_snapshot *snapshot = &shot->snapshot;
	struct gpuas_snap_space *to = &snapshot->space[snapshot->spaces];

	if (!space->open || shot->handles == HANDLES_MAX ||
	    snapshot->spaces == snapshot->spaces_max)
		return;
	shot->handle[shot->handles++] = space;
	memset(to, 0, sizeof(*to));
	strscpy(to->name, name, sizeof(to->name));
	to->geo = space->space.geo;
	to->root = space->space.root;
	to->va = gpuas_va(space->space.base);
	to->level = space->space.top;
	to->tag = tag_of(shot, context);
	to->context = context;
	snapshot->spaces++;
}

/* Those of the driver's first, so that they have their names. */
static void list(struct gpuas_linux_shot *shot)
{
	const struct gpuas_linux_snapshot *what = shot->what;
	struct gpuas_snapshot *snapshot = &shot->snapshot;
	int err;

	shot->handle[0] = what->gpu;
	shot->handles = 1;
	shot->others = shot->memory_count = snapshot->spaces = 0;
	if (what->list)
		what->list(what->ctx, shot);
	sort(shot->memory, min(shot->memory_count, shot->memory_max), sizeof(*shot->memory),
	     compare, NULL);
	snapshot->has_ttbs = what->ttbs;
	if (what->ttbs)
		snapshot->ttbs = *what->ttbs;
	err = gpuas_snapshot_roots(snapshot);
	if (err)
		dev_warn(what->gpu->dev, "gpuas: snapshot: not all spaces are known (%pe)\n",
			 ERR_PTR(err));
}

/* Until let_go(). */
static int hold(struct gpuas_linux_shot *shot)
{
	struct gpuas_linux *gpu = shot->what->gpu;

	if (shot->what->hold)
		shot->what->hold(shot->what->ctx);
	mutex_lock(&gpu->lock);
	return gpu->open ? 0 : -ENODEV;
}

static void let_go(struct gpuas_linux_shot *shot)
{
	mutex_unlock(&shot->what->gpu->lock);
	if (shot->what->let_go)
		shot->what->let_go(shot->what->ctx);
}

/* With it held: a file of @limit bytes at most, which goes to @data, if there is that. */
static int capture(struct gpuas_linux_shot *shot, size_t limit, void *data)
{
	struct gpuas_snapshot *snapshot = &shot->snapshot;
	size_t done, size;
	int err;

	list(shot);
	snapshot->budget = BUDGET;
	gpuas_snapshot_capture(snapshot);
	err = gpuas_core_init(&shot->core, snapshot, &shot->info, limit);
	if (err || !data)
		return err;
	for (done = 0; done < shot->core.size; done += size) {
		cond_resched();
		size = gpuas_core_read(&shot->core, done, data + done, SZ_1M);
	}
	return 0;
}

static int attempt(struct gpuas_linux_shot *shot, size_t limit, void *data)
{
	int err = hold(shot);

	if (!err)
		err = capture(shot, limit, data);
	let_go(shot);
	return err;
}

/*
 * Memory for it
 */

static void *get(struct gpuas_linux_shot *shot, size_t size)
{
	void *ptr = __vmalloc(size, SHOT_GFP);

	if (ptr)
		shot->bytes += size;
	return ptr;
}

/*
 * Room for what there was the last time, and some more: 0 if there is enough already. Twice as much
 * at least, so that it ends soon, whoever makes more of it meanwhile. There were more extents than
 * are left in the end.
 */
static int more_room(struct gpuas_linux_shot *shot)
{
	struct gpuas_snapshot *snapshot = &shot->snapshot;
	const u32 memory = min(max(shot->memory_count, shot->memory_max) * 2, MEMORY_MAX);
	const u32 extents = min(snapshot->extents_max +
				max(snapshot->extents_lost, snapshot->extents_max), EXTENTS_MAX);

	if (shot->memory_count > shot->memory_max && shot->memory_max < MEMORY_MAX) {
		vfree(shot->memory);
		shot->memory_max = memory;
		shot->memory = get(shot, memory * sizeof(*shot->memory));
		return shot->memory ? -EAGAIN : -ENOMEM;
	}
	if (snapshot->extents_lost && extents > snapshot->extents_max) {
		vfree(snapshot->extent);
		snapshot->extents_max = extents;
		snapshot->extent = get(shot, extents * sizeof(*snapshot->extent));
		return snapshot->extent ? -EAGAIN : -ENOMEM;
	}
	return 0;
}

static int begin(struct gpuas_linux_shot *shot)
{
	struct gpuas_snapshot *snapshot = &shot->snapshot;

	snapshot->spaces_max = SPACES_MAX;
	snapshot->extents_max = EXTENTS_MIN;
	snapshot->findings_max = FINDINGS_MAX;
	snapshot->seen_max = SEEN_MAX;
	shot->memory_max = 64;
	snapshot->space = get(shot, SPACES_MAX * sizeof(*snapshot->space));
	snapshot->extent = get(shot, EXTENTS_MIN * sizeof(*snapshot->extent));
	snapshot->finding = get(shot, FINDINGS_MAX * sizeof(*snapshot->finding));
	snapshot->seen = get(shot, SEEN_MAX * sizeof(*snapshot->seen));
	shot->memory = get(shot, shot->memory_max * sizeof(*shot->memory));
	return snapshot->space && snapshot->extent && snapshot->finding && snapshot->seen &&
	       shot->memory ? 0 : -ENOMEM;
}

static void end(struct gpuas_linux_shot *shot)
{
	vfree(shot->memory);
	vfree(shot->snapshot.seen);
	vfree(shot->snapshot.finding);
	vfree(shot->snapshot.extent);
	vfree(shot->snapshot.space);
	kvfree(shot);
}

static struct gpuas_linux_shot *make(const struct gpuas_linux_snapshot *what)
{
	struct gpuas_linux_shot *shot = kvzalloc(sizeof(*shot), SHOT_GFP);

	if (!shot)
		return NULL;
	shot->what = what;
	shot->bytes = sizeof(*shot);
	shot->env = what->gpu->env;
	shot->env.ctx = shot;
	shot->env.table_record = table_record;
	shot->env.table_ptr = table_ptr;
	shot->snapshot.env = &shot->env;
	shot->snapshot.board = what->gpu->board;
	shot->snapshot.manifest = &what->gpu->manifest;
	snprintf(shot->writer, sizeof(shot->writer), "Linux %s", init_utsname()->release);
	shot->info = (struct gpuas_core_info){
		.why = what->why, .writer = shot->writer, .time = ktime_get_real_ns(),
		.report = what->report, .soc = what->soc, .log = what->log,
		.log_size = what->log_size,
	};
	return shot;
}

/* How much there is. */
static int measure(struct gpuas_linux_shot *shot)
{
	int err = begin(shot);

	while (!err) {
		err = attempt(shot, shot->what->limit, NULL);
		if (!err)
			err = more_room(shot);
		if (err != -EAGAIN)
			break;
		err = 0;
	}
	return err;
}

/* With less memory, less of it: tables are kept longest. There may be a bit more by then. */
static void *get_data(struct gpuas_linux_shot *shot, size_t *size)
{
	void *data;

	*size = min_t(u64, shot->core.size + SZ_64K, shot->what->limit);
	do {
		data = get(shot, *size);
	} while (!data && (*size /= 2) >= SZ_4K);
	return data;
}

static int take(struct gpuas_linux_shot *shot)
{
	int err = measure(shot);
	size_t size;
	void *data;

	if (err)
		return err;
	data = get_data(shot, &size);
	if (!data)
		return -ENOMEM;
	err = attempt(shot, size, data);
	if (err)
		vfree(data);
	else
		dev_coredumpv(shot->what->gpu->dev, data, shot->core.size, GFP_KERNEL);
	return err;
}

static void print(const struct gpuas_linux_shot *shot, s64 ms)
{
	const struct gpuas_snapshot *snapshot = &shot->snapshot;
	const bool all = !snapshot->cut && !snapshot->extents_lost &&
			 shot->memory_count <= shot->memory_max;

	dev_info(shot->what->gpu->dev,
		 "gpuas: snapshot: %llu bytes, %u spaces, %u extents, %u findings, in %lld ms with %zu KiB of memory%s%s\n",
		 shot->core.size, snapshot->spaces, snapshot->extents,
		 snapshot->findings + snapshot->findings_lost, ms, shot->bytes / SZ_1K,
		 all ? "" : ", not all that there is",
		 shot->core.torn ? ", torn" : "");
}

int gpuas_linux_snapshot(const struct gpuas_linux_snapshot *what)
{
	const ktime_t start = ktime_get();
	struct gpuas_linux_shot *shot;
	int err = -ENOMEM;

	if (!IS_ENABLED(CONFIG_DEV_COREDUMP)) {
		dev_info_once(what->gpu->dev,
			      "gpuas: no snapshot: the kernel was built without CONFIG_DEV_COREDUMP\n");
		return -EOPNOTSUPP;
	}
	shot = make(what);
	if (shot)
		err = take(shot);
	if (!err)
		print(shot, ktime_ms_delta(ktime_get(), start));
	else
		dev_err(what->gpu->dev, "gpuas: no snapshot (%pe)\n", ERR_PTR(err));
	if (shot)
		end(shot);
	return err;
}
