# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Pictures by the host's tool: what is in them, and how they look and behave in a browser.

tool-suites += tool-map
.PHONY: tool-map
tool-map: $(tool-machine) $(tool-asan)
	$(Q)$(suite) $@ test/tool/map.sh $(o)
