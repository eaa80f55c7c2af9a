#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Fetches what the boot chain is made of, from the Debian mirror that this machine already uses:
#
#   fetch.sh plan CACHE               choose the versions, write CACHE/plan
#   fetch.sh get CACHE ROLE...        have these files in CACHE, whole and undamaged
#   fetch.sh file CACHE ROLE          print the path of one of them
#
# With -q before the verb: the same for a newer QEMU, and with -n for the newest U-Boot, which have
# plans of their own, as the boot chain can do without them.
#
# The machine's own apt is only read. A private apt root in CACHE/apt knows the foreign architecture
# and the other suites: adding those to the system would break its own package installs.
# No root user is needed.
#
# A line of CACHE/plan:  ROLE  FILE  BYTES  SHA256  PACKAGE  (the hash is from the signed index)

# shellcheck disable=SC2086 # lists of words that are meant to be split

set -euo pipefail

SUITE=bookworm		# has both kernels
UBOOT_SUITE=trixie	# has the U-Boot release below
UBOOT=2025.01		# the first release whose memory reservations outlive the command that made them
KERNELS='6.1=linux-image-arm64 6.12=linux-image-6.12-arm64-16k'	# name=metapackage
UBOOT_NEWEST=experimental	# whose files cannot always be had
QEMU_SUITE=bookworm-backports	# the only one whose QEMU runs with this suite's libraries

die() {
	echo "fetch: $*" >&2
	exit 1
}

set=boot suffix=''
case ${1:-} in
-q)	set=qemu suffix=-qemu
	shift ;;
-n)	set=newest suffix=-newest
	shift ;;
esac
[ $# -ge 2 ] || die "usage: fetch.sh [-q|-n] plan|get|file CACHE [ROLE...]"
verb=$1
mkdir -p "$2"
cache=$(cd "$2" && pwd)
shift 2
root=$cache/apt$suffix
plan=$cache/plan$suffix

private() {
	local tool=$1
	shift
	APT_CONFIG=$root/apt.conf "$tool" -q "$@"
}

# The mirror of a suite, from the machine's own sources: where its apt would look for the suite.
mirror() {
	apt-get -q -o Debug::NoLocking=1 --print-uris update |
		sed -n "s#^'\([^']*\)dists/$1/InRelease'.*#\1#p" | sed -n 1p
}

# The keys that the machine trusts for its sources: apt's own, and any that a source names.
keys() {
	local list parts trusted trustedparts
	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d \
		trusted Dir::Etc::trusted/f trustedparts Dir::Etc::trustedparts/d)"
	ls "$trusted" "$trustedparts"*.gpg "$trustedparts"*.asc 2>/dev/null || true
	cat "$list" "$parts"*.list "$parts"*.sources 2>/dev/null |
		sed -nE 's/^Signed-By:[ \t]*(\/[^ ,]+).*/\1/Ip; s/^deb.*\[.*signed-by=(\/[^] ,]+).*/\1/p' |
		sort -u
}

# Lines of sources.list: sources_SET MAIN SECURITY HOST
sources_boot() {
	echo "deb [arch=$3,arm64] $1 $SUITE main"
	echo "deb [arch=$3,arm64] $2 $SUITE-security main"
	echo "deb-src $1 $UBOOT_SUITE main"
}

sources_qemu() {
	echo "deb [arch=$3] $1 $QEMU_SUITE main"
}

sources_newest() {
	echo "deb-src $1 $UBOOT_NEWEST main"
}

make_root() {
	local main security host key n=0
	main=$(mirror $SUITE)
	security=$(mirror $SUITE-security)
	if [ -z "$main" ] || [ -z "$security" ]; then
		die "apt's sources lack $SUITE or $SUITE-security; add both, then try again"
	fi
	host=$(dpkg --print-architecture)

	rm -rf "$root"
	mkdir -p "$root"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
		"$root"/state/lists/partial "$root"/cache/archives/partial
	: >"$root/state/status"
	while read -r key; do
		n=$((n + 1))
		cp "$key" "$root/etc/trusted.gpg.d/$n.${key##*.}"
	done < <(keys)

	"sources_$set" "$main" "$security" "$host" >"$root/etc/sources.list"
	{
		# Proxies and the like: how this machine reaches its mirror.
		apt-config dump | grep -E '^Acquire::(https?|ftp|tor|Retries|ForceIPv)' || true
		cat <<-END
			Dir::Etc "$root/etc";
			Dir::Etc::parts "$root/etc/apt.conf.d";
			Dir::State "$root/state";
			Dir::State::status "$root/state/status";
			Dir::Cache "$root/cache";
			APT::Architecture "$host";
			APT::Architectures { "$host"; "arm64"; };
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
			Acquire::Retries "5";
		END
		# A suite that nobody renews for weeks at a time
		[ $set != newest ] || echo 'Acquire::Check-Valid-Until "false";'
	} >"$root/apt.conf"
	echo "  FETCH   package lists (30 MB at most)"
	private apt-get -qq update ||
		die "cannot read the package lists; check the network, then try again"
}

# A field of a package's newest version.
field() {
	private apt-cache show --no-all-versions "$1" | sed -n "s/^$2: //p" | sed -n 1p
}

# The first package in the Depends of $1 whose name matches $2.
depends() {
	local name
	name=$(field "$1" Depends | sed 's/[,|] */\n/g' | sed 's/ .*//' | grep -m1 -E "^$2\$") ||
		die "$1 depends on nothing that looks like $2"
	echo "${name%%:*}"
}

# apt's own words about a download: 'URI' FILE BYTES SHA256:HASH
entry() {
	local role=$1 package=$2 line
	shift 2
	line=$(private apt-get "$@" --print-uris "$package" | grep -m1 "^'") ||
		die "$package is not in the archive"
	set -- $line
	case $4 in SHA256:*) ;; *) die "the index has no SHA-256 for $package" ;; esac
	echo "$role $2 $3 ${4#SHA256:} $package"
}

plan_qemu() {
	local part
	for part in arm common data; do
		entry "qemu-$part" "qemu-system-$part" download
	done
}

plan_newest() {
	local version
	version=$(private apt-cache showsrc u-boot | sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "$UBOOT_NEWEST has no U-Boot"
	entry u-boot-newest "u-boot=$version" source --download-only --tar-only
}

plan_boot() {
	local k image headers host version
	host=$(dpkg --print-architecture)
	version=$(private apt-cache showsrc u-boot | sed -n "s/^Version: \($UBOOT-.*\)/\1/p" | sed -n 1p)
	[ -n "$version" ] || die "the archive has no U-Boot $UBOOT any more"
	entry u-boot "u-boot=$version" source --download-only --tar-only
	entry busybox busybox-static:arm64 download
	for k in $KERNELS; do
		# Metapackages, never version numbers: superseded versions leave the archive.
		image=$(depends "${k#*=}:arm64" 'linux-image-[0-9].*')
		headers=${image/image/headers}
		k=${k%%=*}
		entry "$k-image" "$image:arm64" download
		entry "$k-headers" "$headers:arm64" download
		entry "$k-common" "$(depends "$headers:arm64" 'linux-headers-.*-common.*')" download
		# The kernel's build tools run here, so they are this machine's.
		entry "$k-kbuild" "$(depends "$headers:arm64" 'linux-kbuild-.*'):$host" download
	done
}

cmd_plan() {
	make_root
	"plan_$set" >"$plan.new"
	cmp -s "$plan.new" "$plan" || cp "$plan.new" "$plan"
	rm "$plan.new"
}

lookup() {
	awk -v r="$1" '$1 == r { print $2, $3, $4, $5, NR; n = 1 } END { exit !n }' "$plan" ||
		die "$plan has no '$1'"
}

intact() {
	[ -f "$1" ] && echo "$2  $1" | sha256sum --status -c
}

get_all() {
	local role file bytes sum package nr args how
	for role; do
		args=$(lookup "$role") || exit 1
		read -r file bytes sum package nr <<<"$args"
		! intact "$cache/$file" "$sum" || continue
		[ ! -f "$cache/$file" ] || echo "  FETCH   $file is damaged, fetching it again"
		echo "  FETCH   ${package%%[:=]*} ($(((bytes + 500000) / 1000000)) MB) $nr/$(wc -l <"$plan")"
		rm -f "$cache/$file"
		how=download
		[[ $role != u-boot* ]] || how='source --download-only --tar-only'
		(cd "$cache" && private apt-get -qq $how "$package" >/dev/null) || return 1
		intact "$cache/$file" "$sum" || return 1
	done
}

cmd_get() {
	[ -f "$plan" ] || cmd_plan
	get_all "$@" && return
	# Most likely the archive has moved on to a newer version since the plan was made.
	echo "  FETCH   not to be had any more, looking for the current version"
	cmd_plan
	get_all "$@" || die "cannot download; check the network and the mirror, then try again"
}

cmd_file() {
	local args
	args=$(lookup "$1")
	echo "$cache/${args%% *}"
}

# One at a time: parallel make jobs share the private apt root.
exec 9>"$cache/lock"
case $verb in
plan|get|file)
	flock 9
	"cmd_$verb" "$@"
	;;
*)
	die "unknown command '$verb'"
	;;
esac
