# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# QEMU's SMMUv3, with a DMA engine behind it, as judge of the library's tables and of its flushes:
# bare-metal images on the frame of test/qemu/walk. Other random numbers: GPUAS_SEED=2 make
# qemu-device-fuzz

device-dir := test/qemu/device
device-out := $(o)/device
device-drivers := board/qemu-virt/device

device-flags := $(walk-flags-a64) -I$(device-drivers)/include
# frame/ is of test/qemu/walk.
device-frame := $(addprefix $(device-out)/frame/,start64.o hw-a64.o util.o mem.o arena.o)
device-common := $(device-frame) $(addprefix $(device-out)/,smmu.o edu.o gpu.o look.o tap.o)
device-scripted := $(device-common) $(addprefix $(device-out)/,scripted.o stale.o driver.o)
device-fuzz := $(device-common) $(addprefix $(device-out)/,frame/program.o fuzz.o probe.o random.o \
	built.o)

$(device-out)/%.o: $(device-dir)/%.c $(device-dir)/device.mk
	$(say) CC 'device $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(device-flags) -c $< -o $@

$(device-out)/%.o: $(device-drivers)/%.c $(device-dir)/device.mk
	$(say) CC 'device $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(device-flags) -c $< -o $@

$(device-out)/frame/%.o: $(walk-dir)/%.c $(device-dir)/device.mk
	$(say) CC 'device $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(device-flags) -c $< -o $@

$(device-out)/frame/%.o: $(walk-dir)/%.S $(device-dir)/device.mk
	$(say) AS 'device $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) -c $< -o $@

# A host that forgot to flush.
$(device-out)/hook-no-flush.o: $(device-dir)/hook.c $(device-dir)/device.mk
	$(say) CC 'device hook-no-flush'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(device-flags) -DHOOK_STUB -c $< -o $@
-include $(wildcard $(device-out)/*.d $(device-out)/frame/*.d)

$(device-out)/scripted.elf: $(device-scripted) $(device-out)/hook.o $(walk-lib)
$(device-out)/scripted-no-flush.elf: $(device-scripted) $(device-out)/hook-no-flush.o $(walk-lib)
$(device-out)/%.elf: $(walk-dir)/link.ld
	$(say) LINK 'device $(@F)'
	$(Q)$(cc-a64) $(walk-link) $(filter %.o %.a,$^) -o $@
$(device-out)/fuzz.elf: $(device-fuzz) $(device-out)/hook.o $(walk-lib)
$(device-out)/fuzz-no-flush.elf: $(device-fuzz) $(device-out)/hook-no-flush.o $(walk-lib)

# The same from outside.
$(device-out)/host/%.o: $(device-dir)/%.c $(device-dir)/device.mk
	$(say) CC 'device host $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(walk-flags-host) -c $< -o $@
-include $(wildcard $(device-out)/host/*.d)

$(device-out)/look: $(addprefix $(device-out)/host/,look-host.o look.o) \
		$(addprefix $(walk-out)/host/,util.o arena.o) $(o)/host/libgpuas.a
	$(say) LINK 'device host $(@F)'
	$(Q)$(CC) $^ -o $@

device-inputs := $(addprefix $(device-dir)/,run.sh image.sh) $(walk-dir)/qemu.sh $(qemu) \
	$(qemu-dir)/.unpacked
# $(1): the list
device-mutants = INPUTS='$^ $(device-inputs) $(device-dir)/$(1)' MUTANTS=$(device-dir)/$(1) \
	QEMU_VERSION="$$($(qemu) version $(qemu-dir))" AT_LEAST=3 LACKS="$$([ -e $(qemu-dir)/.unpacked ] || echo QEMU 10)" \
	JUDGE='$(device-dir)/image.sh $(qemu-dir)' $(suite) $@ $(walk-dir)/mutants.sh \
	$(device-out)/$@ $(walk-lib) \
	'$(cc-a64) $(cflags) $(flags-a64) -O2 -I$(device-drivers)/include -w' \
	'$(cc-a64) $(walk-link)' '$(notdir $(filter table/%,$(GPUAS_ENGINE_SRCS)))' $(filter %.o,$^)

# For the unpacked QEMU, and once more for the installed one, whatever it can do.
device-suites := qemu-device qemu-device-installed qemu-device-fuzz qemu-device-fuzz-installed
# What "make test-all" does besides
device-suites-wide := qemu-device-mutants qemu-device-drivers
.PHONY: $(device-suites) $(device-suites-wide)
$(device-suites) $(device-suites-wide): $(qemu-dir)/.unpacked
qemu-device qemu-device-installed: $(addprefix $(device-out)/,scripted.elf scripted-no-flush.elf)
	$(Q)INPUTS='$^ $(device-inputs)' $(suite) $@ $(device-dir)/scripted.sh \
		$(if $(findstring installed,$@),installed,$(qemu-dir)) $(filter %.elf,$^)
qemu-device-fuzz qemu-device-fuzz-installed: $(addprefix $(device-out)/,fuzz.elf fuzz-no-flush.elf look)
	$(Q)INPUTS='$^ $(device-inputs)' $(suite) $@ $(device-dir)/fuzz.sh \
		$(if $(findstring installed,$@),installed,$(qemu-dir)) $(filter %.elf %/look,$^)
qemu-device-mutants: $(device-fuzz) $(device-out)/hook.o $(walk-lib)
	$(Q)$(call device-mutants,mutants-tables)
qemu-device-drivers: $(device-scripted) $(device-out)/hook.o $(walk-lib)
	$(Q)$(call device-mutants,mutants-drivers)

## device: let QEMU's SMMU and a DMA engine behind it judge tables and flushes
.PHONY: device
device: $(device-suites) $(device-suites-wide)
	$(Q)test/summary.sh $(patsubst %,$(o)/test/%.tap,$(device-suites) $(device-suites-wide))
