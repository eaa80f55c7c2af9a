# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# What the boot chain is made of: packages on this machine (deps), and a cache of files that are
# never installed (fetch). Only these two targets, and what needs a file that is not there, use the
# network.

# Several build folders may share one cache: make CACHE=~/.cache/gpuas
CACHE ?= $(O)/cache
cache := $(abspath $(CACHE))

fetch   := board/qemu-virt/fetch.sh
kernels := 6.1 6.12
roles   := u-boot busybox \
	$(foreach k,$(kernels),$(addprefix $(k)-,image headers common kbuild))

## deps: install the Debian packages that are needed (the only step that needs root)
# deps-run: the same, but for those that only tests need
.PHONY: deps deps-run
deps:
	$(Q)board/qemu-virt/deps.sh
deps-run:
	$(Q)board/qemu-virt/deps.sh run

## fetch: download U-Boot and the two kernels (220 MB), or check those already there
.PHONY: fetch
fetch: $(cache)/plan
	$(Q)$(fetch) get $(cache) $(roles)

# The choice of versions is made once; remove the plan to have newer ones. The stamp is apart from
# the plan, so that a new plan with the same content does not build everything again.
$(cache)/planned: $(fetch)
	$(Q)$(fetch) plan $(cache)
	$(Q)touch $@

$(cache)/plan: $(cache)/planned
	$(Q)test -f $@ || $(fetch) plan $(cache)

# A newer QEMU, where the installed one is too old: only for what needs it. If it cannot be had, the
# rule says so and succeeds without its target, and the next make tries again.
qemu := board/qemu-virt/qemu.sh
qemu-dir := $(o)/qemu

$(qemu-dir)/.unpacked: $(qemu) $(fetch)
	$(Q)$(qemu) unpack $(cache) $(@D)

# qemu: unpack QEMU 10 (13 MB) unless it is installed, say which QEMU is used
.PHONY: qemu
qemu: $(qemu-dir)/.unpacked
	@echo "QEMU $$($(qemu) version $(qemu-dir)): $$($(qemu) path $(qemu-dir))"
