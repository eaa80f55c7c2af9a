// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Linux' OF calls on a blob: see linux/of.h beside. References are not counted. */
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <libfdt.h>

enum { NODES_MAX = 256 };

static struct {
	const void *fdt;
	struct device_node node[NODES_MAX];
	unsigned int count;
	const char *short_name;
	uint64_t less;
	struct reserved_mem mem;
} of;

void of_fake(const void *fdt)
{
	int offset;

	of.fdt = fdt;
	of.count = 0;
	for (offset = 0; offset >= 0 && of.count < NODES_MAX; offset = fdt_next_node(fdt, offset, NULL))
		of.node[of.count++] = (struct device_node){
			.phandle = fdt_get_phandle(fdt, offset),
			.full_name = fdt_get_name(fdt, offset, NULL),
			.offset = offset,
		};
}

static struct device_node *at(int offset)
{
	unsigned int i;

	for (i = 0; i < of.count; i++)
		if (of.node[i].offset == offset)
			return &of.node[i];
	return NULL;
}

struct device_node *of_node_get(struct device_node *node)
{
	return node;
}

void of_node_put(struct device_node *node)
{
	(void)node;
}

struct device_node *of_find_all_nodes(struct device_node *from)
{
	struct device_node *next = from ? from + 1 : of.node;

	return next < of.node + of.count ? next : NULL;
}

struct device_node *of_find_node_by_path(const char *path)
{
	return at(fdt_path_offset(of.fdt, path));
}

struct device_node *of_get_parent(const struct device_node *node)
{
	return node ? at(fdt_parent_offset(of.fdt, node->offset)) : NULL;
}

struct device_node *of_next_child(const struct device_node *parent, struct device_node *child)
{
	return at(child ? fdt_next_subnode(of.fdt, child->offset) :
			  fdt_first_subnode(of.fdt, parent->offset));
}

bool of_node_name_eq(const struct device_node *node, const char *name)
{
	size_t len = strcspn(node->full_name, "@");

	return strlen(name) == len && !strncmp(node->full_name, name, len);
}

const void *of_get_property(const struct device_node *node, const char *prop, int *len)
{
	return fdt_getprop(of.fdt, node->offset, prop, len);
}

bool of_property_present(const struct device_node *node, const char *prop)
{
	return of_get_property(node, prop, NULL);
}

bool of_device_is_available(const struct device_node *node)
{
	const char *status = of_get_property(node, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

bool of_device_is_compatible(const struct device_node *node, const char *compatible)
{
	return !fdt_node_check_compatible(of.fdt, node->offset, compatible);
}

static int count_elems(const struct device_node *node, const char *prop, int size)
{
	int len;

	return of_get_property(node, prop, &len) && len % size == 0 ? len / size : -EINVAL;
}

int of_property_count_u32_elems(const struct device_node *node, const char *prop)
{
	return count_elems(node, prop, sizeof(u32));
}

int of_property_count_u64_elems(const struct device_node *node, const char *prop)
{
	return count_elems(node, prop, sizeof(u64));
}

int of_property_count_strings(const struct device_node *node, const char *prop)
{
	int count = fdt_stringlist_count(of.fdt, node->offset, prop);

	return count < 0 ? -EILSEQ : count;
}

const char *of_fake_string(const struct device_node *node, const char *prop, int index)
{
	return fdt_stringlist_get(of.fdt, node->offset, prop, index, NULL);
}

int of_property_match_string(const struct device_node *node, const char *prop, const char *string)
{
	int index = fdt_stringlist_search(of.fdt, node->offset, prop, string);

	return index < 0 ? -ENODATA : index;
}

int of_property_read_string(const struct device_node *node, const char *prop, const char **string)
{
	*string = of_fake_string(node, prop, 0);
	return *string ? 0 : -EINVAL;
}

u64 of_read_number(const __be32 *cell, int cells)
{
	u64 value = 0;

	while (cells-- > 0)
		value = value << 32 | fdt32_ld((const fdt32_t *)cell++);
	return value;
}

u32 be32_to_cpup(const __be32 *cell)
{
	return (u32)of_read_number(cell, 1);
}

u64 be64_to_cpu(__be64 value)
{
	return fdt64_to_cpu(value);
}

u64 le64_to_cpu(__le64 value)
{
	const unsigned char *byte = (const unsigned char *)&value;
	u64 number = 0;
	int i;

	for (i = 7; i >= 0; i--)
		number = number << 8 | byte[i];
	return number;
}

int of_property_read_u32_index(const struct device_node *node, const char *prop, u32 index,
			       u32 *value)
{
	int len;
	const __be32 *cell = of_get_property(node, prop, &len);

	if (!cell || (index + 1) * sizeof(*cell) > (unsigned int)len)
		return -EOVERFLOW;
	*value = be32_to_cpup(cell + index);
	return 0;
}

int of_property_read_u32_array(const struct device_node *node, const char *prop, u32 *value,
			       size_t count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (of_property_read_u32_index(node, prop, i, value + i))
			return -EOVERFLOW;
	return 0;
}

int of_property_read_u64_array(const struct device_node *node, const char *prop, u64 *value,
			       size_t count)
{
	int len;
	const __be32 *cell = of_get_property(node, prop, &len);
	size_t i;

	if (!cell || count * sizeof(*value) > (size_t)len)
		return -EOVERFLOW;
	for (i = 0; i < count; i++)
		value[i] = of_read_number(cell + 2 * i, 2);
	return 0;
}

struct device_node *of_parse_phandle(const struct device_node *node, const char *prop, int index)
{
	u32 wanted;
	unsigned int i;

	if (of_property_read_u32_index(node, prop, (u32)index, &wanted))
		return NULL;
	for (i = 0; i < of.count; i++)
		if (of.node[i].phandle == wanted)
			return &of.node[i];
	return NULL;
}

const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

void of_fake_reserved(const char *name, uint64_t less)
{
	of.short_name = name;
	of.less = less;
}

struct reserved_mem *of_reserved_mem_lookup(struct device_node *node)
{
	const int root = fdt_path_offset(of.fdt, "/"), cells = fdt_address_cells(of.fdt, root);
	const char *name = kbasename(node->full_name);
	struct device_node *parent = of_get_parent(node), *first;
	const __be32 *reg;

	for_each_child_of_node(parent, first)
		if (!strcmp(kbasename(first->full_name), name))
			break;
	reg = of_get_property(first, "reg", NULL);
	if (!reg || cells < 0)
		return NULL;
	of.mem.base = of_read_number(reg, cells);
	of.mem.size = of_read_number(reg + cells, fdt_size_cells(of.fdt, root));
	if (!of.short_name || !of_node_name_eq(node, of.short_name))
		return &of.mem;
	of.mem.size -= of.less;
	return of.less ? &of.mem : NULL;
}
