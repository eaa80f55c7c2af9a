// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A plugin of QEMU's TCG that says at its end how many instructions each CPU has
 * done, on stderr, and how many of them did nothing but wait: one reading of the
 * timer after the other. Distributions have no header for plugins; this declares
 * what it uses, which is what all versions have.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer instructions than this between two readings are a loop that waits. */
enum { LOOP = 64 };
enum { CPUS = 8, NO_REGISTERS = 0 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void executed_fn(unsigned int cpu, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_fn *fn,
					    int flags, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *data), void *data);

/* What QEMU looks for here */
extern int qemu_plugin_version;
int qemu_plugin_version = PLUGIN_VERSION;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static struct cpu {
	uint64_t count, waited, read;
} cpus[CPUS];

static void executed(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu < CPUS)
		cpus[cpu].count++;
}

static void timer_read(unsigned int cpu, void *data)
{
	struct cpu *c = &cpus[cpu];

	executed(cpu, data);
	if (cpu >= CPUS)
		return;
	if (c->count - c->read < LOOP)
		c->waited += c->count - c->read;
	c->read = c->count;
}

static bool reads_timer(const struct qemu_plugin_insn *insn)
{
	char *text = qemu_plugin_insn_disas(insn);
	bool reads = text && (strstr(text, "cntpct_el0") || strstr(text, "cntvct_el0"));

	free(text);
	return reads;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i;

	(void)id;
	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		qemu_plugin_register_vcpu_insn_exec_cb(insn, reads_timer(insn) ? timer_read : executed,
						       NO_REGISTERS, NULL);
	}
}

static void at_exit(uint64_t id, void *data)
{
	unsigned int cpu;

	(void)id;
	(void)data;
	for (cpu = 0; cpu < CPUS && cpus[cpu].count; cpu++)
		fprintf(stderr, "\ninstructions: cpu %u %" PRIu64 " waited %" PRIu64 "\n", cpu,
			cpus[cpu].count, cpus[cpu].waited);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	(void)argc;
	(void)argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
