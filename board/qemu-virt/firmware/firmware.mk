# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The stand-in's firmware: bare metal, from the same library sources as everybody else's.

firmware-dir := board/qemu-virt/firmware
firmware-out := $(o)/firmware
firmware := $(firmware-out)/firmware.bin
firmware-objs := $(patsubst %,$(firmware-out)/%.o,$(basename $(wildcard $(firmware-dir)/*.c $(firmware-dir)/*.S) \
	board/qemu-virt/board.c board/qemu-virt/mailbox.c board/qemu-virt/device/smmu.c board/qemu-virt/device/edu.c test/qemu/walk/mem.c))
# Its loops must not become calls of itself.
$(firmware-out)/test/qemu/walk/mem.o: firmware-flags += -fno-tree-loop-distribute-patterns
firmware-flags = $(cflags) $(flags-a64) -mno-outline-atomics -Iboard/qemu-virt/device/include

$(firmware-out)/%.o: %.c $(firmware-dir)/firmware.mk
	$(say) CC 'firmware $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(firmware-flags) -c $< -o $@

$(firmware-out)/%.o: %.S $(firmware-dir)/firmware.mk board/qemu-virt/firmware_layout.h
	$(say) AS 'firmware $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) -c $< -o $@
-include $(firmware-objs:.o=.d)

$(firmware:.bin=.elf): $(firmware-objs) $(o)/a64/libgpuas.a $(firmware-dir)/link.ld
	$(say) LINK firmware
	$(Q)$(cc-a64) -nostdlib -nostartfiles -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-T $(firmware-dir)/link.ld $(filter %.o %.a,$^) -o $@

$(firmware): $(firmware:.bin=.elf)
	$(Q)$(CROSS_COMPILE)objcopy -O binary -j .text -j .rodata $< $@

# firmware: build the stand-in's firmware
.PHONY: firmware
firmware: $(firmware)
