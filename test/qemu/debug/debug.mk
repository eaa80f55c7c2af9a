# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The debug kernel, and the suites of boots on it. It is no part of "make test", but for a test of its judge.

debug := test/qemu/debug
linux-debug := $(o)/linux/debug
have-debug := yes

$(linux-debug)/.unpacked: $(debug)/kernel.sh $(debug)/kernel.config $(fetch)
	$(Q)mkdir -p $(cache)
	+$(Q)$(if $(dry-run),:,CROSS_COMPILE=$(CROSS_COMPILE) MAKE='$(MAKE)' $(debug)/kernel.sh $(cache) $(@D) \
		$(jobs) $(kbuild-flags) | $(call progress,LINUX))

# The driver's modules as for any kernel; then, with what asks the checkers in the guest, the initrd.
$(eval $(call module-rules,debug,$(linux-debug)/plain))
guest-archive = find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc --reproducible -R 0:0 --quiet | gzip -1n
$(linux-debug)/initrd.gz: $(linux-debug)/plain/initrd.gz $(debug)/guest
	$(Q)rm -rf $(@D)/initrd && mkdir -p $(@D)/initrd
	$(Q)cp $(debug)/guest $(@D)/initrd/debug
	$(Q){ cat $<; cd $(@D)/initrd; $(guest-archive); } >$@

$(linux-debug)/planted.gz: $(linux-debug)/.unpacked $(o)/busybox $(addprefix $(debug)/,guest planted-init planted.c)
	$(say) INITRD 'debug planted'
	$(Q)rm -rf $(@D)/planted && mkdir -p $(@D)/planted/initrd/bin
	$(Q)cp $(debug)/planted.c $(@D)/planted
	$(Q)echo 'obj-m := planted.o' >$(@D)/planted/Kbuild
	$(under)$(Q)$(kernel) make $(@D) $(tools-dir) -s M=$(@D)/planted V=0 modules
	$(Q)cp $(o)/busybox $(@D)/planted/initrd/bin
	$(Q)cp $(debug)/guest $(@D)/planted/initrd/debug
	$(Q)cp $(debug)/planted-init $(@D)/planted/initrd/init
	$(Q)cp $(@D)/planted/planted.ko $(@D)/planted/initrd
	$(Q)cd $(@D)/planted/initrd && $(guest-archive) >$@

# Without EFI, which the kernel has not, and without what needs another driver
debug-boots := $(addprefix debug-qemu-,booti published)
debug-standin := $(patsubst qemu-%,debug-%,$(filter-out %-no-flush %-early %-locked-6.12,$(qemu-standin))) debug-standin-faults
debug-bad := $(patsubst qemu-%,debug-%,$(filter-out %-untold,$(qemu-bad)))
debug-next := debug-kexec debug-kdump
debug-core := debug-core-answers debug-core-published
debug-suites := debug-planted $(debug-boots) $(debug-standin) $(debug-core) $(debug-next) $(debug-bad)
.PHONY: $(debug-suites) debug-suites
$(debug-next): $(o)/kexec/.unpacked
$(debug-boots) $(debug-standin) $(debug-core) $(debug-next) $(debug-bad): $(standin) $(linux-debug)/initrd.gz $(closed) $(dumped) \
		$(guest)/user.cpio.gz
debug-planted: $(linux-debug)/planted.gz $(qemu-dir)/.unpacked
	$(Q)INPUTS='$^ $(wildcard $(debug)/*)' $(suite) $@ $(debug)/planted.sh $(o)
debug-input = INPUTS='$^ $(boot-inputs) $(wildcard $(debug)/*)'
$(debug-boots): debug-qemu-%:
	$(Q)$(debug-input) $(suite) $@ $(debug)/checked.sh $(o)/test/boot-debug-$*.log test/qemu/boot.sh $(o) debug $*
$(debug-standin): debug-standin-%:
	$(Q)$(debug-input) $(suite) $@ $(debug)/checked.sh $(o)/test/standin-$*-debug.log \
		test/qemu/standin.sh $(o) $* $(closed)
$(debug-core): debug-core-%: $(tool)
	$(Q)$(debug-input) $(suite) $@ $(debug)/checked.sh $(o)/test/core-debug-$*.log \
		test/qemu/core.sh $(o) debug $* $(dumped)
$(debug-bad): debug-bad-%:
	$(Q)$(debug-input) $(suite) $@ $(debug)/checked.sh $(o)/test/bad-$*-debug.log test/qemu/negative.sh $(o) $*
debug-kexec:
	$(Q)$(debug-input) $(suite) $@ $(debug)/checked.sh $(o)/test/next-kexec-debug-debug.log \
		test/qemu/next.sh $(o) debug debug kexec
debug-kdump:
	$(Q)$(debug-input) DEBUG_OWN='Kernel panic - not syncing: sysrq' $(suite) $@ \
		$(debug)/checked.sh $(o)/test/next-panic-debug-debug.log test/qemu/next.sh $(o) debug debug panic
debug-suites: $(debug-suites)

qemu-debug-judge:
	$(Q)$(suite) $@ $(debug)/reports-test.sh $(debug)/sample.log $(debug)/samples

## debug-kernel: build Linux 6.12 with KASAN, lockdep and more (cached), run boots on it
.PHONY: debug-kernel qemu-debug-judge
debug-kernel: deps
	+$(Q)$(self) debug-suites
	$(Q)test/summary.sh $(debug-suites:%=$(o)/test/%.tap)
