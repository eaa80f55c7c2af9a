# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# A synthetic board published in the device trees of real machines, with the sanitizers, and judged
# by a checker of its own in Python. All of them: make dt-corpus. A sample is part of "make test".

corpus := $(o)/test/dt-corpus
# With this one, the sample has a tree that is to be refused.
corpus-seed := $(or $(GPUAS_SEED),4)
corpus-run = python3 -B test/dt-corpus/corpus.py --seed $(corpus-seed)

$(corpus)/publish: $(o)/unit/test/dt-corpus/publish.o \
		$(addprefix $(o)/unit/,$(core-objs) $(fdt-objs))
	$(say) LINK $(@F)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(unit-flags) $^ -lfdt -o $@
-include $(o)/unit/test/dt-corpus/publish.d

# The 64-bit trees come with the kernels that are here anyway, 32-bit ones with U-Boot's source.
corpus-trees := $(release-kernels:%=$(o)/linux/%/.unpacked)

corpus-files := $(wildcard test/dt-corpus/*.py)
.PHONY: dt-corpus-sample dt-corpus
dt-corpus-sample: $(corpus)/publish $(corpus-trees) $(u-boot-src)/.unpacked
	$(Q)INPUTS='$^ $(corpus-files)' $(suite) $@ $(corpus-run) --sample 50 $(corpus)/publish \
		$(corpus)/work $(foreach k,$(release-kernels),arm64-$(k)=$(o)/linux/$(k)/tree/usr/lib) \
		arm=$(u-boot-src)/dts/upstream/src/arm

## dt-corpus: publish in all of Debian's device trees (fetches 60 MB once; 10 min)
dt-corpus: $(corpus)/publish
	$(Q)$(suite) $@ test/dt-corpus/dt-corpus.sh $(cache)/dt-corpus $(corpus-run) $(corpus)/publish \
		$(corpus)/work
	$(Q)sed -n 's/^#/         /p; s/^ok/          ok/p' $(o)/test/$@.tap
