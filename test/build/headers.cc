// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A host in C++: its table memory and its visitor are C++ functions. Prints TAP. */
#include <cstdio>
#include <cstdlib>
#include <map>

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/fdt.h>
#include <gpuas/handoff.h>
#include <gpuas/inspect.h>
#include <gpuas/space.h>
#include <gpuas/ttb.h>
#include <gpuas/visit.h>

namespace {

/* Memory whose addresses are its PAs. */
struct Tables {
	std::map<gpuas_pa_t, gpuas_table> records;

	static int alloc(void *ctx, size_t size, gpuas_table **table)
	{
		void *memory = std::aligned_alloc(size, size);
		const gpuas_pa_t pa = reinterpret_cast<uintptr_t>(memory);

		if (!memory)
			return -GPUAS_ENOMEM;
		*table = &static_cast<Tables *>(ctx)->records[pa];
		(*table)->ptr = static_cast<uint64_t *>(memory);
		(*table)->pa = pa;
		return 0;
	}

	static void free(void *ctx, gpuas_table *table, size_t)
	{
		std::free(table->ptr);
		static_cast<Tables *>(ctx)->records.erase(gpuas_pa_t(table->pa));
	}

	static gpuas_table *record(void *ctx, gpuas_pa_t pa)
	{
		auto &records = static_cast<Tables *>(ctx)->records;
		const auto found = records.find(pa);

		return found == records.end() ? nullptr : &found->second;
	}

	static uint64_t *ptr(void *ctx, gpuas_pa_t pa, size_t)
	{
		const gpuas_table *table = record(ctx, pa);

		return table ? table->ptr : nullptr;
	}
};

int count(void *ctx, const gpuas_step *step)
{
	*static_cast<unsigned int *>(ctx) += step->kind == GPUAS_PAGE;
	return 0;
}

void result(bool good, const char *name)
{
	std::printf("%sok - in C++, %s\n", good ? "" : "not ", name);
}

} // namespace

int main()
{
	Tables tables;
	gpuas_env env{};
	gpuas_geometry geo{};
	gpuas_space space;
	gpuas_pa_t pa = 0;
	unsigned int pages = 0;

	env.ctx = &tables;
	env.table_alloc = Tables::alloc;
	env.table_free = Tables::free;
	env.table_record = Tables::record;
	env.table_ptr = Tables::ptr;
	geo.format = &gpuas_format_lpae_16k;
	geo.va_bits = 39;
	geo.pa_bits = 48;
	const gpuas_range window = { 0, 1ULL << 39 };

	result(!gpuas_space_create(&space, &geo, &window, &env) &&
	       !gpuas_map(&space, 0x4000, 0x80000000, 0x8000,
			  GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED), "a range is mapped");
	result(!gpuas_translate(&space, 0x8123, &pa, nullptr) && pa == 0x80004123, "translated");
	result(!gpuas_visit_all(&space, count, &pages) && pages == 2, "visited");
	gpuas_space_release(&space);
	result(tables.records.empty(), "and released");
	result(gpuas_board_find("apple,t8103") == &gpuas_board_apple_t8103, "boards are found");
	return 0;
}
