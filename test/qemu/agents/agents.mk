# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Two agents in one address space, on the two CPUs of a bare-metal image whose frame is that of the
# walkers' judge. Controls: the same program without the lock, and with the library's lock compiled
# without its full barrier. Other random numbers: make qemu-agents walk-seed=2

agents-dir := test/qemu/agents
agents-out := $(walk-out)/agents

$(agents-out)/%.o: $(agents-dir)/%.c $(agents-dir)/agents.mk $(walk-dir)/walk.mk
	$(say) CC 'agents $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) $(walk-flags-a64) -c $< -o $@

$(agents-out)/%.o: $(agents-dir)/%.S
	$(say) AS 'agents $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) -c $< -o $@

$(agents-out)/no-barrier.o: lib/handoff/handoff_lock.c $(agents-dir)/no-barrier/gpuas_env.h
	$(say) CC 'agents $< without barrier'
	$(Q)mkdir -p $(@D)
	$(Q)$(cc-a64) -I$(agents-dir)/no-barrier $(cflags) $(flags-a64) -c $< -o $@
-include $(wildcard $(agents-out)/*.d)

agents-objs := $(addprefix $(agents-out)/,start.o main.o) \
	$(addprefix $(walk-out)/a64/,start64.o hw-a64.o util.o mem.o)
agents-elfs := $(addprefix $(agents-out)/,lock.elf no-lock.elf no-barrier.elf)

# The controls' object comes before the archive, and takes the place of the lock in it.
$(agents-elfs): $(walk-dir)/link.ld $(agents-objs)
$(agents-out)/no-lock.elf: $(agents-out)/no-lock.o
$(agents-out)/no-barrier.elf: $(agents-out)/no-barrier.o
$(agents-elfs): $(walk-lib)
	$(say) LINK 'agents $(@F)'
	$(Q)$(cc-a64) $(walk-link) $(filter %.o,$^) $(filter %.a,$^) -o $@

agents-suites := qemu-agents
.PHONY: $(agents-suites)
qemu-agents: $(agents-elfs)
	$(Q)INPUTS='$^ $(walk-dir)/qemu.sh' $(suite) $@ $(agents-dir)/agents.sh $(agents-out)
