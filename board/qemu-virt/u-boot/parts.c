// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of the machine that make up the stand-in. GPL only, as the code in U-Boot's headers is. */
#include <dm.h>
#include <pci.h>
#include <qfw.h>
#include <asm/global_data.h>
#include <asm/system.h>
#include <dm/uclass.h>
#include <linux/libfdt.h>
#include <linux/psci.h>

#include "gpu.h"

DECLARE_GLOBAL_DATA_PTR;

#define EDU_VENDOR	0x1234
#define EDU_DEVICE	0x11e8
#define FIRMWARE_FILE	"opt/gpuas/firmware"
#define PSCI_OFF	1

static int missing(struct gpuas_report *report, const char *name, const char *what)
{
	return gpuas_report(report, -GPUAS_ENOENT, "part", name, what);
}

/* Address @n of a node's reg, as QEMU writes it: two cells each. */
static int reg(const char *compatible, int n, uint64_t *pa, struct gpuas_report *report)
{
	int len, node = fdt_node_offset_by_compatible(gd->fdt_blob, -1, compatible);
	const fdt64_t *value = node < 0 ? NULL : fdt_getprop(gd->fdt_blob, node, "reg", &len);

	if (!value || len < (2 * n + 2) * (int)sizeof(*value))
		return missing(report, compatible, "is not in the machine");
	*pa = fdt64_to_cpu(value[2 * n]);
	return 0;
}

void gpu_master(bool on)
{
	struct udevice *dev;

	if (!dm_pci_find_device(EDU_VENDOR, EDU_DEVICE, 0, &dev))
		dm_pci_clrset_config16(dev, PCI_COMMAND, PCI_COMMAND_MASTER,
				       on ? PCI_COMMAND_MASTER : 0);
}

static int edu(struct fw_boot *boot, struct gpuas_report *report)
{
	struct udevice *dev;

	if (dm_pci_find_device(EDU_VENDOR, EDU_DEVICE, 0, &dev))
		return missing(report, "edu", "is not on the PCI bus");
	dm_pci_clrset_config16(dev, PCI_COMMAND, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	boot->edu = dm_pci_mem_to_phys(dev, dm_pci_read_bar32(dev, 0));
	boot->stream = PCI_BUS(dm_pci_get_bdf(dev)) << 8 | (dm_pci_get_bdf(dev) >> 8 & 0xff);
	return 0;
}

static uint64_t cpus(void)
{
	int node, cpus = fdt_path_offset(gd->fdt_blob, "/cpus");
	const char *type;
	uint64_t count = 0;

	fdt_for_each_subnode(node, gd->fdt_blob, cpus) {
		type = fdt_getprop(gd->fdt_blob, node, "device_type", NULL);
		count += type && !strcmp(type, "cpu");
	}
	return count;
}

int gpu_parts(struct fw_boot *boot, struct gpuas_report *report)
{
	int err;

	if (!IS_ENABLED(CONFIG_ARM64))
		return missing(report, "CPU", "for the firmware has to be a 64-bit one");
	boot->cpus = cpus();
	if (boot->cpus < 2)
		return missing(report, "CPU", "for the firmware is not in the machine");
	err = reg("arm,smmu-v3", 0, &boot->smmu, report);
	if (!err)
		err = reg("arm,gic-v3", 0, &boot->gicd, report);
	if (!err)
		err = reg("arm,gic-v3", 1, &boot->gicr, report);
	return err ? err : edu(boot, report);
}

void gpu_wait_for_cpus(void)
{
#ifdef CONFIG_ARM64
	if (current_el() == 1)
		__asm__ volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
	else if (current_el() == 2)
		__asm__ volatile("dsb ish\n\ttlbi alle2is\n\tdsb ish\n\tisb" : : : "memory");
#endif
}

int gpu_load_firmware(void *to, uint64_t size, struct gpuas_report *report)
{
	struct fw_file *file = NULL;
	struct udevice *dev;
	uint32_t length;

	if (!qfw_get_dev(&dev) && !qfw_read_firmware_list(dev))
		file = qfw_find_file(dev, FIRMWARE_FILE);
	if (!file)
		return gpuas_report(report, -GPUAS_ENOENT, "firmware", NULL,
				    "no file " FIRMWARE_FILE " in fw_cfg");
	length = be32_to_cpu(file->cfg.size);
	if (!length || length > size)
		return gpuas_report_hex(report, -GPUAS_EMSGSIZE, "firmware", NULL,
					"does not fit fw-text, bytes", length);
	qfw_read_entry(dev, be16_to_cpu(file->cfg.select), length, to);
	return 0;
}

int gpu_cpu_on(uint64_t cpu, uint64_t entry, uint64_t arg, struct gpuas_report *report)
{
	struct udevice *dev;
	long result;

	if (uclass_get_device_by_name(UCLASS_FIRMWARE, "psci", &dev))
		return missing(report, "PSCI", "is not in the machine");
	result = invoke_psci_fn(PSCI_0_2_FN64_CPU_ON, cpu, entry, arg);
	if (!result)
		return 0;
	return gpuas_report_dec(report, -GPUAS_EACCES, "CPU", NULL, "PSCI does not start it, error",
				-result);
}

bool gpu_cpu_is_off(uint64_t cpu)
{
	return invoke_psci_fn(PSCI_0_2_FN64_AFFINITY_INFO, cpu, 0, 0) == PSCI_OFF;
}
