#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# json.sh O: is what --json prints what the schema says, and what the text says? Prints TAP.
. test/tool/common.sh "$1" json

schema=lib/host/gpuas.schema.json
# judge NAME: what is in $dir/out, against the schema
judge() {
	python3 - "$schema" "$dir/out" >&2 <<'END' && echo "ok - $1" || echo "not ok - $1"
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))
END
}

# asks NAME EXPRESSION: true of what is in $dir/out, as j
asks() {
	python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$dir/out" "$2" &&
		echo "ok - $1" || echo "not ok - $1"
}

while read -r status arguments; do
	# shellcheck disable=SC2086
	ends "$status" "$arguments" $arguments --json
	judge 'is as the schema has it'
done <<'LIST'
0 info before.core
0 info before.ram --dtb machine.dtb
0 info agx.core
0 info small.core
0 ls before.core
0 ls small.core
0 ls agx.core
0 ls bad.core
0 walk before.core 5:0x10000000
1 walk before.core 5:0
0 find before.core 0x800460000
1 find before.core 0
0 check before.core
1 check bad.core
0 diff before.core before.ram --dtb machine.dtb
1 diff before.core after.core
LIST
asks 'a diff counts what it lists' 'len(j["differences"]) == 4 == sum(j["counts"].values())'
asks 'and what it could not look at' 'j["not_compared"] == 0'
ends 0 'a file without contents' diff before.core small.core --json
judge 'is as the schema has it'
asks 'is not compared' 'j["not_compared"] == 1343488'
ends 0 'nor is it asked for tables' check small.core --json
judge 'is as the schema has it'
asks 'that it has not' 'not j["all_tables"]'
ends 0 'all that info says' info before.core --json
asks 'is in it' 'j["handoff"]["magic_host"] and j["windows"]["driver"]["va"] == "0xffffffa000000000" and j["odd_entries"] == 0'
ends 0 'of the other driver, too' info agx.core --json
asks 'is in it' 'j["agx"]["chip"] == "0x8103" and j["agx"]["generation"] == 13 and len(j["agx"]["firmware"]) == 6'
ends 1 'a finding for programs' check bad.core --json
asks 'has its numbers' 'j["findings"][0]["va"] == "0x0" and j["findings"][0]["level"] == 2'
ends 0 'ls for programs' ls before.core --json
asks 'has each extent' 'len(j["extents"]) == 25'
cp "$dir/before.core" "$dir/$(printf 'odd\377"\n\033name')"
ends 0 'a name that is no text' info "$(printf 'odd\377"\n\033name')" --json
judge 'is as the schema has it'
cp "$dir/before.core" "$dir/Müll ☃.core"
ends 0 'a name that is text' info 'Müll ☃.core' --json
asks 'is what it was' 'j["file"] == "Müll ☃.core"'
echo '{ "command": "ls", "file": "x", "kind": "ram", "extents": [ { "address": 1 } ] }' >"$dir/out"
holds 'the judge refuses what is not' [ "$(judge x 2>/dev/null)" = 'not ok - x' ]
