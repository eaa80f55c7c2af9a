# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Tests of the host's tool on files: what it says of them, and that no file can harm it.

# The tool with sanitizers, and what writes files of a machine in simulated RAM
unit-tool-objs := $(patsubst %.c,$(o)/unit/%.o,$(wildcard lib/host/*.c))
tool-machine := $(o)/unit/tool-machine
tool-asan := $(o)/unit/gpuas
-include $(unit-tool-objs:.o=.d) $(o)/unit/test/tool/machine.d
$(tool-machine): $(o)/unit/test/tool/machine.o $(unit-lib)
	$(say) LINK 'unit tool-machine'
	$(Q)$(unit-link)
$(tool-asan): $(unit-tool-objs) $(unit-lib)
	$(say) LINK 'unit gpuas'
	$(Q)$(CC) $(unit-flags) $^ $(tool-libs) -lcmocka -o $@
