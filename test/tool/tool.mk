# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Tests of the host's tool on files: what it says of them, and that no file can harm it.

tool-suites := tool-files tool-json tool-manual tool-docs tool-bad
tool-suites-wide := $(addprefix tool-fuzz-,core ram notes)

# The tool with sanitizers, what writes files of a machine in simulated RAM, and what spoils them
tool-part := $(filter-out %/gpuas.o,$(patsubst %.c,$(o)/unit/%.o,$(wildcard lib/host/*.c)))
tool-machine := $(o)/unit/tool-machine
tool-asan := $(o)/unit/gpuas
tool-fuzz := $(addprefix $(o)/unit/fuzz-,core ram notes)
-include $(tool-part:.o=.d) $(addprefix $(o)/unit/test/tool/,machine.d fuzz.d fuzz-core.d fuzz-ram.d fuzz-notes.d)
tool-link = $(CC) $(unit-flags) $^ $(tool-libs) -lcmocka -o $@
$(tool-machine): $(o)/unit/test/tool/machine.o $(unit-lib)
	$(say) LINK 'unit tool-machine'
	$(Q)$(tool-link)
$(tool-asan): $(tool-part) $(o)/unit/lib/host/gpuas.o $(unit-lib)
	$(say) LINK 'unit gpuas'
	$(Q)$(tool-link)
$(tool-fuzz): $(o)/unit/fuzz-%: $(o)/unit/test/tool/fuzz-%.o $(o)/unit/test/tool/fuzz.o $(tool-part) $(unit-lib)
	$(say) LINK 'unit fuzz-$*'
	$(Q)$(tool-link)

# The same by libFuzzer, a million runs each: "make test-all"
fuzz-flags := -O2 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Itest/unit
fuzz-part := $(patsubst $(o)/unit/%,$(o)/fuzz/%,$(tool-part) $(unit-lib))
# Words of tables, and where memory is, are compared so often that to watch each costs half of the time.
fuzz-unwatched = $(if $(filter lib/table/% lib/snapshot/% lib/host/pieces.c lib/host/compare.c,$<),-fno-sanitize-coverage=trace-cmp)
$(o)/fuzz/%.o: %.c
	$(say) CC 'fuzz $<'
	$(Q)mkdir -p $(@D)
	$(Q)clang $(cflags) $(fuzz-flags) $(fuzz-unwatched) -c $< -o $@
-include $(fuzz-part:.o=.d) $(addprefix $(o)/fuzz/test/tool/fuzz-,core.d ram.d notes.d budget.d)
$(o)/fuzz/fuzz-%: $(o)/fuzz/test/tool/fuzz-%.o $(o)/fuzz/test/tool/fuzz-budget.o $(fuzz-part)
	$(say) LINK 'fuzz $*'
	$(Q)clang $(fuzz-flags) -fsanitize=fuzzer -Wl,--wrap=gpuas_snapshot_capture $^ $(tool-libs) -lcmocka -o $@

# Random damage for each kind of file, as "make test" has it
tool-damage := 1000
.PHONY: $(tool-suites) $(tool-suites-wide)
tool-files tool-json tool-manual tool-docs: $(tool-machine) $(tool-asan)
	$(Q)$(suite) $@ test/tool/$(@:tool-%=%).sh $(o)
tool-bad: $(tool-machine) $(tool-asan) $(tool-fuzz)
	$(Q)$(suite) $@ test/tool/bad.sh $(o) $(tool-damage)
$(addprefix tool-fuzz-,core ram notes): tool-fuzz-%: $(tool-machine) $(o)/fuzz/fuzz-%
	$(Q)$(suite) $@ test/tool/fuzz.sh $(o) $* 1000000

# tool-corpus: pack the few inputs that reach what all reach that fuzzing kept, for "make test"
.PHONY: tool-corpus
tool-corpus: $(addprefix $(o)/fuzz/fuzz-,core ram notes)
	$(Q)test/tool/corpus.sh $(o) core ram notes
