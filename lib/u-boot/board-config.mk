# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Links libgpuas into an unpatched U-Boot. U-Boot includes board/<vendor>/<board>/config.mk if there
# is one; for a board that has none, link this file there, and this repository at lib/gpuas. As Kconfig
# does not know of us, CONFIG_OFNODE_MULTI_TREE=y has to be set by hand; the build says so if it is not.
# Everything in libs-y is linked whole, so commands and event hooks survive.
# In a patched U-Boot, Kconfig and lib/Makefile do the same, and this file is not used.

# Not for SPL and its like, which have no room and no use for it.
ifndef CONFIG_XPL_BUILD
libs-y += lib/gpuas/lib/u-boot/
# What Kconfig would say, and with all boards: make CONFIG_GPUAS_APPLE= leaves Apple's out.
export CONFIG_GPUAS := y
export CONFIG_CMD_GPUAS := y
export CONFIG_CMD_GPUAS_SNAPSHOT := y
export CONFIG_GPUAS_APPLE := y
export CONFIG_GPUAS_QEMU_VIRT := y
endif
