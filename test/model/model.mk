# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The model: the core, optimised and with UBSan, against a second implementation that shares no code
# with it. One suite for each format; GPUAS_SEED= and GPUAS_OPS= choose the run.

model-flags := -O2 -g -fsanitize=undefined -fno-sanitize-recover=all -Itest/model
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

model-suites := $(addprefix model-,uat lpae-4k lpae-16k lpae-64k)
# The same for "make test-all", with a million operations
model-suites-long := $(model-suites:=-long)
.PHONY: $(model-suites) $(model-suites-long)
$(model-suites): model-%: $(o)/model/model_test
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< $*
$(model-suites-long): model-%-long: $(o)/model/model_test
	$(Q)CMOCKA_MESSAGE_OUTPUT=TAP INPUTS='$^' $(suite) $@ $< $* 1000000

## model: run random operations against the model (GPUAS_SEED=, GPUAS_OPS= per format)
.PHONY: model
model: $(model-suites)
	$(Q)test/summary.sh $(model-suites:%=$(o)/test/%.tap)
