#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# tool.sh O: does the host's tool say what it promises, and end as it says? Prints TAP.
set -u
o=$(realpath "$1")
dir=$o/tool
gpuas=$o/host/gpuas
rm -rf "$dir"
mkdir -p "$dir"

# ends STATUS NAME ARGUMENT...: the tool ends with it; $dir/out and $dir/err have what it said
ends() {
	local want=$1 name=$2 status=0
	shift 2
	"$gpuas" "$@" >"$dir/out" 2>"$dir/err" || status=$?
	[ $status -eq "$want" ] && echo "ok - $name" || echo "not ok - $name ends with $status, not $want"
}

# says FILE TEXT
says() {
	grep -qxF -- "$2" "$dir/$1" && echo "ok - it says '$2'" || {
		echo "not ok - it says '$2'"
		cat "$dir/$1" >&2
	}
}

silent() {
	[ ! -s "$dir/$1" ] && echo "ok - and nothing else" || echo "not ok - and nothing else ($(head -n 1 "$dir/$1"))"
}

ends 0 'the plan of a board that allocates' plan qemu-virt
says out "format lpae-16k: granule 16K, upper half of 39 VA bits, 40 PA bits; a root entry covers 64G"
says out "firmware's window 0xffffff8000000000-0xffffff9fffffffff, 128G"
says out "planned: tables 4; regions are allocated, in units of 64K"
says out "contracts: gpuas-qemu-virt"
says out "fw-text             256K    0xffffff8000000000  firmware  gpu=--- fw=r-x gl=--- cached global"
silent err
ends 0 'the plan of a board that adopts' plan apple-t8103
says out "planned: tables 1; regions are taken over, aligned to 16K"
says out "contracts: apple-agx"
says out "hw-cal-a            if any  -                   host"
ends 0 'the plan of all boards' plan all
cp "$dir/out" "$dir/all"
boards=$(sed -n '/struct gpuas_board [a-z0-9_]* = {$/{n;s/^\t\.name = "\(.*\)",$/\1/p}' board/qemu-virt/board.c board/apple/soc.c)
[ "$(wc -w <<<"$boards")" -ge 21 ] || echo "not ok - the sources have at least 21 boards: $boards"
for name in $boards; do
	"$gpuas" soc "$name" 2>&1 | grep -q "^no board: SoC $name: identified, but not known: ." && incomplete=1 || incomplete=0
	[ "$(grep -c "^board $name:" "$dir/all")" -eq $((1 - incomplete)) ] && echo "ok - with $name, or what is missing for it" ||
		echo "not ok - with $name, or what is missing for it"
done
[ "$(awk 'length($0) > 100' "$dir/out" | wc -l)" -eq 0 ] && echo 'ok - in lines of at most 100 columns' ||
	echo 'not ok - in lines of at most 100 columns'

awk '/^Region /{ row = 1; next } /^$/{ row = 0 } row' "$dir/all" >"$dir/rows"
apart=$(grep -cE '^[a-z0-9-]+ +(found|if any|[0-9]+[BKMGT]) +(-|0x[0-9a-f]{16}) +(firmware|host|shared)' "$dir/rows")
[ "$apart" -ge 70 ] && [ "$apart" -eq "$(wc -l <"$dir/rows")" ] && echo 'ok - and columns that are apart' ||
	echo "not ok - and columns that are apart: $apart rows"
ends 0 'a SoC by the name in the table' soc t8103
cp "$dir/out" "$dir/soc"
ends 0 'and by that of its board' soc apple-t8103
cmp -s "$dir/out" "$dir/soc" && echo 'ok - are the same' || echo 'not ok - are the same'

names=$(sed -n 's/^board \(.*\): machine .*/\1/p' "$dir/all" | tr '\n' ' ')
[ -n "$names" ] || echo 'not ok - the plan of all has boards'
ends 2 'a board that is not known' plan nothing
says err "gpuas: no board is called nothing; there are: ${names% }"
silent out
for arguments in '' 'plan' 'plan all all' 'nothing' 'plan-all' '--nothing'; do
	# shellcheck disable=SC2086
	ends 2 "gpuas $arguments" $arguments
	says err 'usage: gpuas COMMAND [ARGUMENT...]'
	silent out
done
ends 0 'all SoCs as a table' soc all
silent err
says out '| t8103 | M1 | G13G | - | 39, 40 h | 0xffffffa000000000 h | 1 h | apple-agx h | answered h | coherent h | yes |'
sed -n '/^| SoC | product /,/^$/p' README.md | sed '/^$/d' >"$dir/readme"
diff "$dir/readme" "$dir/out" >&2 && echo 'ok - which is the one in README.md' || echo 'not ok - which is the one in README.md'
ends 0 'what is known of one SoC' soc apple-t8140
says out 'SoC apple-t8140: A18 Pro, GPU G17P'
says out 'machines apple,t8140'
says out 'roots                 2                   [hardware] aurora mmu.rs, pgtable.rs, g17/mod.rs'
silent err
ends 2 'a SoC that is not known' soc t9999
says err "gpuas: no SoC is called t9999; there are:$("$gpuas" soc all | sed -n 's/^| \(t[0-9]*\) .*/ apple-\1/p' | tr -d '\n')"
silent out
ends 0 'gpuas help' help
says out 'usage: gpuas COMMAND [ARGUMENT...]'
silent err

# A porter's list: the template, and one whose text may be written to by a format that has no such thing.
cat >"$dir/boards.c" <<'END'
#include "board/template/board.c"

static const struct gpuas_board_region wrong_regions[] = {
	{ .name = "text", .role = GPUAS_ROLE_MAPPED, .size = 0x10000,
	  .va = HALF_BASE, .attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_FW_EXEC | GPUAS_OWNER_FW },
};
static struct gpuas_board wrong, nowhere;

const struct gpuas_board *gpuas_board_at(unsigned int index)
{
	wrong = gpuas_board_template;
	wrong.name = "wrong";
	wrong.region = wrong_regions;
	wrong.regions = 1;
	nowhere = gpuas_board_template;
	nowhere.name = "nowhere";
	nowhere.machine = NULL;
	return index == 0 ? &wrong : index == 1 ? &gpuas_board_template : index == 2 ? &nowhere : NULL;
}
END
gpuas=$dir/gpuas
"${CC:-cc}" -std=c11 -Iinclude -I. -I"$o/page" lib/host/*.c "$dir/boards.c" "$o/host/libgpuas-fdt.a" "$o/host/libgpuas.a" \
	-lfdt -lelf -ljson-c -lz -lzstd -o "$gpuas" ||
	echo 'not ok - the tool is built with a list of boards of its own'
ends 0 'the plan of the template' plan template
says out 'board template: machine vendor,machine, GPU vendor,gpu'
ends 1 'the plan of a board that cannot be' plan wrong
says err "gpuas: board wrong: region text: uat has no gpu=--- fw=rwx gl=--- cached fw-owned, not with\
 fw=--x (not supported by the format)"
silent out
ends 1 'the plan of a board of no machine' plan nowhere
says err 'gpuas: board nowhere: board nowhere: has no printable machine (invalid argument)'
silent out
ends 1 'the plan of all' plan all
says out 'board template: machine vendor,machine, GPU vendor,gpu'

# The steps of the porting guide, on a copy of this tree
unset MAKEFLAGS MFLAGS MAKELEVEL O V W CACHE BOARD
mkdir -p "$dir/tree"
cp -r Makefile lib board include test dts "$dir/tree"
cd "$dir/tree" || exit 1
mkdir board/vendor
sed -e 's/gpuas_board_template/gpuas_board_vendor_soc/; s/gpuas_family_template/gpuas_family_vendor/
	s/"template"/"vendor-soc"/; /^extern /d' \
	board/template/board.c >board/vendor/soc.c
sed -i 's/^GPUAS_END_DECLS/extern const struct gpuas_board gpuas_board_vendor_soc;\n&/' include/gpuas/boards.h
sed -i 's/^extern const struct gpuas_family gpuas_family_qemu_virt;/&\nextern const struct gpuas_family gpuas_family_vendor;/' \
	board/families.h
sed -i 's/^\t&gpuas_family_qemu_virt,/&\n\t\&gpuas_family_vendor,/' board/families.c
sed -i 's/^GPUAS_BOARD_SRCS := /&vendor\/soc.c /' lib/sources.mk
make O="$dir/build" plan BOARD=vendor-soc >"$dir/out" 2>"$dir/err" && echo "ok - a copy of the template is planned" || {
	echo 'not ok - a copy of the template is planned'
	cat "$dir/err" >&2
}
says out 'board vendor-soc: machine vendor,machine, GPU vendor,gpu'
sed -i 's/\.va_bits = 39/.va_bits = 47/' board/vendor/soc.c
! make O="$dir/build" plan BOARD=vendor-soc >"$dir/out" 2>"$dir/err" && echo "ok - and refused when it is wrong" ||
	echo 'not ok - and refused when it is wrong'
says err 'gpuas: board vendor-soc: geometry uat: impossible VA bits 47 (invalid argument)'
