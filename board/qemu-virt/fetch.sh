#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Fetches what the boot chain is made of, from the Debian mirror that this machine already uses:
#
#   fetch.sh plan CACHE               choose the versions, write CACHE/plan
#   fetch.sh get CACHE ROLE...        have these files in CACHE, whole and undamaged
#   fetch.sh file CACHE ROLE          print the path of one of them
#   fetch.sh roles CACHE PREFIX       print the roles that begin with this
#
# With -q before the verb: the same for a newer QEMU; with -n: for the newest kernel, and compilers that
# are new enough for it; with -u: for the newest U-Boot; with -k: for kexec, which the guest runs; with
# -d: for the source of the debug kernel; with -g: for programs that run in the guest, and their
# libraries. Each has a plan of its own, as the boot chain can do without it.
#
# The machine's own apt is only read. A private apt root in CACHE/apt knows the foreign architecture
# and the other suites: adding those to the system would break its own package installs.
# No root user is needed.
#
# A line of CACHE/plan:  ROLE  FILE  BYTES  SHA256  PACKAGE  (the hash is from the signed index)

# shellcheck disable=SC2086 # lists of words that are meant to be split

set -euo pipefail

SUITE=bookworm		# has the kernels below, and headers for x86_64
UBOOT_SUITE=trixie	# has the U-Boot release below
UBOOT=2025.01		# the first release whose memory reservations outlive the command that made them
KERNELS='6.1=linux-image-arm64 6.12=linux-image-6.12-arm64-16k'	# name=metapackage
DEBUG=6.12		# the one of these whose source is built with checkers
UBOOT_NEWEST=experimental	# whose files cannot always be had
QEMU_SUITE=bookworm-backports	# the only one whose QEMU runs with this suite's libraries
NEWEST_SUITE=trixie-backports	# the newest kernels that a release has; their compiler is in the release
COMPILER_SUITE=trixie
NEWEST='newest=linux-image-arm64 newest-16k=linux-image-arm64-16k'
CLANG=clang-19		# of the compiler's suite
KEXEC=kexec-tools
GUEST_SUITE=trixie	# the oldest whose programs know render nodes that they have no driver for
GUEST_CLIENTS='drm-info libdrm-tests nvtop'

die() {
	echo "fetch: $*" >&2
	exit 1
}

set=boot suffix=''
case ${1:-} in
-q)	set=qemu suffix=-qemu; shift ;;
-n)	set=newest suffix=-newest; shift ;;
-u)	set=u_boot suffix=-u-boot; shift ;;
-d)	set=debug suffix=-debug; shift ;;
-k)	set=kexec suffix=-kexec; shift ;;
-g)	set=guest suffix=-guest; shift ;;
esac
[ $# -ge 2 ] || die "usage: fetch.sh [-q|-n|-u|-k|-d|-g] plan|get|file|roles CACHE [ROLE...]"
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
	local archs
	archs=$(printf '%s\n' "$3" arm64 amd64 | sort -u | paste -sd,)
	echo "deb [arch=$archs] $1 $SUITE main"
	echo "deb [arch=$archs] $2 $SUITE-security main"
	echo "deb-src $1 $UBOOT_SUITE main"
}

sources_debug() {
	echo "deb [arch=$3,arm64] $1 $SUITE main"
	echo "deb [arch=$3,arm64] $2 $SUITE-security main"
}

sources_newest() {
	echo "deb [arch=$3,arm64] $1 $COMPILER_SUITE main"
	echo "deb [arch=$3,arm64] $1 $NEWEST_SUITE main"
}

sources_kexec() {
	echo "deb [arch=arm64] $1 $SUITE main"
	echo "deb [arch=arm64] $2 $SUITE-security main"
}

sources_qemu() {
	echo "deb [arch=$3] $1 $QEMU_SUITE main"
}

sources_guest() {
	echo "deb [arch=arm64] $1 $GUEST_SUITE main"
}

sources_u_boot() {
	echo "deb-src $1 $UBOOT_NEWEST main"
}

make_root() {
	local main security host arch key n=0
	main=$(mirror $SUITE)
	security=$(mirror $SUITE-security)
	if [ -z "$main" ] || [ -z "$security" ]; then
		die "apt's sources lack $SUITE or $SUITE-security; add both, then try again"
	fi
	host=$(dpkg --print-architecture) arch=$host
	[ $set != guest ] || arch=arm64

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
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; "arm64"; "amd64"; };
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
			Acquire::Retries "5";
		END
		# A suite that nobody renews for weeks at a time
		[ $set != u_boot ] || echo 'Acquire::Check-Valid-Until "false";'
	} >"$root/apt.conf"
	# Of the newest suite the kernel alone, in spite of its low priority.
	printf '%s\n' 'Package: linux-*:any' "Pin: release n=$NEWEST_SUITE" 'Pin-Priority: 600' \
		>"$root/etc/preferences.d/newest"
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

# plan_kernel NAME METAPACKAGE: never version numbers, as superseded versions leave the archive
plan_kernel() {
	local image headers binary
	image=$(depends "$2:arm64" 'linux-image-[0-9].*')
	headers=${image/image/headers}
	# Newer ones have everything in packages that the image depends on.
	binary=$(depends "$image:arm64" 'linux-binary-.*' 2>/dev/null) || binary=$image
	entry "$1-image" "$binary:arm64" download
	# Modules of theirs are only needed where there is a render node.
	[ "$binary" = "$image" ] || [[ $1 != *-16k ]] ||
		entry "$1-modules" "$(depends "$image:arm64" 'linux-modules-.*'):arm64" download
	plan_headers "$1" "$headers:arm64"
}

# plan_headers NAME PACKAGE. The kernel's build tools run here, so they are this machine's.
plan_headers() {
	entry "$1-headers" "$2" download
	entry "$1-common" "$(depends "$2" 'linux-headers-.*-common.*')" download
	entry "$1-kbuild" "$(depends "$2" 'linux-kbuild-.*'):$(dpkg --print-architecture)" download
}

# What programs' packages need of libraries, and they of others: no headers, no other programs.
libraries() {
	local found='' more=$*
	while [ -n "$more" ]; do
		found="$found $more"
		more=$(private apt-cache show --no-all-versions $more | sed -n 's/^Depends: //p' |
			sed 's/[,|] */\n/g' | sed 's/[ :].*//' |
			grep -E '^(lib|zlib)' | grep -vE -e '-(dev|cross)$' | sort -u |
			grep -vxF -f <(printf '%s\n' $found) || true)
	done
	printf '%s\n' $found | sort -u
}

# plan_tool NAME PACKAGE...: programs of the private apt's architecture, with their libraries
plan_tool() {
	local name=$1 list uri file bytes hash
	shift
	list=$(libraries "$@")
	private apt-get download --print-uris $list | grep "^'" | while read -r uri file bytes hash; do
		echo "$name:${file%%_*} $file $bytes ${hash#SHA256:} ${file%%_*}"
	done
}

plan_kexec() {
	local list file bytes hash
	list=$(libraries $KEXEC | sed 's/$/:arm64/')
	private apt-get download --print-uris $list | grep "^'" | while read -r _ file bytes hash; do
		echo "kexec:${file%%_*} $file $bytes ${hash#SHA256:} ${file%%_*}:arm64"
	done
}

plan_newest() {
	local k version
	for k in $NEWEST; do
		plan_kernel "${k%%=*}" "${k#*=}"
	done
	k=$(depends "linux-headers-arm64:arm64" 'linux-headers-[0-9].*')
	version=$(depends "$k:arm64" 'gcc-[0-9]+.*' | sed 's/[^0-9]*\([0-9]*\).*/\1/')
	# The driver, and the compiler proper; assembler and linker are those of this machine.
	plan_tool gcc "cpp-$version-aarch64-linux-gnu"
	entry gcc:driver "gcc-$version-aarch64-linux-gnu" download
	plan_tool clang "$CLANG" "libclang-common-${CLANG#clang-}-dev"
}

plan_guest() {
	plan_tool lib libdrm2
	entry dev:libdrm-dev libdrm-dev download
	plan_tool client $GUEST_CLIENTS ncurses-base
}

plan_u_boot() {
	local version
	version=$(private apt-cache showsrc u-boot | sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "$UBOOT_NEWEST has no U-Boot"
	entry u-boot-newest "u-boot=$version" source --download-only --tar-only
}

# Of the version that its image has now: the archive may have a source before the image
plan_debug() {
	local image
	image=$(printf '%s\n' $KERNELS | sed -n "s/^$DEBUG=//p")
	entry debug-source "linux-source-$DEBUG=$(field "$image:arm64" Version)" download
}

plan_boot() {
	local k version
	version=$(private apt-cache showsrc u-boot | sed -n "s/^Version: \($UBOOT-.*\)/\1/p" | sed -n 1p)
	[ -n "$version" ] || die "the archive has no U-Boot $UBOOT any more"
	entry u-boot "u-boot=$version" source --download-only --tar-only
	entry busybox busybox-static:arm64 download
	for k in $KERNELS; do
		plan_kernel "${k%%=*}" "${k#*=}"
	done
	plan_headers x86 "$(depends linux-headers-amd64:amd64 'linux-headers-[0-9].*'):amd64"
}

cmd_plan() {
	make_root
	"plan_$set" >"$plan.new"
	cmp -s "$plan.new" "$plan" || cp "$plan.new" "$plan"
	rm "$plan.new"
	cksum <"$0" >"$plan.sum"
}

# A plan that another version of this script made may lack something. The one of the boot chain is
# the makefile's to renew.
have_plan() {
	[ -f "$plan" ] && { [ $set = boot ] || [ "$(cksum <"$0")" = "$(cat "$plan.sum" 2>/dev/null)" ]; } ||
		cmd_plan || [ -f "$plan" ]
}

lookup() {
	awk -v r="$1" '$1 == r { print $2, $3, $4, $5; n = 1 } END { exit !n }' "$plan" ||
		die "$plan has no '$1'"
}

intact() {
	[ -f "$1" ] && echo "$2  $1" | sha256sum --status -c
}

get_all() {
	local role file bytes sum package args how
	for role; do
		args=$(lookup "$role") || exit 1
		read -r file bytes sum package <<<"$args"
		! intact "$cache/$file" "$sum" || continue
		[ ! -f "$cache/$file" ] || echo "  FETCH   $file is damaged, fetching it again"
		echo "  FETCH   ${package%%[:=]*} ($(((bytes + 500000) / 1000000)) MB)"
		rm -f "$cache/$file"
		how=download
		[[ $role != u-boot* ]] || how='source --download-only --tar-only'
		(cd "$cache" && private apt-get -qq $how "$package" >/dev/null) || return 1
		intact "$cache/$file" "$sum" || return 1
	done
}

cmd_get() {
	have_plan
	get_all "$@" && return
	# Most likely the archive has moved on to a newer version since the plan was made.
	echo "  FETCH   not to be had any more, looking for the current version"
	cmd_plan
	get_all "$@" || die "cannot download; check the network and the mirror, then try again"
}

cmd_roles() {
	have_plan >&2
	awk -v p="$1" 'index($1, p) == 1 { print $1 }' "$plan"
}

cmd_file() {
	local args
	args=$(lookup "$1")
	echo "$cache/${args%% *}"
}

# One at a time: parallel make jobs share the private apt root.
exec 9>"$cache/lock"
case $verb in
plan|get|file|roles)
	flock 9
	"cmd_$verb" "$@"
	;;
*)
	die "unknown command '$verb'"
	;;
esac
