# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# All tests. Each suite is a program that writes TAP to $(o)/test/NAME.tap; test/suite.sh runs one
# and says how it went, test/summary.sh adds all up.

# One that was asked for by name fails if a test does; many together go on, and test/summary.sh judges.
suite = $(if $(filter $@,$(MAKECMDGOALS)),STRICT=1 )test/suite.sh $(o)/test

# "make test" has one boot and one build of what is new; "make test-all" has all of it.
test-kernels := $(release-kernels) newest-16k

#
# Unit tests: the library's own sources with sanitizers, on simulated RAM
#

unit-flags := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Itest/unit -DUNIT_TEST
unit-names := $(patsubst test/unit/%_test.c,%,$(wildcard test/unit/*_test.c))
unit-lib := $(addprefix $(o)/unit/,$(core-objs) $(fdt-objs) $(adt-objs)) $(o)/unit/board/template/board.o \
	$(o)/unit/test/unit/ram.o
unit-link = $(CC) $(unit-flags) $^ -lcmocka -lfdt -o $@

$(o)/unit/%.o: %.c
	$(say) CC 'unit $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(unit-flags) -c $< -o $@

$(o)/unit/%_test: $(o)/unit/test/unit/%_test.o $(unit-lib)
	$(say) LINK 'unit $*'
	$(Q)$(unit-link)
-include $(unit-lib:.o=.d) $(unit-names:%=$(o)/unit/test/unit/%_test.d)

# Once more: the core, with an environment that writes down the order of what is done; the engine, and what
# reports on its trees, for one granule only.
unit-flags-traced := -Itest/unit/traced
unit-flags-small := -DGPUAS_SMALL_GRANULE_SHIFT=14
define unit-variant-rules
unit-lib-$(1) := $$(addprefix $$(o)/unit/$(1)/,$(2)) $$(o)/unit/test/unit/ram.o
$$(o)/unit/$(1)/%.o: %.c
	$$(say) CC 'unit $(1) $$<'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(unit-flags-$(1)) $$(cflags) $$(unit-flags) -c $$< -o $$@
-include $$(unit-lib-$(1):.o=.d)
endef
$(eval $(call unit-variant-rules,traced,$(core-objs)))
$(eval $(call unit-variant-rules,small,$(GPUAS_ENGINE_SRCS:%.c=lib/%.o) \
	lib/text.o $(addprefix lib/table/,attr.o inspect.o dump.o)))

unit-order := $(filter %_order,$(unit-names))
$(unit-order:%=$(o)/unit/%_test): $(o)/unit/%_test: $(o)/unit/test/unit/%_test.o \
		$(o)/unit/test/unit/trace.o $(unit-lib-traced)
	$(say) LINK 'unit $*'
	$(Q)$(unit-link)
# What looks at a tree is no part of the engine, and goes with it.
unit-look-small := $(addprefix $(o)/unit/small/lib/,text.o table/attr.o table/dump.o table/inspect.o)
-include $(unit-look-small:.o=.d)
$(o)/unit/lent_small_test: $(unit-look-small)
$(o)/unit/small_test $(o)/unit/lent_small_test: $(o)/unit/%_test: $(o)/unit/test/unit/%_test.o $(unit-lib-small)
	$(say) LINK 'unit $*'
	$(Q)$(unit-link)

# Linux' reader of trees, on calls of ours in the place of Linux', with the kernel's warnings
unit-of-objs := $(addprefix $(o)/unit/of/,test/unit/of_test.o test/unit/of/of.o lib/linux/of.o \
	lib/linux/of_contract.o)
$(o)/unit/of/%.o: %.c
	$(say) CC 'unit of $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -Itest/unit/of -Iinclude -Ilib/linux/include $(cflags) $(unit-flags) \
		-Wno-sign-compare -Wno-unused-but-set-variable -c $< -o $@
-include $(unit-of-objs:.o=.d)
$(o)/unit/of_test: $(unit-of-objs) $(unit-lib)
	$(say) LINK 'unit of'
	$(Q)$(unit-link)

unit-suites := $(unit-names:%=unit-%)
.PHONY: $(unit-suites)
$(unit-suites): unit-%: $(o)/unit/%_test
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP $(suite) $@ $<

# What has to be found, planted: test/unit/mutants.
.PHONY: unit-mutants
unit-mutants: $(unit-lib) $(addprefix $(o)/unit/test/unit/,$(addsuffix _test.o, \
		$(shell sed -n 's/^\([a-z]*\) | .*/\1/p' test/unit/mutants | sort -u)))
	$(Q)INPUTS='$^ test/unit/mutants' $(suite) $@ test/unit/mutants.sh $(o)/unit-mutants $(o)/unit \
		'$(CC) $(cflags) $(unit-flags)' '-lcmocka -lfdt' $(unit-lib)

include test/unit/fdt.mk test/dt-corpus/dt-corpus.mk
include test/tool/tool.mk test/tool/map.mk
include test/model/model.mk test/qemu/walk/walk.mk test/qemu/device/device.mk
include test/qemu/agents/agents.mk test/qemu/guest/guest.mk test/bench/bench.mk

## unit: run the unit tests (cmocka, ASan and UBSan)
.PHONY: unit
unit: $(unit-suites)
	$(Q)test/summary.sh $(unit-suites:%=$(o)/test/%.tap)

#
# What was built
#

.PHONY: build-freestanding build-stack build-sources build-style build-install build-warnings \
	build-options build-barriers build-circles build-spec build-mutants build-headers build-rust build-engine build-tool
build-freestanding: $(libs)
	$(Q)$(suite) $@ test/build/freestanding.sh $(o) $(CROSS_COMPILE) $(CROSS_COMPILE_ARM) \
		'$(GPUAS_BOARD_SRCS)' '$(GPUAS_SNAPSHOT_SRCS)'
build-stack: | $(o)/libfdt/libfdt.h $(o)/libfdt/fdt.h
	$(Q)$(suite) $@ test/build/stack.sh $(o)/stack '$(core-objs:.o=.c) $(fdt-objs:.o=.c) $(adt-objs:.o=.c)' \
		$(foreach f,a64 a32,'$(cc-$(f)) $(cflags) $(flags-$(f))')
build-barriers:
	$(Q)$(suite) $@ test/build/barriers.sh $(o)/barriers \
		$(foreach f,a64 a32,'$(cc-$(f)) $(filter-out -MMD -MP,$(cflags) $(flags-$(f)))')
build-options:
	$(Q)$(suite) $@ test/build/options.sh $(o)/options
build-sources: $(libs) $(u-boot-out)/u-boot.bin $(test-kernels:%=$(o)/linux/%/module/gpuas.ko)
	$(Q)$(suite) $@ test/build/sources.sh $(o) '$(GPUAS_CORE_SRCS) $(GPUAS_SNAPSHOT_SRCS)' \
		'$(GPUAS_FDT_SRCS)' '$(GPUAS_ADT_SRCS)' \
		$(test-kernels:%=$(o)/linux/%/module)
# Modules, for each kernel: what of test/build/module.sh "make test" does, and the rest
module-checks-6.1 := driver exports sparse engine
module-wide-6.1 := all clang
module-checks-6.12 := driver exports doc
module-wide-6.12 := sparse engine all clang
module-checks-newest-16k := driver exports sparse clang-engine
module-wide-newest-16k := engine all clang
module-wide-newest := driver exports sparse engine all clang
module-checks-x86 := all device-tree
module-wide-x86 := engine
build-modules := $(addprefix build-module-,$(test-kernels) x86)
build-modules-wide := $(patsubst %,build-module-%-wide,$(kernels) x86)
.PHONY: $(build-modules) $(build-modules-wide)
$(foreach k,$(kernels),$(eval build-module-$(k) build-module-$(k)-wide: $(o)/linux/$(k)/module/gpuas.ko))
build-module-x86 build-module-x86-wide: $(o)/linux/x86/.unpacked
build-module-newest-16k $(build-modules-wide): $(tools-dir)/clang/.unpacked
.PHONY: build-absent
build-absent:
	$(Q)$(suite) $@ test/build/absent.sh $(o)
$(build-modules): build-module-%:
	$(Q)$(suite) $@ test/build/module.sh $(o) $* $(module-checks-$*)
$(build-modules-wide): build-module-%-wide:
	$(Q)$(suite) $@ test/build/module.sh $(o) $* $(module-wide-$*)
build-style:
	$(Q)$(suite) $@ test/build/style.sh $(addprefix lib/,$(GPUAS_CORE_SRCS) $(GPUAS_SNAPSHOT_SRCS) \
		$(GPUAS_FDT_SRCS) $(GPUAS_ADT_SRCS))
build-circles: $(libs) $(firmware) $(o)/linux/6.12/module/gpuas.ko $(u-boot-out)/u-boot.bin
	$(Q)$(suite) $@ test/build/circles.sh library=$(o)/host/lib firmware=$(firmware-out) \
		driver=$(o)/linux/6.12/module u-boot=$(u-boot-out)/lib/gpuas
build-spec:
	$(Q)$(suite) $@ test/build/spec.sh $(all-suites) $(wide-suites)
build-mutants:
	$(Q)$(suite) $@ test/build/mutants.sh test/unit/mutants test/qemu/walk/mutants \
		$(wildcard test/qemu/device/mutants-*)
build-install: $(libs) $(tool)
	$(Q)$(suite) $@ test/build/install.sh $(o)
build-engine: $(foreach f,$(flavours),$(o)/$(f)/libgpuas.a)
	$(Q)$(suite) $@ test/build/engine.sh $(o) '$(GPUAS_ENGINE_SRCS)' $(foreach f,$(flavours),$(f):$(patsubst %ar,%,$(ar-$(f))))
build-tool: $(tool)
	$(Q)$(suite) $@ test/build/tool.sh $(o)
build-headers: $(o)/host/libgpuas.a | $(o)/libfdt/libfdt.h $(o)/libfdt/fdt.h
	$(Q)$(suite) $@ test/build/headers.sh $(o)/headers $(cache)/compilers $< \
		'$(core-objs:.o=.c) $(fdt-objs:.o=.c) $(adt-objs:.o=.c)' $(o)/libfdt $(cc-a64) $(cc-a32)
build-rust: $(o)/host/libgpuas.a
	$(Q)$(suite) $@ test/rust/rust.sh $(o)/rust $<
# What W=1 adds is said before any code is made: what is said then, each build has shown.
build-warnings: | $(o)/libfdt/libfdt.h $(o)/libfdt/fdt.h
	$(Q)$(suite) $@ bash -c "$(foreach f,$(flavours),$(cc-$(f)) $(filter-out -MMD -MP,$(cflags)) \
		$(more-warnings) $(flags-$(f)) -fsyntax-only $(core-objs:.o=.c) $(fdt-objs:.o=.c) >&2 || \
		printf 'not '; echo 'ok - W=1 has nothing to say of the library, $(f)';) \
		clang $(filter-out -MMD -MP,$(cflags)) $(more-warnings) $(flags-host) -fsyntax-only \
		$(core-objs:.o=.c) $(fdt-objs:.o=.c) $(adt-objs:.o=.c) >&2 || \
		printf 'not '; echo 'ok - nor has it with clang, host'"
build-suites := build-freestanding build-stack build-sources build-style build-install \
	build-warnings build-options build-barriers build-circles build-spec build-mutants build-headers build-rust build-engine build-tool \
	build-absent $(build-modules)

# What saves dumps, without a kernel that makes any
.PHONY: saver
saver:
	$(Q)$(suite) $@ test/saver/saver.sh $(o)/test/saver $(o)

#
# Boots
#

qemu-boots := qemu-6.1-bootefi qemu-6.12-booti qemu-newest-16k-booti $(release-kernels:%=qemu-%-published)
qemu-boots-wide := qemu-6.1-booti qemu-6.12-bootefi qemu-newest-booti qemu-newest-bootefi qemu-newest-16k-bootefi \
	$(newest-kernels:%=qemu-%-published)
qemu-bad := $(addprefix qemu-bad-,no-map outside-memory overlap unaligned stale-slot wrong-magic no-room \
	lists names length cells table-no-map cut borrow bring-up firmware untold \
	published-block published-root published-ram)
# What the driver does when the firmware, a user, or the driver itself does not do what it should
qemu-standin := $(addprefix qemu-standin-,locked-6.1 locked-newest-16k slow late mute left jobs abort hang garbage \
	published hostile unbind outlive unplug kill memcg evict reach early no-flush)
qemu-standin-wide := $(addprefix qemu-standin-,bounced locked-6.12 $(addsuffix -newest-16k,late unplug outlive evict))
# A boot of the same binaries by the same scripts is not done again; "make run" always is.
boot-inputs := $(addprefix board/qemu-virt/,run.sh machine.sh qemu.sh lines.sh) test/qemu/judge.sh \
	$(wildcard test/qemu/expect/*)
.PHONY: $(qemu-boots) $(qemu-boots-wide) $(qemu-bad) $(qemu-standin) $(qemu-standin-wide) qemu-outside qemu-u-boot qemu-u-boot-hosts qemu-u-boot-hosts-all \
	qemu-judge qemu-run qemu-quiet qemu-clients qemu-scatter
$(foreach k,$(kernels),$(eval qemu-$(k)-booti qemu-$(k)-published: $(o)/linux/$(k)/initrd.gz $(guest)/user.cpio.gz))
$(foreach k,$(kernels),$(eval qemu-$(k)-bootefi: $(o)/linux/$(k)/esp.img $(guest)/user.cpio.gz))
$(qemu-boots) $(qemu-boots-wide): qemu-%: $(standin)
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/boot.sh $(o) \
		$(patsubst %-$(lastword $(subst -, ,$*)),% $(lastword $(subst -, ,$*)),$*)
$(qemu-bad): qemu-bad-%: $(standin) $(o)/linux/6.1/initrd.gz
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/negative.sh $(o) $*
qemu-bad-untold: $(o)/linux/6.1/esp.img
# For looking into a file that was a machine's RAM.
outside := $(o)/test/outside-dump
closed := $(o)/test/outside-closed
dumped := $(o)/test/outside-core
$(outside) $(closed) $(dumped): $(o)/test/outside-%: test/qemu/outside/%.c $(o)/host/libgpuas.a
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(cflags)) -Iboard/qemu-virt/device/include -O2 -g -D_DEFAULT_SOURCE $^ -o $@
# A driver whose SMMU forgets nothing: what is tested is the test.
no-flush := $(o)/test/no-flush
$(eval $(call module-rules,6.12,$(no-flush), \
	's/err = gpuas_qv_smmu_invalidate.*/err = 0;/' board/qemu-virt/linux/ttb.c))
$(qemu-standin) $(qemu-standin-wide): qemu-standin-%: $(standin) $(closed) $(test-kernels:%=$(o)/linux/%/initrd.gz) \
		$(guest)/user.cpio.gz
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/standin.sh $(o) $* $(closed)
qemu-standin-no-flush: $(no-flush)/initrd.gz
# A driver that finds the firmware dead before it can have users.
early := $(o)/test/early
early-sed := 's/int err = gpuas_qv_fw_lock(fw);/int err = gpuas_report(report, -EIO, "firmware", NULL, "is dead");\n\n\tmutex_lock(\&fw->lock);\n\tgpuas_qv_fw_give_up(fw, report);\n\tmutex_unlock(\&fw->lock);/' \
	board/qemu-virt/linux/attach.c
$(eval $(call module-rules,6.12,$(early),$(early-sed)))
qemu-standin-early: $(early)/initrd.gz
# What is in the dump of a GPU whose firmware broke down: KERNEL, and the stand-in's profile
qemu-core := $(addprefix qemu-core-,6.1-answers 6.12-answers 6.12-published)
qemu-core-wide := $(addprefix qemu-core-,6.1-published newest-16k-answers newest-16k-published)
.PHONY: $(qemu-core) $(qemu-core-wide)
$(foreach k,$(kernels),$(eval $(filter qemu-core-$(k)-%,$(qemu-core) $(qemu-core-wide)): $(o)/linux/$(k)/initrd.gz))
$(qemu-core) $(qemu-core-wide): qemu-core-%: $(standin) $(dumped) $(guest)/user.cpio.gz $(tool) README.md
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/core.sh $(o) \
		$(patsubst %-$(lastword $(subst -, ,$*)),%,$*) $(lastword $(subst -, ,$*)) $(dumped)
# An OS and a previous stage, for U-Boot's tests.
$(o)/test/%.bin: test/qemu/%.S
	$(say) AS $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS_COMPILE)as $< -o $(@:.bin=.o)
	$(Q)$(CROSS_COMPILE)objcopy -O binary $(@:.bin=.o) $@
qemu-u-boot: $(standin) $(dumped) $(addprefix $(o)/test/,efi-exit.bin previous-stage.bin)
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/u-boot.sh $(o)
# Each U-Boot that the library is for, and each board: U_BOOT_HOSTS='DIR...' has more trees, such as
# checkouts; without it, the newest of Debian is tried.
u-boot-hosts = $(u-boot-src) $(or $(abspath $(U_BOOT_HOSTS)),$(u-boot-newest))
qemu-u-boot-hosts qemu-u-boot-hosts-all: $(standin) $(if $(U_BOOT_HOSTS),,$(u-boot-newest)/.unpacked)
qemu-u-boot-hosts:
	$(Q)INPUTS='$(standin) $(u-boot-deps) $(boot-inputs)' $(suite) $@ test/qemu/u-boot-hosts.sh $(o) \
		$(CROSS_COMPILE) $(CROSS_COMPILE_ARM) some $(u-boot-hosts)
qemu-u-boot-hosts-all:
	$(Q)$(suite) $@ test/qemu/u-boot-hosts.sh $(o) $(CROSS_COMPILE) $(CROSS_COMPILE_ARM) all $(u-boot-hosts)
# One kernel after the other: CASE-FIRST-NEXT. A driver that is not told of the end of its kernel shows
# that kexec can fail.
$(o)/kexec/.unpacked: board/qemu-virt/kexec.sh $(fetch)
	$(Q)board/qemu-virt/kexec.sh unpack $(cache) $(@D)
unshut := $(o)/test/unshut
$(eval $(call module-rules,6.12,$(unshut),'s/gpu_quiesce(platform_get_drvdata(pdev));/;/' board/qemu-virt/linux/driver.c))
qemu-kexec-unshut: $(unshut)/initrd.gz
define next-rules
$(1): $(standin) $(o)/kexec/.unpacked $(o)/linux/$(3)/initrd.gz $(o)/linux/$(4)/initrd.gz $(guest)/user.cpio.gz
	$$(Q)INPUTS='$$^ $(boot-inputs)' $$(suite) $$@ test/qemu/next.sh $(o) $(3) $(4) $(2)
endef
$(eval $(call next-rules,qemu-kexec,kexec,6.12,6.12))
$(eval $(call next-rules,qemu-kdump,panic,6.12,6.12))
$(eval $(call next-rules,qemu-kexec-unshut,unshut,6.12,6.12))
$(eval $(call next-rules,qemu-kexec-6.1,kexec,6.1,6.12))
$(eval $(call next-rules,qemu-kexec-efi,efi,6.12,6.12))
qemu-kexec-efi: $(o)/linux/6.12/esp.img
$(eval $(call next-rules,qemu-kexec-newer,kexec,6.12,newest-16k))
$(eval $(call next-rules,qemu-kexec-older,kexec,newest-16k,6.12))
$(eval $(call next-rules,qemu-kdump-newest,panic,newest-16k,newest-16k))
qemu-next := qemu-kexec
qemu-next-wide := $(addprefix qemu-,kdump kexec-unshut kexec-6.1 kexec-efi kexec-newer kexec-older kdump-newest)
.PHONY: $(qemu-next) $(qemu-next-wide)
qemu-judge: qemu-6.12-booti qemu-6.12-published
	$(Q)$(suite) $@ test/qemu/judge-test.sh $(o)/test/boot-6.12-booti.log \
		$(o)/test/boot-6.12-published.log
# Programs that nobody here wrote
qemu-clients: $(standin) $(o)/linux/6.12/initrd-clients.gz
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/clients.sh $(o)
# Many pages in one call, beside the kernel's io-pgtable in the same guest
qemu-scatter: $(standin) $(o)/linux/6.12/initrd-scatter.gz
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/scatter.sh $(o)
qemu-outside: $(standin) $(o)/linux/6.12/initrd.gz $(guest)/user.cpio.gz $(outside) $(closed) $(tool) \
		test/qemu/outside/differ.py
	$(Q)INPUTS='$^ $(boot-inputs)' $(suite) $@ test/qemu/outside.sh $(o) $(outside) $(closed)
qemu-quiet: $(qemu-dir)/.unpacked
	$(Q)$(suite) $@ test/qemu/quiet.sh $(qemu-dir)
# All that "make run" needs is there before it is called, so that it has nothing to build.
qemu-run: $(standin) $(o)/linux/6.12/initrd.gz
	+$(Q)$(suite) $@ test/readme/run.sh $(o) $(self) run
qemu-suites := qemu-u-boot-hosts qemu-u-boot qemu-standin-hostile $(qemu-boots) $(qemu-bad) \
	$(filter-out %-hostile,$(qemu-standin)) $(qemu-core) $(qemu-next) qemu-outside qemu-judge qemu-debug-judge qemu-run qemu-quiet
include test/qemu/debug/debug.mk

#
# What README.md says
#

readme-suites := readme readme-driver
.PHONY: $(readme-suites)
readme: $(o)/host/libgpuas.a $(o)/host/libgpuas-fdt.a $(standin) $(o)/linux/6.1/initrd.gz
	$(Q)$(suite) $@ test/readme/readme.sh $(o) $(CROSS_COMPILE)
readme-driver: $(standin) $(o)/busybox $(test-kernels:%=$(o)/linux/%/module/gpuas.ko)
	$(Q)$(suite) $@ test/readme/driver.sh $(o) $(CROSS_COMPILE) $(test-kernels)

#
# All of it. The tools have to be there before make looks for what they come with, so that this
# make installs them and another one does the rest, on all cores.
#

self := $(MAKE) $(jobs) O='$(O)' V='$(V)' W='$(W)' CACHE='$(CACHE)' \
	U_BOOT_SRC='$(U_BOOT_SRC)' U_BOOT_HOSTS='$(U_BOOT_HOSTS)' \
	CROSS_COMPILE='$(CROSS_COMPILE)' CROSS_COMPILE_ARM='$(CROSS_COMPILE_ARM)'

dt-suites := dt-schema dt-corpus-sample
# What takes longest comes first, and what is short fills the gaps at the end: no core has to wait.
all-suites := $(readme-suites) $(qemu-suites) $(device-suites) $(walk-suites) $(model-suites) $(model-variants) $(agents-suites) \
	$(dt-suites) $(tool-suites) $(build-suites) $(unit-suites) saver

# What "make test-all" does besides
wide-suites := $(build-modules-wide) $(qemu-boots-wide) $(qemu-standin-wide) $(qemu-core-wide) $(qemu-next-wide) qemu-clients qemu-scatter qemu-u-boot-hosts-all $(model-suites-long) \
	$(walk-suites-wide) $(device-suites-wide) $(tool-suites-wide) unit-mutants

## suites: list the suites of "make test"; each is a target too: make qemu-u-boot
.PHONY: suites test-suites wide-suites
suites:
	@echo $(all-suites) | fold -s -w 100
test-suites: $(all-suites)
wide-suites: $(wide-suites)

## run: build all, boot with the console live, judge what it did (PROFILE=published too)
.PHONY: run
run: deps-run
	+$(Q)$(self) u-boot firmware qemu $(o)/linux/6.12/initrd.gz
	$(Q)$(run) -O $(o) -k 6.12 -P $(PROFILE) -p booti -c -l $(o)/run/run.log -s 'gpuas info'
	$(Q)board/qemu-virt/verdict.sh $(o)/run/run.log

## test: run all tests, from nothing if need be; ends with "N passed, N failed"
.PHONY: test
test: deps
	+$(Q)$(self) test-suites
	$(Q)test/summary.sh $(all-suites:%=$(o)/test/%.tap)

## test-all: the same, and all kernels, compilers and boards of U-Boot, longer random runs
.PHONY: test-all
test-all: deps
	+$(Q)$(self) test-suites wide-suites
	$(Q)test/summary.sh $(patsubst %,$(o)/test/%.tap,$(all-suites) $(wide-suites))
