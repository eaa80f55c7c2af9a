# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The benchmark of the page-table engine. It counts instructions and takes no times, so figures are
# the same in every run; but for bench-snapshot, which compares two times of one run. It is no test:
# "make test" does not run it.

bench := $(o)/bench
bench-snapshot-srcs := test/bench/snapshot.c test/bench/count.c
bench-srcs := $(filter-out test/bench/snapshot.c,$(wildcard test/bench/*.c))
bench-objs := $(bench-srcs:%.c=$(bench)/%.o)
# memset.c is memset(): its loops must not become calls of it.
bench-flags := -O2 -g -D_DEFAULT_SOURCE
$(bench)/test/bench/memset.o: bench-flags += -fno-tree-loop-distribute-patterns

$(bench)/%.o: %.c
	$(say) CC 'bench $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(bench-flags) -c $< -o $@
-include $(bench-objs:.o=.d) $(bench)/test/bench/snapshot.d

# The library as everybody else links it.
$(bench)/bench: $(bench-objs) $(o)/host/libgpuas.a
	$(say) LINK 'bench'
	$(Q)$(CC) $^ -o $@

## bench: count the engine's instructions, text and stack beside peers and targets
.PHONY: bench bench-host bench-size bench-snapshot bench-guest bench-aarch64 bench-boot bench-profile
bench: deps
	+$(Q)rc=0; for part in host size snapshot guest aarch64 boot; do \
		$(self) bench-$$part || rc=1; \
	done; exit $$rc

callgrind = valgrind -q --tool=callgrind --callgrind-out-file=$(bench)/callgrind

# bench-host: the same on the host only (callgrind)
bench-host: $(bench)/bench
	$(Q)$(callgrind) $< $(bench)/callgrind | tee $(bench)/host.txt

# bench-profile: say which functions cost what: make bench-profile ROW='GPU mix'
bench-profile: $(bench)/bench
	$(Q)$(callgrind) --compress-strings=no --compress-pos=no $< $(bench)/callgrind '$(or $(ROW),GPU mix)'
	$(Q)for file in $(bench)/callgrind.[0-9]*; do \
		awk -f test/bench/profile.awk $$file; rm -f $$file; done

#
# Text and stack: the engine and one format, for one granule
#

bench-engine := $(addprefix lib/,$(filter-out error.c table/format_lpae.c,$(GPUAS_ENGINE_SRCS)))

# bench-size: text and stack of the engine (aarch64, -Os), beside the budgets
bench-size:
	$(Q)mkdir -p $(bench)
	$(Q)test/bench/size.sh $(bench)/size $(cc-a64) $(bench-engine) -- \
		$(filter-out $(bench-engine),$(GPUAS_ENGINE_SRCS:%=lib/%)) -- \
		$(filter-out -MMD -MP,$(cflags) $(flags-a64)) | \
		tee $(bench)/size.txt

#
# Snapshots, and the cores that are written of them
#

$(bench)/snapshot: $(bench-snapshot-srcs:%.c=$(bench)/%.o) $(o)/host/libgpuas.a
	$(say) LINK 'bench snapshot'
	$(Q)$(CC) $^ -o $@

# bench-snapshot: leaves/s, throughput beside memcpy, memory of the writer; and instructions per leaf
bench-snapshot: $(bench)/snapshot
	$(Q){ $< && echo && $(callgrind) $< $(bench)/callgrind; } | tee $(bench)/snapshot.txt

#
# What the library costs a boot: beside the same U-Boot without it, and without what only it needs
#

$(bench)/u-boot/u-boot.bin: $(u-boot-out)/.config test/bench/bench.mk
	$(say) MAKE 'bench U-Boot without the library'
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)board/qemu-virt/u-boot/overlay.sh $(u-boot-src) $(bench)/u-boot-src
	$(Q)sed '/^CONFIG_\(EVENT\|OFNODE_MULTI_TREE\)=/s/^\(.*\)=y/# \1 is not set/' $< >$(@D)/.config
	$(under)$(Q)$(u-boot-without) -s olddefconfig
	$(under)$(Q)$(u-boot-env) $(u-boot-without) | $(call progress,U-BOOT)
u-boot-without = $(MAKE) $(jobs) -C $(bench)/u-boot-src O=$(bench)/u-boot \
	CROSS_COMPILE=$(CROSS_COMPILE) $(kbuild-flags)

# With the board of this machine only, as Kconfig would have it
$(bench)/u-boot-own/u-boot.bin: $(u-boot-out)/u-boot.bin
	$(say) MAKE 'bench U-Boot without boards of others'
	$(Q)rm -rf $(@D) && cp -a $(u-boot-out) $(@D)
	$(under)$(Q)$(u-boot-env) $(u-boot-own) | $(call progress,U-BOOT)
u-boot-own = $(MAKE) $(jobs) -C $(u-boot-src) O=$(bench)/u-boot-own CROSS_COMPILE=$(CROSS_COMPILE) \
	$(kbuild-flags) CONFIG_GPUAS_APPLE=

# bench-boot: what the library adds to U-Boot's run and to its binary (QEMU, -icount and a plugin)
bench-boot: $(addprefix $(bench)/,u-boot/u-boot.bin u-boot-own/u-boot.bin) $(standin)
	$(Q)test/bench/boot.sh $(o) $(CC) $(CROSS_COMPILE) | tee $(bench)/boot.txt

#
# In the guest: a module of its own, from the same files as the board's; no U-Boot is needed
#

bench-guest-src := test/bench/guest

# The host's benchmark for aarch64, with another counter, and the engine built as for the host
bench-a64-objs := $(patsubst %.c,$(bench)/a64/%.o,$(filter-out test/bench/count.c,$(bench-srcs)) \
	$(bench-guest-src)/count.c $(addprefix lib/,$(GPUAS_CORE_SRCS)) $(addprefix board/,$(GPUAS_BOARD_SRCS)))
$(bench)/a64/test/bench/memset.o: bench-flags += -fno-tree-loop-distribute-patterns
$(bench)/a64/%.o: %.c
	$(say) CC 'bench a64 $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(cflags) $(bench-flags) -c $< -o $@
-include $(bench-a64-objs:.o=.d)
$(bench)/a64/bench: $(bench-a64-objs)
	$(say) LINK 'bench a64'
	$(Q)$(cc-a64) -static $^ -o $@

define bench-guest-rules
bench-linux-$(1) := $(bench)/linux/$(1)

$$(bench-linux-$(1))/module/gpuas_bench.ko: $$(linux-$(1))/.unpacked $(module-deps) \
		$(bench-guest-src)/bench.c test/bench/bench.mk
	$$(say) MODULE 'bench $(1)'
	$$(Q)mkdir -p $$(@D)/$(bench-guest-src)
	$$(Q)ln -sfn "$(CURDIR)" $$(@D)/libgpuas
	$$(Q)ln -sf "$(CURDIR)/$(bench-guest-src)/bench.c" $$(@D)/$(bench-guest-src)/
	$$(Q)printf '%s\n' 'gpuas := $$(@D)/libgpuas' 'include $$$$(gpuas)/lib/linux/Kbuild' \
		'obj-m := gpuas_bench.o' \
		'gpuas_bench-y := $$$$(gpuas-objs) $(bench-guest-src)/bench.o' >$$(@D)/Kbuild
	$$(under)$$(Q)$(kernel) make $$(linux-$(1)) $(tools-dir) $$(if $$(filter 1,$$(V)),,-s) \
		$$(jobs) M=$$(@D) V=$(or $(V),0) W=$(or $(W),0) modules
	$$(Q)touch $$@

$$(bench-linux-$(1))/initrd.gz: $$(bench-linux-$(1))/module/gpuas_bench.ko $(o)/busybox \
		$(bench)/a64/bench $(bench-guest-src)/init
	$$(say) INITRD 'bench $(1)'
	$$(Q)rm -rf $$(@D)/initrd && mkdir -p $$(@D)/initrd/bin
	$$(Q)cp $(o)/busybox $$(@D)/initrd/bin/busybox
	$$(Q)cp $(bench)/a64/bench $$(@D)/initrd/bin/gpuas-bench
	$$(Q)cp $(bench-guest-src)/init $$(@D)/initrd/init
	$$(Q)$(CROSS_COMPILE)strip -g -o $$(@D)/initrd/gpuas_bench.ko $$<
	$$(Q)touch -d @0 $$(@D)/initrd/*
	$$(Q)cd $$(@D)/initrd && find . -mindepth 1 | LC_ALL=C sort | \
		cpio -o -H newc --reproducible -R 0:0 --quiet | gzip -1n >$$@
endef
$(foreach k,$(release-kernels),$(eval $(call bench-guest-rules,$(k))))

# bench-guest: the engine beside the kernel's io-pgtable, in each kernel (QEMU, -icount)
bench-guest: $(foreach k,$(release-kernels),$(bench)/linux/$(k)/initrd.gz)
	$(Q){ rc=0; for k in $(release-kernels); do \
		test/bench/guest/run.sh $(o) $$k || rc=1; \
	done; exit $$rc; } | tee $(bench)/guest.txt

# bench-aarch64: the rows of bench-host on aarch64, beside x86-64's, in the first kernel
bench-aarch64: $(bench)/linux/$(firstword $(release-kernels))/initrd.gz $(bench)/bench
	+$(Q)[ $(bench)/host.txt -nt $(bench)/bench ] || $(self) bench-host >/dev/null || [ -s $(bench)/host.txt ]
	$(Q)test/bench/guest/run.sh $(o) $(firstword $(release-kernels)) rows | tee $(bench)/aarch64.txt
