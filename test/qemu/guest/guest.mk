# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# What users' programs need in the guest: Debian's libdrm and C library for arm64, unpacked and never
# installed; gpuas-test, which is linked with them; and programs of others. Each is an archive of its
# own behind the initrd, for the boots that use it.

guest := $(o)/guest
guest-root := test/qemu/guest/root.sh
guest-cc = $(CROSS_COMPILE)gcc $(filter-out -MMD -MP,$(cflags)) -O2 -D_DEFAULT_SOURCE

$(guest)/lib/.unpacked $(guest)/dev/.unpacked $(guest)/client/.unpacked: \
$(guest)/%/.unpacked: $(guest-root) $(fetch)
	$(say) UNPACK 'guest $*'
	$(Q)$(guest-root) unpack $(cache) $(@D) $*

# The library proper in the place of a linker's symlink. It wants a newer C library than the compiler has.
guest-drm = -isystem $(guest)/dev/usr/include -isystem $(guest)/dev/usr/include/libdrm -s \
	$(guest)/lib/usr/lib/aarch64-linux-gnu/libdrm.so.2 -Wl,--allow-shlib-undefined
$(o)/gpuas-test: $(wildcard test/qemu/user/*.[ch] board/qemu-virt/linux/user/say.[ch]) \
		board/qemu-virt/linux/gpuas_drm.h $(guest)/lib/.unpacked $(guest)/dev/.unpacked test/qemu/guest/guest.mk
	$(say) CC 'guest $(@F)'
	$(Q)$(guest-cc) $(filter %.c,$^) $(guest-drm) -o $@

$(guest)/user.cpio.gz: $(o)/gpuas-test $(guest)/lib/.unpacked $(guest-root)
	$(say) CPIO 'guest user'
	$(Q)rm -rf $(guest)/user && mkdir -p $(guest)/user/bin
	$(Q)cp $< $(guest)/user/bin/
	$(Q)$(guest-root) libraries $(guest)/lib $(guest)/user
	$(Q)$(guest-root) cpio $(guest)/user $@

guest-clients := test/qemu/guest/gpuas-clients
$(guest)/clients.cpio.gz: $(guest-clients) $(o)/gpuas-test $(guest)/client/.unpacked $(guest-root)
	$(say) CPIO 'guest clients'
	$(Q)rm -rf $(guest)/clients && mkdir -p $(guest)/clients/bin
	$(Q)cp $(guest-clients) $(o)/gpuas-test $(guest)/client/usr/bin/* $(guest)/clients/bin/
	$(Q)$(guest-root) libraries $(guest)/client $(guest)/clients
	$(Q)$(guest-root) cpio $(guest)/clients $@

# Of 6.12 alone: a module that measures io-pgtable
iopgtable := $(o)/linux/6.12/iopgtable
$(iopgtable)/gpuas-iopgtable.ko: test/qemu/iopgtable/iopgtable.c $(o)/linux/6.12/.unpacked test/qemu/guest/guest.mk
	$(say) MODULE 'io-pgtable 6.12'
	$(Q)rm -rf $(@D) && mkdir -p $(@D) && cp $< $(@D)/gpuas-iopgtable.c
	$(Q)echo 'obj-m := gpuas-iopgtable.o' >$(@D)/Kbuild
	$(under)$(Q)$(kernel) make $(o)/linux/6.12 $(tools-dir) $(if $(filter 1,$(V)),,-s) M=$(@D) \
		V=$(or $(V),0) KCFLAGS=-Werror modules

$(guest)/scatter.cpio.gz: $(o)/gpuas-test $(guest)/lib/.unpacked $(guest-root) \
		test/qemu/guest/gpuas-iopgtable $(iopgtable)/gpuas-iopgtable.ko
	$(say) CPIO 'guest scatter'
	$(Q)rm -rf $(guest)/scatter && mkdir -p $(guest)/scatter/bin
	$(Q)cp $(o)/gpuas-test test/qemu/guest/gpuas-iopgtable $(guest)/scatter/bin/
	$(Q)$(CROSS_COMPILE)strip -g -o $(guest)/scatter/gpuas-iopgtable.ko $(iopgtable)/gpuas-iopgtable.ko
	$(Q)$(guest-root) libraries $(guest)/lib $(guest)/scatter
	$(Q)$(guest-root) cpio $(guest)/scatter $@

# An initrd with it: $(o)/linux/KERNEL/initrd-user.gz, initrd-clients.gz, initrd-scatter.gz
define guest-rules
$(o)/linux/$(1)/initrd-%.gz: $(o)/linux/$(1)/initrd.gz $(guest)/%.cpio.gz
	$$(if $$(have-$(1)),$$(Q)cat $$^ >$$@)
endef
$(foreach k,$(kernels),$(eval $(call guest-rules,$(k))))
.PRECIOUS: $(guest)/%.cpio.gz $(o)/linux/%.gz
