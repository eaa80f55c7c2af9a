# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The library for the host, and freestanding for 64-bit and 32-bit Arm. Three archives each:
# libgpuas.a needs nothing but mem*(), libgpuas-fdt.a needs libfdt as well, libgpuas-adt.a nothing else.

# Sources are named from here, so that only debug information has this folder's name. One with a blank
# would be two arguments: it stays there.
cflags := -std=c11 -Iinclude -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Werror $(if $(word 2,$(CURDIR)),,-ffile-prefix-map=$(CURDIR)=.) -MMD -MP
more-warnings := -Wconversion -Wcast-qual -Wvla
ifeq ($(W),1)
cflags += $(more-warnings)
endif
freestanding := -Os -ffreestanding -nostdlib -fno-common -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections \
	-isystem lib/host/freestanding -isystem $(o)/libfdt

# For each flavour: compiler, archiver, flags.
flavours := host a64 a32
cc-host := $(CC)
ar-host := $(AR)
flags-host := -O2 -g
cc-a64 := $(CROSS_COMPILE)gcc
ar-a64 := $(CROSS_COMPILE)ar
flags-a64 := $(freestanding) -mgeneral-regs-only -mstrict-align -ffixed-x18
cc-a32 := $(CROSS_COMPILE_ARM)gcc
ar-a32 := $(CROSS_COMPILE_ARM)ar
flags-a32 := $(freestanding) -mcpu=cortex-a15 -marm -mfloat-abi=soft -mno-unaligned-access

core-objs := $(GPUAS_CORE_SRCS:%.c=lib/%.o) $(GPUAS_SNAPSHOT_SRCS:%.c=lib/%.o) $(GPUAS_BOARD_SRCS:%.c=board/%.o)
fdt-objs := $(GPUAS_FDT_SRCS:%.c=lib/%.o)
adt-objs := $(GPUAS_ADT_SRCS:%.c=lib/%.o)

define flavour-rules
$(o)/$(1)/%.o: %.c lib/host/build.mk
	$$(say) CC '$(1) $$<'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(cc-$(1)) $$(cflags) $$(flags-$(1)) -c $$< -o $$@

$(o)/$(1)/libgpuas.a: $(addprefix $(o)/$(1)/,$(core-objs))
$(o)/$(1)/libgpuas-fdt.a: $(addprefix $(o)/$(1)/,$(fdt-objs))
$(o)/$(1)/libgpuas-adt.a: $(addprefix $(o)/$(1)/,$(adt-objs))
$(o)/$(1)/libgpuas.a $(o)/$(1)/libgpuas-fdt.a $(o)/$(1)/libgpuas-adt.a:
	$$(say) AR '$(1) $$(@F)'
	$$(Q)rm -f $$@
	$$(Q)$$(ar-$(1)) rcD $$@ $$^
-include $(patsubst %.o,$(o)/$(1)/%.d,$(core-objs) $(fdt-objs) $(adt-objs))
endef
$(foreach f,$(flavours),$(eval $(call flavour-rules,$(f))))

# Cross compilers do not look into /usr/include, and nothing else of it is wanted.
$(o)/libfdt/%.h: /usr/include/%.h
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@
$(foreach f,a64 a32,$(fdt-objs:%=$(o)/$(f)/%)): | $(o)/libfdt/libfdt.h $(o)/libfdt/fdt.h

# The tool of the host: what the library knows, and what is in files. Nothing but it needs these.
tool-libs := -lfdt -lelf -ljson-c -lz -lzstd
tool := $(o)/host/gpuas
tool-objs := $(patsubst %.c,$(o)/host/%.o,$(wildcard lib/host/*.c))
-include $(tool-objs:.o=.d)
$(tool): $(tool-objs) $(o)/host/libgpuas-fdt.a $(o)/host/libgpuas.a
	$(say) LINK 'host gpuas'
	$(Q)$(CC) $^ $(tool-libs) -o $@

# Its version is that of the library, as a string.
$(o)/page/version.h: Makefile
	$(Q)mkdir -p $(@D)
	$(Q)echo '"$(VERSION)"' >$@
tool-version-objs := $(patsubst %,$(o)/%/lib/host/gpuas.o,host unit)
$(tool-version-objs): private cflags += -I$(o)/page
$(tool-version-objs): $(o)/page/version.h

# What a map is dressed with, as strings.
map-data := $(addprefix $(o)/page/,map.css.h map_page.css.h map.js.h)
$(map-data): $(o)/page/%.h: lib/host/%
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $< >$@
map-data-objs := $(patsubst %,$(o)/%/lib/host/map_data.o,host unit fuzz)
$(map-data-objs): private cflags += -I$(o)/page
$(map-data-objs): $(map-data)

# plan: print what a bring-up takes, without hardware (BOARD=, by default all)
.PHONY: plan
plan: $(tool)
	$(Q)$< plan $(or $(BOARD),all)

libs := $(foreach f,$(flavours),$(addprefix $(o)/$(f)/,libgpuas.a libgpuas-fdt.a libgpuas-adt.a))

## lib: build the library for the host, aarch64 and 32-bit Arm (freestanding)
.PHONY: lib
lib: $(libs)
