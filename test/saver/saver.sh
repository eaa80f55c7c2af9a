#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# saver.sh DIR: does lib/linux/saver/gpuas-save-dump save a dump that is ours, once, whole, compressed, and
# nothing else, whatever becomes of the disk? With folders that look like the kernel's. Prints TAP.
set -u
dir=$1
saver=lib/linux/saver/gpuas-save-dump
umount "$dir/small" 2>/dev/null
rm -rf "$dir" && mkdir -p "$dir"
trap 'umount "$dir/small" 2>/dev/null' EXIT

verdict() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

# crash NAME DRIVER KIB: a dump of a device of that driver
crash() {
	mkdir -p "$dir/sys/devices/$1" "$dir/sys/drivers/$2" "$dir/sys/devcoredump/$1"
	ln -sfn "../../drivers/$2" "$dir/sys/devices/$1/driver"
	ln -sfn "../../devices/$1" "$dir/sys/devcoredump/$1/failing_device"
	head -c "$(($3 * 1024))" /dev/urandom >"$dir/sys/devcoredump/$1/data"
	cp "$dir/sys/devcoredump/$1/data" "$dir/$1.was"
}

# save NAME [WORD=VALUE]...: status and words of the program
save() {
	local name=$1
	shift
	printf '%s\n' "SAVE=$dir/saved" "$@" >"$dir/conf"
	CONFIG=$dir/conf PATH=${path:-$PATH} "$saver" "$dir/sys/devcoredump/$name" 2>"$dir/said"
}

saved() {
	find "${1:-$dir/saved}" -name '*.elf*' 2>/dev/null | wc -l
}
unpacked() {
	case $1 in
	*.zst) zstd -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac
}
# is NAME [FOLDER]: there is one, and it is that dump
is() {
	local file
	file=$(find "${2:-$dir/saved}" -name "*-$1.elf*" 2>/dev/null)
	[ -n "$file" ] && unpacked "$file" | cmp -s - "$dir/$1.was"
}
none() {
	[ -z "$(find "${1:-$dir/saved}" -name '.dump.*' 2>/dev/null)" ]
}

crash devcd1 gpuas-qemu-virt 300
save devcd1 && is devcd1 && none && grep -q 'devcd1.*has the dump of gpuas-qemu-virt, 300 KiB' "$dir/said"
verdict $? 'a dump of ours is saved, as it is'
[ "$(stat -c %a "$dir/saved"/*.elf*)" = 600 ] && [ "$(stat -c %a "$dir/saved")" = 700 ]
verdict $? 'for nobody but root to read'
[ "$(cat "$dir/sys/devcoredump/devcd1/data")" = 1 ]
verdict $? 'the kernel may forget it'

crash devcd2 gpuas-qemu-virt 20
! save devcd2 && [ "$(saved)" = 1 ] && is devcd1 && cmp -s "$dir/devcd2.was" "$dir/sys/devcoredump/devcd2/data" &&
	grep -q 'devcd2 is not saved: there are 1 in .*, which is as many as are kept' "$dir/said"
verdict $? 'of two crashes the first is kept, by default, and that is said'
save devcd2 KEEP=2 && [ "$(saved)" = 2 ] && is devcd1 && is devcd2
verdict $? 'two, for who wants two'

crash devcd3 other-gpu 20
save devcd3 KEEP=9 && [ "$(saved)" = 2 ] && [ ! -s "$dir/said" ] && cmp -s "$dir/devcd3.was" "$dir/sys/devcoredump/devcd3/data"
verdict $? 'a dump of another driver is left alone, without a word'
save devcd3 KEEP=9 "DRIVERS='gpuas-* other-gpu'" && is devcd3
verdict $? 'unless that driver is named'
mkdir -p "$dir/sys/devcoredump/devcd4" && save devcd4 KEEP=9 && [ "$(saved)" = 3 ] && [ ! -s "$dir/said" ]
verdict $? 'so is one whose device is gone'

crash devcd5 gpuas-qemu-virt 1100
! save devcd5 KEEP=9 MIB=1 && [ "$(saved)" = 3 ] && grep -q 'it has 1100 KiB, of 1 MiB that one may have' "$dir/said"
verdict $? 'the limit of its size is kept, and that is said'
crash devcd6 gpuas-qemu-virt 0
! save devcd6 KEEP=9 && [ "$(saved)" = 3 ] && grep -q 'it is empty' "$dir/said"
verdict $? 'nothing is not saved'

# Without zstd, and without any
only() {
	local tool
	rm -rf "$dir/bin" && mkdir "$dir/bin"
	for tool in sh readlink mkdir flock rm wc df awk sync mv date cat logger "$@"; do
		ln -s "$(command -v "$tool")" "$dir/bin/$tool"
	done
}
only gzip
crash devcd7 gpuas-qemu-virt 30
path=$dir/bin save devcd7 KEEP=9 && is devcd7 && compgen -G "$dir/saved/*devcd7.elf.gz" >/dev/null
verdict $? 'gzip will do'
only
crash devcd8 gpuas-qemu-virt 30
path=$dir/bin save devcd8 KEEP=9 && is devcd8 && compgen -G "$dir/saved/*devcd8.elf" >/dev/null
verdict $? 'so will nothing'

# A program that ends in the middle: what is there is neither a dump nor left behind
only
printf '#!/bin/sh\nhead -c 1000\nexit 1\n' >"$dir/bin/zstd" && chmod +x "$dir/bin/zstd" && ln -s "$(command -v head)" "$dir/bin/"
crash devcd9 gpuas-qemu-virt 30
before=$(saved)
! path=$dir/bin save devcd9 KEEP=9 && [ "$(saved)" = "$before" ] && none && cmp -s "$dir/devcd9.was" "$dir/sys/devcoredump/devcd9/data" &&
	grep -q 'does not take it' "$dir/said"
verdict $? 'what fails leaves nothing, and the dump with the kernel'
touch "$dir/saved/.dump.123"
save devcd9 KEEP=9 && is devcd9 && none
verdict $? 'what somebody who was killed has left is removed'

# The five minutes are over while it is packed
only
printf '#!/bin/sh\ncat\nrm -rf %s\n' "$dir/sys/devcoredump/devcd10" >"$dir/bin/zstd"
crash devcd10 gpuas-qemu-virt 30
chmod +x "$dir/bin/zstd" && path=$dir/bin save devcd10 KEEP=19 && [ -e "$(echo "$dir/saved"/*-devcd10.elf.zst)" ] && none &&
	[ "$(wc -l <"$dir/said")" = 1 ] && grep -q 'devcd10.*has the dump' "$dir/said"
verdict $? 'one that the kernel has forgotten meanwhile is saved all the same'
! save devcd1 KEEP=19 MIB=much && grep -q 'MIB=much' "$dir/said" && ! save devcd1 KEEP= && grep -q 'KEEP=' "$dir/said" &&
	! save devcd1 KEEP=19 FREE_MIB=08.5 && grep -q 'FREE_MIB=08.5' "$dir/said"
verdict $? 'what is not a number is said'
mkdir -p "$dir/odd/.lock"
crash devcd11 gpuas-qemu-virt 30
! save devcd11 "SAVE=$dir/odd" && grep -q 'devcd11 is not saved: .*/odd cannot be written to' "$dir/said"
verdict $? 'a folder that cannot be written to is said'
only
printf '#!/bin/sh\necho "$1 $(wc -c <%s)" >>%s\n' "$dir/sys/devcoredump/devcd11/data" "$dir/synced" >"$dir/bin/new"
chmod +x "$dir/bin/new" && mv "$dir/bin/new" "$dir/bin/sync"
path=$dir/bin save devcd11 KEEP=19 && tail -n 1 "$dir/synced" | grep -qx "$dir/saved 30720"
verdict $? 'its name is on the disk, too, before the kernel may forget it'

# Five at once, of which two are kept
rm -rf "$dir/saved"
for i in 1 2 3 4 5; do
	crash devcd2$i gpuas-qemu-virt 50
done
printf '%s\n' "SAVE=$dir/saved" KEEP=2 >"$dir/conf"
for i in 1 2 3 4 5; do
	CONFIG=$dir/conf "$saver" "$dir/sys/devcoredump/devcd2$i" 2>/dev/null &
done
wait
[ "$(saved)" = 2 ] && none
verdict $? 'of five that come at once, no more than the limit are saved'

# A full disk
small=$dir/small
mkdir "$small"
if mount -t tmpfs -o size=1m none "$small" 2>/dev/null; then
	mkdir "$small/gpuas" && head -c 100000 /dev/urandom >"$small/other" && cp "$small/other" "$dir/other"
	crash devcd31 gpuas-qemu-virt 400
	crash devcd32 gpuas-qemu-virt 700
	save devcd31 "SAVE=$small/gpuas" FREE_MIB=0 && is devcd31 "$small" && cmp -s "$small/other" "$dir/other"
	verdict $? 'what fits on a small disk is saved'
	! save devcd32 KEEP=2 "SAVE=$small/gpuas" FREE_MIB=0 && is devcd31 "$small" && [ "$(saved "$small")" = 1 ] &&
		none "$small" && cmp -s "$small/other" "$dir/other" &&
		grep -qE 'it has 700 KiB, .* has [0-9]+ free' "$dir/said"
	verdict $? 'what does not is not begun, and that is said'
	crash devcd33 gpuas-qemu-virt 20
	! save devcd33 KEEP=2 "SAVE=$small/gpuas" FREE_MIB=1 && grep -q 'of which 1 MiB are to be left' "$dir/said"
	verdict $? 'some of it is left to others'
	# Somebody else fills it meanwhile
	only
	printf '#!/bin/sh\nhead -c 4000000 /dev/zero >%s\ncat\n' "$small/filler" >"$dir/bin/zstd"
	chmod +x "$dir/bin/zstd" && ln -s "$(command -v head)" "$dir/bin/"
	! path=$dir/bin save devcd33 KEEP=2 "SAVE=$small/gpuas" FREE_MIB=0 && is devcd31 "$small" && [ "$(saved "$small")" = 1 ] &&
		none "$small" && cmp -s "$small/other" "$dir/other" && grep -q 'is the disk full' "$dir/said" &&
		cmp -s "$dir/devcd33.was" "$dir/sys/devcoredump/devcd33/data"
	verdict $? 'a disk that fills up meanwhile loses nothing else, and that is said'
	umount "$small"
else
	for what in 'what fits on a small disk is saved' 'what does not is not begun' 'some of it is left to others' \
		'a disk that fills up meanwhile loses nothing else'; do
		echo "ok - $what # SKIP no tmpfs can be mounted"
	done
fi

"$saver" 2>/dev/null
[ $? -eq 2 ]
verdict $? 'without a folder it says how it is called'
if command -v shellcheck >/dev/null; then
	shellcheck -s sh "$saver" >"$dir/shellcheck"
	verdict $? 'it is a program for any POSIX shell'
else
	echo 'ok - it is a program for any POSIX shell # SKIP no shellcheck'
fi

# The rule, where make install puts both
make -s O="$2" DESTDIR="$dir/root" PREFIX=/usr install-saver >/dev/null
rule=$dir/root/usr/lib/udev/rules.d/60-gpuas-dump.rules
called=$(sed -n 's/.*RUN+="\([^ ]*\) .*/\1/p' "$rule")
[ -n "$called" ] && cmp -s "$dir/root$called" "$saver" && [ -x "$dir/root$called" ]
verdict $? 'the rule that is installed calls the program that is installed'
if udevadm verify --help >/dev/null 2>&1; then
	udevadm verify "$rule" >"$dir/udevadm" 2>&1
	verdict $? 'udev takes the rule'
else
	echo 'ok - udev takes the rule # SKIP this udevadm has no verify'
fi
