# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The model: the core, optimised and with UBSan, against a second implementation that shares no code
# with it. One suite for each format; GPUAS_SEED= and GPUAS_OPS= choose the run.

model-flags := -O2 -g1 -fsanitize=undefined -fno-sanitize-recover=all -Itest/model
model-srcs := $(wildcard test/model/*.c)
model-objs := $(core-objs:%=$(o)/model/%) $(model-srcs:%.c=$(o)/model/%.o)

$(o)/model/%.o: %.c
	$(say) CC 'model $<'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(model-flags) -c $< -o $@

$(o)/model/model_test: $(model-objs)
	$(say) LINK 'model'
	$(Q)$(CC) $(model-flags) $^ -lcmocka -o $@
-include $(model-objs:.o=.d)

# What is in lib/table, as it is built for size, and for one granule
model-variant-srcs := $(filter table/%,$(GPUAS_CORE_SRCS))
model-flags-size := -D__OPTIMIZE_SIZE__
model-flags-small := -DGPUAS_SMALL_GRANULE_SHIFT=14
define model-variant-rules
$$(o)/model/$(1)/%.o: %.c
	$$(say) CC 'model $(1) $$<'
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(cflags) $$(model-flags) $$(model-flags-$(1)) -c $$< -o $$@

$$(o)/model/model_test_$(1): $$(model-variant-srcs:%.c=$$(o)/model/$(1)/lib/%.o) \
		$$(filter-out $$(model-variant-srcs:%.c=$$(o)/model/lib/%.o),$$(model-objs))
	$$(say) LINK 'model $(1)'
	$$(Q)$$(CC) $$(model-flags) $$^ -lcmocka -o $$@
-include $$(model-variant-srcs:%.c=$$(o)/model/$(1)/lib/%.d)
endef
$(foreach v,size small,$(eval $(call model-variant-rules,$(v))))

model-suites := $(addprefix model-,uat lpae-4k lpae-16k lpae-64k)
model-variants := model-size-lpae-4k model-small-uat
# The same for "make test-all", with a million operations
model-suites-long := $(model-suites:=-long)
.PHONY: $(model-suites) $(model-variants) $(model-suites-long)
$(model-suites): model-%: $(o)/model/model_test
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< $*
model-size-lpae-4k: $(o)/model/model_test_size
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< lpae-4k
model-small-uat: $(o)/model/model_test_small
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< uat
$(model-suites-long): model-%-long: $(o)/model/model_test
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< $* 1000000

## model: run random operations against the model (GPUAS_SEED=, GPUAS_OPS= per format)
.PHONY: model
model: $(model-suites) $(model-variants)
	$(Q)test/summary.sh $(patsubst %,$(o)/test/%.tap,$(model-suites) $(model-variants))
