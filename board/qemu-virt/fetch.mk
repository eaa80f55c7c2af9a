# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# What the boot chain is made of: packages on this machine (deps), and a cache of files that are
# never installed (fetch). Only these two targets, and what needs a file that is not there, use the
# network.

# Several build folders may share one cache: make CACHE=~/.cache/gpuas
CACHE ?= $(O)/cache
cache := $(abspath $(CACHE))

fetch   := board/qemu-virt/fetch.sh
# Those of this release, and the newest that there is, which a machine may be unable to get
release-kernels := 6.1 6.12
newest-kernels  := newest newest-16k
kernels := $(release-kernels) $(newest-kernels)
roles   := u-boot busybox $(addprefix x86-,headers common kbuild) \
	$(foreach k,$(release-kernels),$(addprefix $(k)-,image headers common kbuild))

## deps: install the Debian packages that are needed (the only step that needs root)
# deps-run: the same, but for those that only tests need
.PHONY: deps deps-run
deps:
	$(Q)board/qemu-virt/deps.sh
deps-run:
	$(Q)board/qemu-virt/deps.sh run

## fetch: download U-Boot, kernels, compilers (460 MB), or check those already there
.PHONY: fetch
fetch: $(cache)/plan
	$(Q)$(fetch) get $(cache) $(roles)
	$(Q)$(fetch) -n get $(cache) $$($(fetch) -n roles $(cache) '') || \
		echo "  FETCH   the newest kernel cannot be had: what needs it is left out" >&2
	$(Q)$(fetch) -g get $(cache) $$($(fetch) -g roles $(cache) '')

# The choice of versions is made once; remove the plan to have newer ones. The stamp is apart from
# the plan, so that a new plan with the same content does not build everything again; and it has the
# sum of the script that made it, as in a fresh clone any file is newer than a cache.
$(cache)/planned: $(fetch)
	$(Q)sum=$$(cksum <$<); \
	if [ ! -f $(cache)/plan ] || ! grep -qxs "$$sum" $@; then \
		$(fetch) plan $(cache); \
	fi; \
	echo "$$sum" >$@

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

# Compilers from a newer release, in a folder: gcc for the newest kernel, clang for all of them
tools := board/qemu-virt/tools.sh
tools-dir := $(o)/tools

$(tools-dir)/gcc/.unpacked $(tools-dir)/clang/.unpacked: $(tools-dir)/%/.unpacked: $(tools) $(fetch)
	$(Q)$(tools) unpack $(cache) $(@D) $*
