# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# From source to a booted kernel: U-Boot with libgpuas linked in, and per kernel the modules, an initrd
# and an EFI disk image. Neither U-Boot nor the distribution kernels are changed.

run := board/qemu-virt/run.sh
u-boot-src := $(o)/u-boot-src
u-boot-out := $(o)/u-boot

# A bare "make" should use all cores in the long builds too, and one more: a boot waits for its guest a
# third of its time. With -j, they share its slots.
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell expr $$(nproc) + 1))
kbuild-flags = V=$(or $(V),0) W=$(W)
# The lists are written by hand: say clearly when one names a file that is not there.
need = $(foreach f,$(1),$(if $(wildcard $(f)),,$(error lib/sources.mk lists $(f), not found)))
# Many lines of kbuild a second are no help; the number of steps done is. Warnings go to stderr.
count-steps = awk '{ n++ } n % 100 == 0 { printf "  %-7s %d steps\n", "$(1)", n; fflush() }'
progress = $(if $(filter 1,$(V)),cat,$(count-steps))

#
# U-Boot
#

u-boot-make = $(MAKE) $(jobs) -C $(u-boot-src) O=$(u-boot-out) \
	CROSS_COMPILE=$(CROSS_COMPILE) $(kbuild-flags)
# A fixed date makes equal sources give equal binaries. Nothing of ours may depend on the value. Debug
# information is a fifth of the time, and not in what is booted: to have it, make u-boot KCFLAGS=-g.
KCFLAGS ?= -g0
# Its tools for this machine run for moments, and take long to optimise; with -O0 those of 2026.07 do
# not link, since functions that nobody calls stay.
u-boot-env := SOURCE_DATE_EPOCH=1736208000 HOSTCFLAGS=-O1 KCFLAGS='$(KCFLAGS)'

# Any other tree: make u-boot U_BOOT_SRC=DIR, which is never written to.
overlay := board/qemu-virt/u-boot/overlay.sh
u-boot-from := $(abspath $(U_BOOT_SRC))
ifneq ($(u-boot-from),$(file <$(u-boot-src)/.unpacked))
$(u-boot-src)/.unpacked: FORCE
endif
.PHONY: FORCE

# A fifth of the files, of which no build takes one
u-boot-untar := tar --strip-components=1 --no-wildcards-match-slash \
	--exclude='u-boot*/dts/upstream/Bindings' --exclude='u-boot*/doc' -xf
ifeq ($(U_BOOT_SRC),)
$(u-boot-src)/.unpacked: $(cache)/plan
	$(Q)$(fetch) get $(cache) u-boot
	$(say) UNPACK U-Boot
	$(Q)rm -rf $(u-boot-src) $(u-boot-out)
	$(Q)mkdir -p $(u-boot-src)
	$(Q)$(u-boot-untar) "$$($(fetch) file $(cache) u-boot)" -C $(u-boot-src)
	$(Q)touch $@
else
$(u-boot-src)/.unpacked:
	$(say) LINK U-Boot
	$(Q)rm -rf $(u-boot-out)
	$(Q)$(overlay) $(u-boot-from) $(u-boot-src)
	$(Q)echo $(u-boot-from) >$@
endif

# The newest that Debian has. If it cannot be had, the rule says so and succeeds without its target.
u-boot-newest := $(o)/u-boot-newest
$(u-boot-newest)/.unpacked: $(fetch)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)if $(fetch) -u get $(cache) u-boot-newest 2>/dev/null; then \
		$(u-boot-untar) "$$($(fetch) -u file $(cache) u-boot-newest)" -C $(@D); \
		touch $@; \
	else \
		echo "  U-BOOT  the newest cannot be had: its part of the tests is skipped" >&2; \
	fi

# Kconfig drops lines that it does not like without a word, so each is looked up afterwards.
$(u-boot-out)/.config: board/qemu-virt/u-boot.config $(u-boot-src)/.unpacked
	$(say) CONFIG U-Boot
	$(Q)mkdir -p $(@D)
	$(under)$(Q)$(u-boot-make) -s qemu_arm64_defconfig
	$(Q)$(u-boot-src)/scripts/kconfig/merge_config.sh -m -O $(@D) $@ $< >/dev/null
	$(under)$(Q)$(u-boot-make) -s olddefconfig
	$(Q)sed -n -e 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$$/- \1=/p' -e 's/^CONFIG_/+ &/p' $< | \
		while read -r how line; do \
			case $$how in \
			+) grep -qxF -e "$$line" $@ ;; \
			-) ! grep -q -e "^$$line" $@ ;; \
			esac || { echo "$<: U-Boot did not take: $$line" >&2; exit 1; }; \
		done

u-boot-deps := $(wildcard lib/*.[ch] lib/*/*.[ch] lib/sources.mk lib/u-boot/Makefile \
	lib/u-boot/board-config.mk $(addprefix lib/u-boot/include/,*.h */*.h) \
	include/*.h include/gpuas/*.h board/*.[ch] board/*/*.[ch] board/qemu-virt/u-boot/*.[ch])

$(u-boot-out)/u-boot.bin: $(u-boot-out)/.config $(u-boot-deps)
	$(call need,$(addprefix lib/,$(GPUAS_CORE_SRCS) $(GPUAS_SNAPSHOT_SRCS) $(GPUAS_FDT_SRCS)))
	$(call need,$(addprefix board/,$(GPUAS_BOARD_SRCS)))
	$(say) MAKE U-Boot
	$(Q)rm -rf $(u-boot-src)/lib/gpuas && ln -srfn . $(u-boot-src)/lib/gpuas
	$(Q)ln -srfn lib/u-boot/board-config.mk $(u-boot-src)/board/emulation/qemu-arm/config.mk
	$(under)$(Q)$(u-boot-env) $(u-boot-make) | $(call progress,U-BOOT)
	$(Q)touch $@

## u-boot: build U-Boot for QEMU's virt machine, with libgpuas in it (4 min of a CPU)
.PHONY: u-boot
u-boot: $(u-boot-out)/u-boot.bin

# All of the machine but the OS.
standin := $(u-boot-out)/u-boot.bin $(firmware) $(qemu-dir)/.unpacked

#
# Linux: for each kernel the modules, an initrd and a disk image. gpuas.ko is the library,
# gpuas-qemu-virt.ko the stand-in's driver, gpuas-test.ko what tests make it do; they are built with the
# first.
#

init := board/qemu-virt/linux/init
# Who uses the render node
guest-programs := $(o)/gpuas-copy
# The render node: for kernels that have DRM GPUVM, and pages no smaller than the GPU's
render-dir := board/qemu-virt/linux/render
render-none := $(render-dir)/none.c
render-srcs := $(filter-out $(render-none),$(wildcard $(render-dir)/*.c))
# What the driver has in common with the firmware and with U-Boot
module-parts := board/qemu-virt/mailbox.c board/qemu-virt/device/smmu.c
module-deps := $(wildcard lib/*.[ch] lib/*/*.[ch] lib/sources.mk lib/linux/Kbuild \
	$(addprefix lib/linux/include/,*.h */*.h) include/*.h include/gpuas/*.h \
	board/qemu-virt/*.h board/qemu-virt/linux/*.[ch] $(render-dir)/*.[ch] \
	board/qemu-virt/device/*.h board/qemu-virt/device/linux/*.h test/qemu/module/*.[ch]) $(module-parts)
module-test-srcs := $(wildcard test/qemu/module/*.c)
module-srcs := $(wildcard board/qemu-virt/linux/*.c) $(module-parts)

kernel := CROSS_COMPILE=$(CROSS_COMPILE) board/qemu-virt/kernel.sh

# module-rules KERNEL,FOLDER[,SED-ARGUMENTS]: modules and initrd in FOLDER; to see a test fail, one of
# their files may be changed: all other objects are those of the kernel's own modules, whose commands get
# the other folder's name. Of a kernel that cannot be had nothing is made, and nothing fails.
define module-rules
$(if $(3),$(2)/module/gpuas.ko: $(o)/linux/$(1)/module/gpuas.ko)
# The driver as a folder of symlinks, so that objects of several kernels stay apart and out of the
# source tree; those of the library do by themselves.
$(2)/module/gpuas.ko: $$(linux-$(1))/.unpacked $(module-deps) board/qemu-virt/boot.mk
	$$(call need,$$(addprefix lib/,$$(GPUAS_CORE_SRCS) $$(GPUAS_SNAPSHOT_SRCS)))
	$$(if $(module-srcs),,$$(error board/qemu-virt/linux has no C file))
	$$(if $$(have-$(1)),$$(say) MODULE '$(patsubst $(o)/%,%,$(2))')
	$(if $(3),$$(Q)rm -rf $$(@D) && mkdir -p $(2) && cp -a $$(linux-$(1))/module $$(@D) && \
		rm -f $$(addprefix $$(@D)/,gpuas.* .gpuas.* gpuas-*.* .gpuas-*.* *modules.order* *Module.symvers*) && \
		find $$(@D) -name '.*.cmd' -exec sed -i 's#$$(linux-$(1))/module#$$(@D)#g' {} +)
	$$(Q)mkdir -p $$(@D)/board/qemu-virt $$(@D)/test/qemu/module
	$$(Q)ln -sfn "$(CURDIR)" $$(@D)/libgpuas
	$$(Q)ln -sf "$(CURDIR)"/board/qemu-virt/*.[ch] $$(@D)/board/qemu-virt/
	$$(Q)$(if $(module-test-srcs),cp -rsfT "$(CURDIR)"/test/qemu/module $$(@D)/test/qemu/module)
	$$(Q)for part in linux device; do \
		cp -rsfT "$(CURDIR)/board/qemu-virt"/$$$$part $$(@D)/board/qemu-virt/$$$$part; \
	done
	$$(Q)find $$(@D) -xtype l -delete
	$(if $(3),$$(Q)cd $$(@D) && sed -i $(3) && ! cmp -s $$(lastword $(3)) "$(CURDIR)"/$$(lastword $(3)))
	$$(Q)printf '%s\n' 'gpuas := $$(@D)/libgpuas' 'include $$$$(gpuas)/lib/linux/Kbuild' \
		'obj-m := gpuas.o gpuas-qemu-virt.o $(if $(module-test-srcs),gpuas-test.o)' \
		'gpuas-y := $$$$(gpuas-module-objs)' \
		'ccflags-y += $$$$(addprefix -I$$$$(src)/board/qemu-virt/,device/linux linux)' \
		'gpuas-qemu-virt-y := $(module-srcs:.c=.o)' 'gpuas-test-y := $(module-test-srcs:.c=.o)' \
		'ifneq ($$$$(and $$$$(CONFIG_DRM_GPUVM),$$$$(CONFIG_ARM64_16K_PAGES)$$$$(CONFIG_ARM64_64K_PAGES)),)' \
		'gpuas-qemu-virt-y += $(render-srcs:.c=.o)' 'else' \
		'gpuas-qemu-virt-y += $(render-none:.c=.o)' 'endif' >$$(@D)/Kbuild
	$$(under)$$(Q)$$(if $$(have-$(1)),$(kernel) make $$(linux-$(1)) \
		$(tools-dir) $$(if $$(filter 1,$$(V)),,-s) $$(jobs) M=$$(@D) V=$(or $(V),0) \
		W=$(or $(W),1) KCFLAGS=-Werror modules && touch $$@)

$(2)/initrd.gz: $(2)/module/gpuas.ko $(o)/busybox $(guest-programs) $(init)
	$$(if $$(have-$(1)),$$(say) INITRD '$(patsubst $(o)/%,%,$(2))')
	$$(Q)rm -rf $$(@D)/initrd && mkdir -p $$(@D)/initrd/bin
	$$(Q)cp $(o)/busybox $(guest-programs) $$(@D)/initrd/bin/
	$$(Q)cp $(init) $$(@D)/initrd/init
	$$(Q)[ ! -d $$(linux-$(1))/modules ] || cp -r $$(linux-$(1))/modules $$(@D)/initrd/
	$$(Q)$$(if $$(have-$(1)),for ko in $$(<D)/*.ko; do \
		$(CROSS_COMPILE)strip -g -o $$(@D)/initrd/$$$${ko##*/} $$$$ko; done)
	$$(Q)find $$(@D)/initrd -mindepth 1 -exec touch -d @0 {} +
	$$(Q)$$(if $$(have-$(1)),cd $$(@D)/initrd && find . -mindepth 1 | LC_ALL=C sort | \
		cpio -o -H newc --reproducible -R 0:0 --quiet | gzip -1n >$$@)
endef

define kernel-rules
linux-$(1) := $(o)/linux/$(1)
have-$(1) = $$(shell [ ! -e $(o)/linux/$(1)/.unpacked ] || echo yes)

$(o)/linux/$(1)/.unpacked: board/qemu-virt/kernel.sh
	$$(Q)$(kernel) unpack $(cache) $$(@D) $(1) $(tools-dir)
endef
$(foreach k,$(kernels) x86,$(eval $(call kernel-rules,$(k))))
$(patsubst %,$(o)/linux/%/.unpacked,$(release-kernels) x86): $(cache)/plan
$(patsubst %,$(o)/linux/%/.unpacked,$(newest-kernels)): $(fetch) $(tools-dir)/gcc/.unpacked

define boot-rules
$$(linux-$(1))/esp.img: $$(linux-$(1))/initrd.gz
	$$(if $$(have-$(1)),$$(say) DISK '$(1)')
	$$(Q)$$(if $$(have-$(1)),rm -f $$@ && truncate -s 128M $$@ && mformat -i $$@ -F :: && \
		mcopy -i $$@ $$(@D)/vmlinuz ::Image && mcopy -i $$@ $$< ::initrd.gz)

.PHONY: boot-$(1)-booti boot-$(1)-bootefi
boot-$(1)-booti: $(standin) $$(linux-$(1))/initrd.gz
boot-$(1)-bootefi: $(standin) $$(linux-$(1))/esp.img
boot-$(1)-booti boot-$(1)-bootefi: boot-$(1)-%:
	$$(Q)$(run) -O $(o) -k $(1) -p $$* -c $$(boot-flags)
endef

$(foreach k,$(kernels),$(eval $(call boot-rules,$(k))))
$(foreach k,$(kernels),$(eval $(call module-rules,$(k),$(o)/linux/$(k))))

$(o)/busybox: $(cache)/plan
	$(Q)$(fetch) get $(cache) busybox
	$(Q)mkdir -p $(@D)
	$(Q)dpkg --fsys-tarfile "$$($(fetch) file $(cache) busybox)" | tar -xO ./bin/busybox >$@
	$(Q)chmod +x $@

# The same for all kernels. What "make test" has besides is in test/qemu/user/.
$(o)/gpuas-copy: $(wildcard board/qemu-virt/linux/user/*.c)
$(guest-programs): $(o)/gpuas-%:
	$(say) CC 'guest $(@F)'
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS_COMPILE)gcc $(filter-out -MMD -MP,$(cflags)) -O2 -D_DEFAULT_SOURCE -static -s \
		$(filter %.c,$^) -o $@
$(guest-programs): $(wildcard board/qemu-virt/linux/user/*.h board/qemu-virt/linux/gpuas_drm.h \
	board/qemu-virt/*.h include/*.h include/gpuas/*.h)

## boot-KERNEL-PATH: boot 6.1, 6.12, newest or newest-16k by booti or bootefi
# make boot-6.1-booti SCRIPT='gpuas info' APPEND=gpuas.test=none RAM=2G TIMEOUT=60
# The stand-in's profile, of all binaries alike: answers or published
PROFILE ?= answers
boot-flags = -P $(PROFILE) $(if $(SCRIPT),-s '$(SCRIPT)') $(if $(APPEND),-a '$(APPEND)') \
	$(if $(RAM),-m $(RAM)) $(if $(TIMEOUT),-t $(TIMEOUT))

# modules: build the Linux modules for each kernel (initrd, disks: what they boot from)
# initrd: build the initrd for each kernel
# disks: build the EFI disk image for each kernel
.PHONY: modules initrd disks
modules: $(foreach k,$(kernels),$(linux-$(k))/module/gpuas.ko)
initrd: $(foreach k,$(kernels),$(linux-$(k))/initrd.gz)
disks: $(foreach k,$(kernels),$(linux-$(k))/esp.img)
