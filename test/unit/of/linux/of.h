/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * As much of Linux' <linux/of.h> as lib/linux/of*.c use, on a blob: what they do with a tree can
 * then be tested without a kernel. Names, arguments and errors are the kernel's, which are its API.
 */
#ifndef FAKE_LINUX_OF_H
#define FAKE_LINUX_OF_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint32_t __be32;
typedef uint64_t __be64;
typedef uint64_t __le64;
typedef u32 phandle;

#define __force

struct device_node {
	phandle phandle;
	const char *full_name;
	int offset;
};

struct property {
	const char *value;
	int length;
};

/* Make nodes of all of a blob, which has to stay as it is. */
void of_fake(const void *fdt);

struct device_node *of_node_get(struct device_node *node);
void of_node_put(struct device_node *node);
struct device_node *of_find_all_nodes(struct device_node *from);
struct device_node *of_find_node_by_path(const char *path);
struct device_node *of_get_parent(const struct device_node *node);
struct device_node *of_parse_phandle(const struct device_node *node, const char *prop, int index);
struct device_node *of_next_child(const struct device_node *parent, struct device_node *child);
bool of_node_name_eq(const struct device_node *node, const char *name);
bool of_device_is_available(const struct device_node *node);
bool of_device_is_compatible(const struct device_node *node, const char *compatible);

const void *of_get_property(const struct device_node *node, const char *prop, int *len);
bool of_property_present(const struct device_node *node, const char *prop);
int of_property_count_u32_elems(const struct device_node *node, const char *prop);
int of_property_count_u64_elems(const struct device_node *node, const char *prop);
int of_property_count_strings(const struct device_node *node, const char *prop);
int of_property_match_string(const struct device_node *node, const char *prop, const char *string);
int of_property_read_string(const struct device_node *node, const char *prop, const char **string);
int of_property_read_u32_index(const struct device_node *node, const char *prop, u32 index,
			       u32 *value);
int of_property_read_u32_array(const struct device_node *node, const char *prop, u32 *value,
			       size_t count);
int of_property_read_u64_array(const struct device_node *node, const char *prop, u64 *value,
			       size_t count);
const char *of_fake_string(const struct device_node *node, const char *prop, int index);
u64 of_read_number(const __be32 *cell, int cells);
u32 be32_to_cpup(const __be32 *cell);
u64 be64_to_cpu(__be64 value);
u64 le64_to_cpu(__le64 value);
const char *kbasename(const char *path);

static inline int of_property_read_u32(const struct device_node *node, const char *prop, u32 *value)
{
	return of_property_read_u32_array(node, prop, value, 1);
}

#define for_each_child_of_node(parent, child) \
	for ((child) = of_next_child(parent, NULL); (child); (child) = of_next_child(parent, child))
#define for_each_available_child_of_node(parent, child) \
	for_each_child_of_node(parent, child) \
		if (of_device_is_available(child))
#define of_property_for_each_string(node, name, prop, string) \
	for (int of_index_ = ((prop) = NULL, 0); \
	     ((string) = of_fake_string(node, name, of_index_)); of_index_++)

#endif /* FAKE_LINUX_OF_H */
