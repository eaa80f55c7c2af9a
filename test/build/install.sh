#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# install.sh O: can a program be built with what "make install" installs, and nothing else? Prints TAP.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$1/install
rm -rf "$dir"

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

(umask 077 && make -s O="$1" DESTDIR="$dir" PREFIX=/opt/gpuas install)
result $? 'make install takes DESTDIR and PREFIX'
! find "$dir" -mindepth 1 ! -perm -444 | grep .
result $? 'and what it installs can be read by all, whatever the umask'
found=$(find "$dir" -type f ! -path "$dir/opt/gpuas/*" | wc -l)
result "$found" 'and puts nothing elsewhere'

cat >"$dir/program.c" <<'END'
#include <stdio.h>
#include <gpuas/adt.h>
#include <gpuas/boards.h>
#include <gpuas/fdt.h>
#include <gpuas/space.h>

int main(void)
{
	static unsigned long blob[64];
	struct gpuas_manifest manifest;

	puts(gpuas_board_find("apple,t8103")->name);
	struct gpuas_adt adt = { 0 };
	size_t node;

	if (!gpuas_adt_node(&adt, "/", &node, NULL))
		return 1;
	return gpuas_fdt_read(blob, &gpuas_board_qemu_virt, &manifest, NULL) != -GPUAS_EBADMSG;
}
END
export PKG_CONFIG_PATH=$dir/opt/gpuas/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dir
# shellcheck disable=SC2046
"${CC:-cc}" "$dir/program.c" $(pkg-config --cflags --libs libgpuas) -o "$dir/program"
result $? 'a program finds headers and libraries through pkg-config'
[ "$("$dir/program")" = apple-t8103 ]
result $? 'and runs'
"$dir/opt/gpuas/bin/gpuas" plan all >"$dir/plan" && grep -q '^board apple-t8103:' "$dir/plan"
result $? 'so does the tool'
mandoc -T markdown "$dir/opt/gpuas/share/man/man1/gpuas.1" | grep -qx '# NAME'
result $? 'its manual page is read'
(. "$dir/opt/gpuas/share/bash-completion/completions/gpuas" && complete -p gpuas) >/dev/null
result $? 'its completion is one'
[ -s "$dir/opt/gpuas/share/gpuas/gpuas.schema.json" ]
result $? 'and what it prints for programs has a schema'
