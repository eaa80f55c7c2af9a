#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# unstable.sh DIR PACKAGE...: have packages of Debian's unstable suite, and all that they need, unpacked in
# DIR/root, never installed. PACKAGE is an extended regular expression; of the names that it matches, the
# one with the highest number is taken: 'gcc-[0-9]+'. Succeeds at once if it has been done. Status 1 if
# something cannot be had; DIR/log says why.
#
# What is in DIR/root needs the C library from there too, by the loader from there:
#   LOADER --library-path FOLDERS PROGRAM ARGUMENT...
set -uo pipefail
export LC_ALL=C

SUITE=sid

[ $# -ge 2 ] || { echo 'usage: unstable.sh DIR PACKAGE...' >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
apt=$dir/apt

mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk '$2 !~ /-/ && $3 == "main" { print $1; exit }'
}

# As board/qemu-virt/fetch.sh does: the machine's own apt must not learn of another suite.
private_apt() {
	local arch uri
	arch=$(dpkg --print-architecture) && uri=$(mirror) && [ -n "$uri" ] || return 1
	rm -rf "$apt"
	mkdir -p "$apt"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
		"$apt"/state/lists/partial "$apt"/cache/archives/partial || return 1
	: >"$apt/state/status"
	cp /etc/apt/trusted.gpg.d/* /usr/share/keyrings/debian-archive-keyring.gpg \
		"$apt/etc/trusted.gpg.d" 2>/dev/null
	echo "deb $uri $SUITE main" >"$apt/etc/sources.list"
	{
		apt-config dump | grep -E '^Acquire::(https?|Retries|ForceIPv)'
		cat <<-END
			Dir::Etc "$apt/etc";
			Dir::Etc::parts "$apt/etc/apt.conf.d";
			Dir::State "$apt/state";
			Dir::State::status "$apt/state/status";
			Dir::Cache "$apt/cache";
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Sandbox::User "root";
			APT::Install-Recommends "false";
			Acquire::Languages "none";
			Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
			Acquire::Check-Valid-Until "false";
		END
	} >"$apt/apt.conf"
	export APT_CONFIG=$apt/apt.conf
	apt-get -qq update
}

download() {
	local pattern package packages=()
	for pattern; do
		package=$(apt-cache pkgnames | grep -xE "$pattern" | sort -V | tail -n 1)
		[ -n "$package" ] || { echo "no package is called $pattern" >&2; return 1; }
		packages+=("$package")
	done
	apt-get -qq -y --download-only install "${packages[@]}"
}

unpack() {
	local deb
	rm -rf "$dir/root"
	mkdir -p "$dir/root"
	for deb in "$apt"/cache/archives/*.deb; do
		dpkg -x "$deb" "$dir/root" || return 1
	done
	rm -rf "$apt"
}

[ ! -e "$dir/.unpacked" ] || exit 0
{ private_apt && download "$@" && unpack; } >"$dir/log" 2>&1 || exit 1
touch "$dir/.unpacked"
