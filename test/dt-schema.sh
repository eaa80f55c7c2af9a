#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# dt-schema.sh CACHE TREE.dtb...: judge our bindings, and trees that were filled, by dt-schema; and see
# that it rejects trees that were spoilt. Prints TAP.
#
# Only Debian's unstable suite has a dt-schema that knows reserved memory, and it needs a Python of the
# same suite. Both are unpacked into CACHE, never installed. A tool that cannot be had is a skip.
set -uo pipefail
export LC_ALL=C

[ $# -ge 2 ] || { echo "usage: dt-schema.sh CACHE TREE.dtb..." >&2; exit 2; }
mkdir -p "$1"
cache=$(cd "$1" && pwd)
shift
bindings=$(cd "$(dirname "$0")/../dts/bindings" && pwd)
root=$cache/root
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
	echo "ok 1 - dt-schema # SKIP $*"
	echo "1..1"
	exit 0
}

# The tool $1, run by the unpacked Python with the unpacked C library.
tool() {
	local name=$1
	shift
	PYTHONHOME=$root/usr PYTHONPATH=$root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 \
		"$loader" --library-path "${libc%/*}" "$root/usr/bin/python3" "$root/usr/bin/$name" "$@"
}

n=0
# result NAME WANTED FILE: FILE is what the tool said; WANTED is a regular expression, "" for silence.
# (The tool does not name a property that may not be there at all: "False schema".)
result() {
	n=$((n + 1))
	if if [ -n "$2" ]; then grep -qE "$2" "$3"; else ! grep -q . "$3"; fi; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$3"
	fi
}

# judge TREE.dtb...: only by our schemas, as most trees break some rule of dt-schema's own. Several at once,
# as the tool takes longer to start than to judge.
judge() {
	tool dt-validate -l gpuas -s "$work/schema.json" "$@" >"$work/out" 2>&1 ||
		echo "dt-validate: status $?" >>"$work/out"
}

# spoil NAME WANTED SED: a tree is to be rejected after SED has changed its source
names=() wants=() spoilt=()
spoil() {
	local bad=$work/spoilt-${#names[@]}
	sed -E "$3" "$work/good.dts" >"$bad.dts"
	if cmp -s "$work/good.dts" "$bad.dts"; then
		echo "nothing to spoil" >"$bad.said"
	elif dtc -q -I dts -O dtb -o "$bad.dtb" "$bad.dts" 2>"$bad.said"; then
		spoilt+=("$bad.dtb")
	fi
	names+=("$tree: $1 is rejected") wants+=("$2")
}

# Of each spoilt tree, what was said with its name
rejected() {
	local i
	judge "${spoilt[@]}"
	for i in "${!names[@]}"; do
		grep -F -e "$work/spoilt-$i.dtb: " "$work/out" >>"$work/spoilt-$i.said"
		result "${names[i]}" "${wants[i]}" "$work/spoilt-$i.said"
	done
}

spoil_regions() {
	local node=$1
	spoil 'no-map' "$node.*(no-map|False schema)" "/^\t\t$node.*\{/a no-map;"
	spoil 'no-map with a value' "$node.*no-map" "/^\t\t$node.*\{/a no-map = <1>;"
	spoil 'reusable' "$node.*(reusable|False schema)" "/^\t\t$node.*\{/a reusable;"
	spoil 'a shared DMA pool' "$node.*compatible" "/^\t\t$node.*\{/a compatible = \"shared-dma-pool\";"
	spoil 'a region of two ranges' "$node.*reg" "/^\t\t$node.*\{/,/\};/s/reg = <([^>]*)>/reg = <\1 \1>/"
	spoil 'a region without reg' "$node.*(reg|conditional)" "/^\t\t$node.*\{/,/\};/s/reg = .*//"
	spoil 'missing ranges' "reserved-memory.*ranges" "/reserved-memory \{/,/^\t\};/s/^\t\tranges;//"
}

spoil_gpu() {
	spoil 'firmware code without its GPU address' 'gpuas-fw-text.*iommu-addresses' \
		'/gpuas-fw-text.*\{/,/\};/s/iommu-addresses.*//'
	spoil 'a TTB array with a GPU address' 'gpuas-ttbs.*(iommu-addresses|False schema)' \
		'/gpuas-ttbs.*\{/a iommu-addresses = <1 0 0 0 1>;'
	spoil 'another order of names' 'gpu.*memory-region-names' 's/"ttbs\\0pagetables/"pagetables\\0ttbs/'
	spoil 'a missing region' 'gpu.*memory-region' 's/\\0shared"/"/'
	spoil 'a missing window' 'gpu.*gpuas,host-window' 's/gpuas,host-window.*//'
	spoil 'a window without size' 'gpu.*gpuas,host-window' 's/(gpuas,host-window = <)[^>]*/\10 1/'
	spoil 'an impossible size of the space' 'gpu.*gpuas,va-bits' 's/(gpuas,va-bits = <)[^>]*/\164/'
}

# Of each contract, what it is known by and what it demands.
spoil_contract() {
	case $1 in
	aurora-m3)
		spoil 'another version' 'gpu.*apple,m3-handoff-version' 's/(m3-handoff-version = <)[^>]*/\12/'
		spoil 'other flags' 'gpu.*apple,firmware-segment-flags' 's/(segment-flags = <)[^>]*/\11 1/'
		spoil 'one VA for two segments' 'gpu.*apple,firmware-segment-vas' \
			's/(segment-vas = <0x[0-9a-f]+ 0x[0-9a-f]+)[^>]*/\1/'
		spoil 'a missing name' 'gpu.*memory-region-names' 's/\\0shared-l2//'
		spoil 'firmware of no kind' 'asc-firmware.*compatible' 's/compatible = "apple,asc-mem";//' ;;
	ico-t6030)
		spoil 'no-map' 'uat-handoff.*(no-map|False schema)' '/uat-handoff \{/a no-map;'
		spoil 'no-map of the table that is lent' 'uat-pagetables-l2.*(no-map|False schema)' \
			'/uat-pagetables-l2 \{/a no-map;' ;;
	aurora-g16)
		spoil 'another order' 'gpu.*memory-region-names' 's/"ttbs\\0pagetables/"pagetables\\0ttbs/'
		spoil 'another version' 'gpu.*apple,g16-handoff-version' 's/(g16-handoff-version = <)[^>]*/\12/' ;;
	gravity-g16)
		spoil 'a window without size' 'gpu.*apple,rtkit-private-vm-region' \
			's/(rtkit-private-vm-region = <0x[0-9a-f]+ 0x[0-9a-f]+)[^>]*/\1/'
		spoil 'a base of 32 bits' 'gpu.*apple,sgx-gpu-region-base' \
			's/(sgx-gpu-region-base = )[^;]*/\1[00 00 01 00]/' ;;
	qemu-published)
		spoil 'tables in the linear map' 'gpuas-tables.*no-map' '/gpuas-tables@/,/\};/s/no-map;//'
		spoil 'a lent table in the linear map' 'gpuas-lent.*no-map' '/gpuas-lent@/,/\};/s/no-map;//'
		spoil 'no-map of what is not for walkers' 'gpuas-ttbs.*(no-map|False schema)' '/gpuas-ttbs@/a no-map;'
		spoil 'a missing lent table' 'gpu.*memory-region-names' 's/\\0lent"/"/'
		spoil 'the first profile with a lent table' 'gpu.*memory-region' 's/gpu-published"/gpu"/' ;;
	gravity-neo)
		spoil 'six phandles' 'gpu.*memory-region' 's/(memory-region = <.*) 0x0*7>/\1>/'
		spoil 'a missing base' 'gpu.*apple,sgx-gfx-handoff-base' 's/.*sgx-gfx-handoff-base.*//'
		spoil 'another firmware' 'gpu.*apple,firmware-build' 's/161\.9/161.10/'
		spoil 'buffers that the kernel may use' 'gpu-source-memory.*no-map' \
			'/gpu-source-memory@/,/\};/s/no-map;//' ;;
	vinix)
		spoil 'another order' 'gpu.*memory-region-names' 's/"ttbs\\0handoff/"handoff\\0ttbs/' ;;
	esac
}

"${0%/*}/unstable.sh" "$cache" dt-schema ||
	skip "cannot be fetched from the mirror's unstable suite (see $cache/log)"
loader=$(find "$root" -name 'ld-linux*.so.*' -type f | head -n 1)
libc=$(find "$root" -name 'libc.so.6' | head -n 1)
version=$(tool dt-validate --version 2>"$cache/log") || skip "does not run here (see $cache/log)"
echo "# dt-schema $version"

tool dt-doc-validate -u "$bindings" "$bindings" >"$work/out" 2>&1
result 'bindings are well-formed' '' "$work/out"
tool dt-mk-schema -j "$bindings" >"$work/schema.json" 2>"$work/out"
result 'bindings compile' '' "$work/out"

kinds=
judge "$@"
cp "$work/out" "$work/all"
for dtb; do
	tree=$(basename "$dtb" .dtb)
	[ ! -s "$work/all" ] || judge "$dtb"
	result "$tree: accepted" '' "$work/out"
	dtc -q -I dtb -O dts -o "$work/good.dts" "$dtb" || continue
	case $tree in contract-* | *-published) spoil_contract "${tree#*-}"; continue ;; esac
	# One tree of each kind is spoilt.
	case $kinds:$(grep -oE 'gpuas-handoff@|gpuas-handoff|uat-handoff' "$work/good.dts" | head -n 1) in
	*gpuas*:gpuas-handoff*) ;;
	*uat*:uat-handoff) ;;
	*:gpuas-handoff*)
		kinds+=gpuas
		spoil_regions gpuas-handoff
		spoil_gpu
		;;
	*:uat-handoff)
		kinds+=uat
		spoil_regions uat-handoff
		;;
	*)
		echo "$tree has no region that we know" >"$work/out"
		result "$tree: has regions" '' "$work/out"
		;;
	esac
done
rejected
[ -n "$kinds" ] || echo "not ok $((++n)) - there are trees to judge"
echo "1..$n"
