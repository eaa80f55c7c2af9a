# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The trees of test/unit/fdt*_test.c: QEMU's own, the Apple machines' in U-Boot's source (as they are,
# and with a GPU), and small ones of ours.

fdt-dir := $(o)/test/fdt
fdt-apple-src := $(u-boot-src)/dts/upstream/src/arm64/apple

qemu-dtb-plain :=
qemu-dtb-gic3 := ,gic-version=3
qemu-dtb-smmu := ,iommu=smmuv3
qemu-dtb-el2 := ,virtualization=on
qemu-dtb-lowmem := ,highmem=off
fdt-qemu := $(foreach v,plain gic3 smmu el2 lowmem,$(fdt-dir)/qemu-$(v).dtb)

# Per machine: the node of the bus, the upper digits of the GPU's addresses, its compatibles.
apple-t8103-j274 := soc 2 "apple,agx-g13g"
apple-t8112-j413 := soc 2 "apple,agx-g14g"
apple-t6000-j314s := soc@200000000 4 "apple,agx-g13s"
apple-t6001-j375c := soc@200000000 4 "apple,agx-g13c","apple,agx-g13s"
apple-t6002-j375d := soc@200000000 4 "apple,agx-g13d","apple,agx-g13s"
fdt-machines := t8103-j274 t8112-j413 t6000-j314s t6001-j375c t6002-j375d
fdt-apple := $(foreach m,$(fdt-machines),$(fdt-dir)/$(m).dtb $(fdt-dir)/$(m)-gpu.dtb)

fdt-own := $(patsubst test/unit/fdt/%.dts,$(fdt-dir)/%.dtb,$(wildcard test/unit/fdt/*.dts))
fdt-overlay := $(fdt-dir)/qemu-overlay.dtb
fdt-dtbs := $(fdt-qemu) $(fdt-apple) $(fdt-own) $(fdt-overlay)

$(fdt-qemu): $(fdt-dir)/qemu-%.dtb: test/unit/fdt.mk
	$(say) QEMU $(@F)
	$(Q)mkdir -p $(@D)
	$(Q)qemu-system-aarch64 -M virt$(qemu-dtb-$*),dumpdtb=$@ -cpu cortex-a57 -smp 2 -m 1G \
		-nodefaults -display none 2>$@.log || { cat $@.log >&2; exit 1; }

apple-cpp := cpp -P -nostdinc -undef -D__DTS__ -x assembler-with-cpp \
	-I$(fdt-apple-src) -I$(u-boot-src)/dts/upstream/include

$(fdt-machines:%=$(fdt-dir)/%.dtb): $(fdt-dir)/%.dtb: $(u-boot-src)/.unpacked test/unit/fdt.mk
	$(say) DTC $(@F)
	$(Q)mkdir -p $(@D)
	$(Q)$(apple-cpp) $(fdt-apple-src)/$*.dts | dtc -q -I dts -O dtb -o $@

$(fdt-machines:%=$(fdt-dir)/%-gpu.dtb): $(fdt-dir)/%-gpu.dtb: test/unit/fdt/apple-gpu.dtsi \
		$(u-boot-src)/.unpacked test/unit/fdt.mk
	$(say) DTC $(@F)
	$(Q)mkdir -p $(@D)
	$(Q)cat $(fdt-apple-src)/$*.dts $< | $(apple-cpp) -DSOC=$(word 1,$(apple-$*)) \
		-DGPU=gpu@$(word 2,$(apple-$*))06400000 -DMBOX=mbox@$(word 2,$(apple-$*))06408000 \
		-DHIGH=$(word 2,$(apple-$*)) '-DCOMPATIBLE=$(word 3,$(apple-$*))' - | dtc -q -I dts -O dtb -o $@

$(fdt-own): $(fdt-dir)/%.dtb: test/unit/fdt/%.dts $(wildcard test/unit/fdt/*.dtsi)
	$(say) DTC $(@F)
	$(Q)mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

$(fdt-overlay): dts/qemu-virt-gpu.dtso $(fdt-dir)/qemu-plain.dtb
	$(say) DTC $(@F)
	$(Q)dtc -q -@ -I dts -O dtb -o $(@:.dtb=.dtbo) $<
	$(Q)fdtoverlay -i $(fdt-dir)/qemu-plain.dtb -o $@ $(@:.dtb=.dtbo)

unit-fdt unit-fdt_memory unit-contract unit-of: $(fdt-dtbs)
unit-fdt unit-fdt_memory unit-contract unit-of: export GPUAS_DTB_DIR := $(fdt-dir)

## dt-schema: judge bindings and filled trees by dt-schema (fetches 18 MB once)
fdt-filled := $(foreach t,qemu-plain qemu-smmu qemu-overlay qemu-published t8103-j274 t6002-j375d,$(fdt-dir)/filled-$(t).dtb) \
	$(foreach t,aurora-m3 ico-t6030 aurora-g16 gravity-g16 gravity-neo vinix,$(fdt-dir)/contract-$(t).dtb)
.PHONY: dt-schema
dt-schema: unit-fdt unit-contract
	$(Q)$(suite) $@ test/dt-schema.sh $(cache)/dt-schema $(fdt-filled)
