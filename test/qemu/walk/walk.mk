# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The MMU of QEMU's CPUs as judge of the library's freestanding archives: bare-metal images, and one
# program of the host for what has to be the same everywhere. Other random numbers:
# make walk walk-seed=2

walk-dir := test/qemu/walk
walk-seed ?= 1
walk-out := $(o)/walk/$(walk-seed)

walk-common := util arena program
walk-judge := $(walk-common) model gen random built judge mem
walk-agree := $(walk-common) agree

walk-flags := -std=gnu11 -O2 -Iinclude -DSEED=$(walk-seed) -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Werror -MMD -MP
walk-bare := -ffreestanding -fno-common -fno-pic -fno-stack-protector -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables
walk-flags-a64 := $(walk-flags) $(walk-bare) -mgeneral-regs-only -mstrict-align -mno-outline-atomics
walk-flags-a32 := $(walk-flags) $(walk-bare) -mcpu=cortex-a15 -marm -mfloat-abi=soft -mno-unaligned-access
walk-flags-host := $(walk-flags)
walk-link := -nostdlib -nostartfiles -static -Wl,--build-id=none -T $(walk-dir)/link.ld

# Built for speed, as Linux does, so that walkers judge the short ways too; 32-bit images have the
# library as it is installed, built for size.
walk-lib := $(o)/walk/fast/libgpuas.a
$(o)/walk/fast/%.o: %.c
	$(say) CC 'walk fast $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(cflags) $(flags-a64) -O2 -c $< -o $@
-include $(core-objs:%.o=$(o)/walk/fast/%.d)
$(walk-lib): $(addprefix $(o)/walk/fast/,$(core-objs))
	$(say) AR 'walk fast $(@F)'
	$(Q)rm -f $@ && $(cc-a64:%gcc=%ar) rcs $@ $^

# For each flavour: its compiler is $(cc-FLAVOUR), see lib/host/build.mk.
define walk-rules
$(walk-out)/$(1)/%.o: $(walk-dir)/%.c $(walk-dir)/walk.mk
	$$(say) CC 'walk $(1) $$<'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(cc-$(1)) $$(walk-flags-$(1)) -c $$< -o $$@

$(walk-out)/$(1)/%.o: $(walk-dir)/%.S $(walk-dir)/walk.mk
	$$(say) AS 'walk $(1) $$<'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(cc-$(1)) -c $$< -o $$@
-include $(wildcard $(walk-out)/$(1)/*.d)

# For the mutants: most are found at once.
$(walk-out)/$(1)/judge-short.o: $(walk-dir)/judge.c $(walk-dir)/walk.mk
	$$(say) CC 'walk $(1) judge-short'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(cc-$(1)) $$(walk-flags-$(1)) -DPROBES=20000 -c $$< -o $$@
endef
$(foreach f,host a64 a32,$(eval $(call walk-rules,$(f))))

walk-objs-a64 := $(addprefix $(walk-out)/a64/,start64.o hw-a64.o $(walk-judge:=.o))
walk-objs-a32 := $(addprefix $(walk-out)/a32/,start32.o hw-a32.o $(walk-judge:=.o))
walk-high-a32 := $(addprefix $(walk-out)/a32/,start32.o hw-a32.o high.o util.o arena.o mem.o)
walk-agree-a64 := $(addprefix $(walk-out)/a64/,start64.o hw-a64.o agree-main.o mem.o $(walk-agree:=.o))
walk-agree-a32 := $(addprefix $(walk-out)/a32/,start32.o hw-a32.o agree-main.o mem.o $(walk-agree:=.o))

$(walk-out)/a64/judge.elf: $(walk-objs-a64) $(walk-lib)
$(walk-out)/a32/judge.elf: $(walk-objs-a32) $(o)/a32/libgpuas.a
$(walk-out)/a64/agree.elf: $(walk-agree-a64) $(walk-lib)
$(walk-out)/a32/agree.elf: $(walk-agree-a32) $(o)/a32/libgpuas.a
$(walk-out)/a32/high.elf: $(walk-high-a32) $(o)/a32/libgpuas.a
$(walk-out)/a64/%.elf: $(walk-dir)/link.ld
	$(say) LINK 'walk a64 $(@F)'
	$(Q)$(cc-a64) $(walk-link) $(filter %.o %.a,$^) -o $@
$(walk-out)/a32/%.elf: $(walk-dir)/link.ld
	$(say) LINK 'walk a32 $(@F)'
	$(Q)$(cc-a32) $(walk-link) $(filter %.o %.a,$^) -lgcc -o $@
$(walk-out)/host/agree: $(addprefix $(walk-out)/host/,hw-host.o $(walk-agree:=.o)) $(o)/host/libgpuas.a
	$(say) LINK 'walk host $(@F)'
	$(Q)$(CC) $(filter %.o %.a,$^) -o $@
# Everything once more for one granule, as where every byte counts.
$(walk-out)/host/agree-small: $(addprefix lib/,$(GPUAS_ENGINE_SRCS)) \
		$(addprefix $(walk-dir)/,hw-host.c $(walk-agree:=.c)) $(o)/host/libgpuas.a $(walk-dir)/walk.mk
	$(say) CC 'walk host $(@F)'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(walk-flags-host)) -DGPUAS_SMALL_GRANULE_SHIFT=14 $(filter %.c,$^) -o $@

walk-suites := walk-max walk-cortex-a15 walk-high walk-refusal walk-agree
# What "make test-all" does besides
walk-suites-wide := walk-neoverse-n1 walk-mutants
.PHONY: $(walk-suites) $(walk-suites-wide)
walk-max walk-neoverse-n1: walk-%: $(walk-out)/a64/judge.elf
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/judge.sh $* $<
walk-cortex-a15: walk-%: $(walk-out)/a32/judge.elf
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/judge.sh $* $<
walk-high: $(walk-out)/a32/high.elf
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/high.sh $< $(walk-out)
walk-refusal: $(walk-out)/a64/judge.elf $(walk-out)/a32/judge.elf
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/refusal.sh $^
walk-agree: $(walk-out)/host/agree $(walk-out)/host/agree-small $(walk-out)/a64/agree.elf $(walk-out)/a32/agree.elf
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/agree.sh $(walk-out)
walk-mutants: $(walk-objs-a64) $(walk-out)/a64/judge-short.o $(walk-lib)
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh $(walk-dir)/mutants' $(suite) $@ $(walk-dir)/mutants.sh $(walk-out)/mutants $(walk-lib) \
		'$(cc-a64) $(cflags) $(flags-a64) -O2 -w' '$(cc-a64) $(walk-link)' \
		'$(notdir $(filter table/%,$(GPUAS_ENGINE_SRCS)))' $(filter-out %/judge.o,$(walk-objs-a64)) $(walk-out)/a64/judge-short.o

## walk: let QEMU's CPUs judge the tables that the library builds and walks
.PHONY: walk
walk: $(walk-suites) $(walk-suites-wide)
	$(Q)test/summary.sh $(patsubst %,$(o)/test/%.tap,$(walk-suites) $(walk-suites-wide))
