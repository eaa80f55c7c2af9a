# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# libgpuas. "make help" lists the targets. Everything that is built goes to O= (build).

O ?= build
CROSS_COMPILE ?= aarch64-linux-gnu-
CROSS_COMPILE_ARM ?= arm-none-eabi-
PREFIX ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
DATADIR ?= $(PREFIX)/share
VERSION := 0.1.0

# For all fragments: $(o) is the build folder, absolute. Recipe lines start with $(Q); a line before
# them says what they do: $(say) CC $<
override O := $(patsubst %/,%,$(O))
o := $(abspath $(O))
ifeq ($(V),1)
Q :=
say := @:
else
Q := @
say := @printf '  %-7s %s\n'
MAKEFLAGS += --no-print-directory
endif

SHELL := /bin/bash
.SHELLFLAGS := -e -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
# U-Boot and Linux have an O=, V= and W= of their own: pass on none of ours unasked.
MAKEOVERRIDES :=

GPUAS_DIR := .
include $(wildcard lib/sources.mk lib/build.mk)
include board/qemu-virt/fetch.mk
include board/qemu-virt/boot.mk
include $(wildcard test/test.mk)

.DEFAULT_GOAL := $(if $(wildcard lib/build.mk),lib,help)

## install: install headers, host libraries, pkg-config file and source list (DESTDIR=, PREFIX=)
host-libs := $(addprefix $(o)/host/,libgpuas.a libgpuas-fdt.a)
.PHONY: install
install: $(host-libs)
	$(say) INSTALL '$(DESTDIR)$(PREFIX)'
	$(Q)install -d '$(DESTDIR)$(INCLUDEDIR)/gpuas' '$(DESTDIR)$(LIBDIR)/pkgconfig' \
		'$(DESTDIR)$(DATADIR)/gpuas'
	$(Q)install -m 644 include/*.h '$(DESTDIR)$(INCLUDEDIR)'
	$(Q)install -m 644 include/gpuas/*.h '$(DESTDIR)$(INCLUDEDIR)/gpuas'
	$(Q)install -m 644 $(host-libs) '$(DESTDIR)$(LIBDIR)'
	$(Q)install -m 644 lib/sources.mk '$(DESTDIR)$(DATADIR)/gpuas'
	$(Q)printf '%s\n' 'Name: libgpuas' 'Description: Shared GPU address spaces' \
		'Version: $(VERSION)' 'Cflags: -I$(INCLUDEDIR)' 'Libs: -L$(LIBDIR) -lgpuas-fdt -lgpuas -lfdt' \
		>'$(DESTDIR)$(LIBDIR)/pkgconfig/libgpuas.pc'

## clean: remove what was built; downloads and unpacked sources stay
.PHONY: clean
clean:
	$(say) CLEAN $(O)
	$(Q)[ ! -d $(o) ] || find $(o) -mindepth 1 -maxdepth 1 \
		! -path $(cache) ! -name u-boot-src ! -name linux -exec rm -rf {} +
	$(Q)rm -rf $(foreach k,$(kernels), \
		$(addprefix $(o)/linux/$(k)/,module initrd initrd.gz esp.img))

## distclean: remove the build folder and all that is in it
.PHONY: distclean
distclean:
	$(say) CLEAN $(O)
	$(Q)rm -rf $(o)

## help: list the targets
.PHONY: help
help:
	@echo 'Targets (default: $(.DEFAULT_GOAL)):'
	@sed -n 's/^## \([^ :]*\): /\1\t/p' $(filter test/%,$(MAKEFILE_LIST)) \
		$(filter-out test/%,$(MAKEFILE_LIST)) | \
		awk -F '\t' '{ n[NR] = $$1; t[NR] = $$2; if (length($$1) > w) w = length($$1) } \
		END { for (i = 1; i <= NR; i++) printf "  %-*s  %s\n", w, n[i], t[i] }'
	@echo 'Variables:'
	@echo '  O=$(O)  V=1 (show commands)  W=1 (more warnings)  CACHE=$(CACHE)'
	@echo '  CROSS_COMPILE=$(CROSS_COMPILE)  CROSS_COMPILE_ARM=$(CROSS_COMPILE_ARM)'
	@echo '  PREFIX=$(PREFIX)  DESTDIR=$(DESTDIR)'
