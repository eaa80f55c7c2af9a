# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# libgpuas. "make help" lists the targets. Everything that is built goes to O= (build).

O ?= build
CROSS_COMPILE ?= aarch64-linux-gnu-
CROSS_COMPILE_ARM ?= arm-none-eabi-
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
DATADIR ?= $(PREFIX)/share
LIBEXECDIR ?= $(PREFIX)/libexec
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
MANDIR ?= $(DATADIR)/man
VERSION := 0.4.0

# For all fragments: $(o) is the build folder, absolute. Recipe lines start with $(Q); a line before
# them says what they do: $(say) CC $<
override O := $(patsubst %/,%,$(O))
o := $(abspath $(O))

# Names that make or a shell would take for something else, and folders that are more than a build
# folder, are refused before anything can happen to them.
odd := % : ; , ' " ` \ * ? [ ] ( ) { } < > & | = \# $$
elsewhere = ; a folder elsewhere will do: $(1)=/tmp/gpuas
named = $(if $(filter-out 1,$(words $(2))),$(error \
		$(1)='$(2)' has to be one name without blanks$(elsewhere))) \
	$(foreach c,$(odd),$(if $(findstring $(c),$(2)),$(error \
		$(1)=$($(1)) must not contain $(c)$(elsewhere))))
ifeq ($(O),)
$(error O= is empty or /, but has to name a folder to build in, such as O=build)
endif
$(call named,O,$(o))
ifneq ($(origin CACHE),undefined)
$(call named,CACHE,$(CACHE))
endif
ifneq ($(wildcard $(o)),)
ifeq ($(wildcard $(o)/.),)
$(error O=$(O) is a file, and no folder to build in; a folder elsewhere will do: O=/tmp/gpuas)
endif
endif
ifneq ($(filter install install-saver,$(MAKECMDGOALS)),)
$(foreach name,PREFIX BINDIR INCLUDEDIR LIBDIR DATADIR MANDIR LIBEXECDIR UDEVDIR, \
	$(call named,$(name),$($(name))))
endif
ifneq ($(U_BOOT_SRC),)
$(call named,U_BOOT_SRC,$(U_BOOT_SRC))
endif
ifneq ($(filter $(o)/% $(or $(realpath $(o)),$(o))/%,$(CURDIR)/ $(realpath $(CURDIR))/),)
$(error O=$(O) is the source tree or a folder around it, and no folder to build in)
endif
dry-run := $(findstring n,$(firstword -$(MAKEFLAGS)))
# What makes elsewhere, under this make; with -n there may be nothing yet to make in.
under := $(if $(dry-run),,+)

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
include $(wildcard lib/sources.mk lib/host/build.mk)
include board/qemu-virt/fetch.mk
include board/qemu-virt/firmware/firmware.mk
include board/qemu-virt/boot.mk
include $(wildcard test/test.mk)

.DEFAULT_GOAL := $(if $(wildcard lib/host/build.mk),lib,help)

# Whatever is going to be built, the build folder gets a stamp first: only what has one is removed by
# clean and distclean. A folder that held anything but our downloads before never gets one.
stamp := $(o)/.gpuas-build
downloads := $(firstword $(subst /, ,$(patsubst $(o)/%,%,$(filter $(o)/%,$(cache)))))
put-stamp = mkdir -p $(o); [ -e $(stamp) ] || [ -n "$$(find $(o)/ -mindepth 1 -maxdepth 1 \
	! -name '$(if $(wildcard $(cache)/plan),$(downloads))' -print -quit)" ] || \
	echo 'make clean and make distclean remove what is in this folder' >$(stamp)
builds := $(filter-out help suites deps deps-run clean distclean,$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL)))
$(if $(builds),$(if $(dry-run),,$(shell $(put-stamp))))
has-stamp = [ ! -e $(o) ] || [ -f $(stamp) ] || { \
	echo "$@: $(o) stays: it has no .gpuas-build, so it is no folder that was made to build in;" \
		"remove it by hand if it may go" >&2; exit 1; }

## install: install library, headers, pkg-config file, tool, dump saver (DESTDIR=, PREFIX=)
host-libs := $(addprefix $(o)/host/,libgpuas.a libgpuas-fdt.a libgpuas-adt.a)
.PHONY: install install-saver
install: $(host-libs) $(tool) install-saver
	$(say) INSTALL '$(DESTDIR)$(PREFIX)'
	$(Q)install -d '$(DESTDIR)$(INCLUDEDIR)/gpuas' '$(DESTDIR)$(LIBDIR)/pkgconfig' \
		'$(DESTDIR)$(DATADIR)/gpuas' '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' \
		'$(DESTDIR)$(DATADIR)/bash-completion/completions' '$(DESTDIR)$(DATADIR)/doc/libgpuas'
	$(Q)install -m 755 $(tool) '$(DESTDIR)$(BINDIR)'
	$(Q)install -m 644 lib/host/gpuas.1 '$(DESTDIR)$(MANDIR)/man1'
	$(Q)install -m 644 lib/host/dumps.md lib/host/dumps.svg '$(DESTDIR)$(DATADIR)/doc/libgpuas'
	$(Q)install -m 644 lib/host/gpuas.bash '$(DESTDIR)$(DATADIR)/bash-completion/completions/gpuas'
	$(Q)install -m 644 lib/host/gpuas.schema.json '$(DESTDIR)$(DATADIR)/gpuas'
	$(Q)install -m 644 include/*.h '$(DESTDIR)$(INCLUDEDIR)'
	$(Q)install -m 644 include/gpuas/*.h '$(DESTDIR)$(INCLUDEDIR)/gpuas'
	$(Q)install -m 644 $(host-libs) '$(DESTDIR)$(LIBDIR)'
	$(Q)install -m 644 lib/sources.mk '$(DESTDIR)$(DATADIR)/gpuas'
	$(Q)printf '%s\n' 'Name: libgpuas' 'Description: Shared GPU address spaces' \
		'Version: $(VERSION)' 'Cflags: -I$(INCLUDEDIR)' \
		'Libs: -L$(LIBDIR) -lgpuas-fdt -lgpuas-adt -lgpuas -lfdt' | \
		install -m 644 /dev/stdin '$(DESTDIR)$(LIBDIR)/pkgconfig/libgpuas.pc'

# install-saver: install what saves a dump of the Linux driver's when there is one, by udev
saver := lib/linux/saver
install-saver:
	$(Q)install -d '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(UDEVDIR)'
	$(Q)install -m 755 $(saver)/gpuas-save-dump '$(DESTDIR)$(LIBEXECDIR)'
	$(Q)sed 's#@LIBEXECDIR@#$(LIBEXECDIR)#' $(saver)/60-gpuas-dump.rules.in | \
		install -m 644 /dev/stdin '$(DESTDIR)$(UDEVDIR)/60-gpuas-dump.rules'

## clean: remove what was built, but no downloads or unpacked sources (distclean: all)
.PHONY: clean
clean:
	$(Q)$(has-stamp)
	$(say) CLEAN $(O)
	$(Q)[ ! -d $(o) ] || find $(o)/ -mindepth 1 -maxdepth 1 ! -name $(notdir $(stamp)) \
		! -name '$(downloads)' ! -name u-boot-src ! -name linux -exec rm -rf {} +
	$(Q)rm -rf $(o)/linux/debug $(foreach k,$(kernels), \
		$(addprefix $(o)/linux/$(k)/,module initrd initrd.gz esp.img uimage))

# distclean: remove the build folder and all that is in it
.PHONY: distclean
distclean:
	$(Q)$(has-stamp)
	$(say) CLEAN $(O)
	$(Q)rm -rf $(o)
	$(Q)$(if $(builds),$(put-stamp))

# At most 24 lines of at most 100 columns
## help: list the targets
.PHONY: help
help:
	@echo 'Targets (default: $(.DEFAULT_GOAL)):'
	@sed -n 's/^## \([^ :]*\): /\1\t/p' $(filter test/%,$(MAKEFILE_LIST)) \
		$(filter-out test/%,$(MAKEFILE_LIST)) | \
		awk -F '\t' '{ n[NR] = $$1; t[NR] = $$2; if (length($$1) > w) w = length($$1) } \
		function row(name, text,    at) { \
			for (at = length(text); at > 96 - w; at--) \
				while (at > 1 && substr(text, at, 1) != " ") at--; \
			printf "  %-*s  %s\n", w, name, substr(text, 1, at); \
			if (at < length(text)) row("", substr(text, at + 1)) } \
		END { for (i = 1; i <= NR; i++) row(n[i], t[i]) }'
	@echo 'Variables:'
	@echo '  O=$(O)  V=1 (show commands)  W=1 (more warnings)  CACHE=$(CACHE)' | fold -s -w 100
	@echo '  CROSS_COMPILE=$(CROSS_COMPILE)  CROSS_COMPILE_ARM=$(CROSS_COMPILE_ARM)' \
		' PREFIX=$(PREFIX)  DESTDIR=$(DESTDIR)' | fold -s -w 100
