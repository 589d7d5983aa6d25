# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of "vmtrace maps". Sourced by tests/host/run like cli.sh, whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run, code from vmt

DEBUGFS=sys/kernel/debug/vmtrace

test_maps_for_people() {
	fixture good
	golden help-maps.txt maps --help
	golden maps.txt maps 4242
	golden maps-16k.txt maps 15
	COLUMNS=40 golden maps-narrow.txt maps 4242
}

test_maps_fits_in_80_columns_and_in_40() {
	fixture good
	shows maps 4242
	! grep -E '.{81}' "$T/out" || die "wider than 80"
	COLUMNS=40 shows maps 4242
	! grep -E '.{41}' "$T/out" || die "wider than 40"
}

test_maps_for_programs() {
	fixture good
	golden maps.json maps --json 4242
	valid_json "$T/out" || die "not JSON"
}

# maps_names KIND...: in the order of format.h
maps_names() {
	local kind
	for kind; do
		sed -n "/define VMTRACE_MAPS_$kind(X)/,/^\$/s/^\tX(\([a-z_]*\),.*/\1/p" "$TOP/module/core/format.h"
	done
}

test_maps_json_has_the_names_of_format_h() {
	fixture good
	vmt maps 15 --json
	sed -n 's/^ *"\([a-z_]*\)": .*/\1/p' "$T/out" >"$T/keys"
	{
		printf 'format\nname\n'
		maps_names NUMBERS KINDS KERNEL
		echo maps
		maps_names COLUMNS KINDS
	} | diff - "$T/keys" || die "other names"
	[[ $(maps_names NUMBERS KINDS KERNEL COLUMNS | wc -l) -ge 23 ]] || die "format.h was not understood"
}

test_maps_that_cannot_be_read() {
	fixture nowhere
	expect 1 "$NO_MODULE" maps 1
	fixture good
	expect 1 "vmtrace: /proc/vmtrace/99: not found: no such process, or it is not tracked because it took no fault since the module was loaded: check with 'ps -p 99'" maps 99
	mkdir -p "$T/root/proc/vmtrace"
	: >"$T/root/proc/vmtrace/10"
	export VMTRACE_ROOT=$T/root
	expect 1 "vmtrace: $T/root/$DEBUGFS: not found: is debugfs mounted? try: sudo mount -t debugfs none /sys/kernel/debug" maps 10
	mkdir -p "$T/root/$DEBUGFS"
	expect 1 "vmtrace: $T/root/$DEBUGFS/maps: not found: do the versions of tool and module match? see 'vmtrace version'" maps 10
	mkdir -p "$T/root/$DEBUGFS/maps/10"
	expect 1 "vmtrace: $T/root/$DEBUGFS/maps/10: Is a directory: see 'sudo dmesg'" maps 10
}

test_maps_is_for_root() {
	local as=()
	cp -r "$HERE/fixtures/good" "$T/root"
	chmod 000 "$T/root/$DEBUGFS"
	if [[ $(id -u) == 0 ]]; then
		command -v setpriv >/dev/null || { echo "setpriv(1) is not installed"; exit 77; }
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	cp "$VMTRACE" "$T/vmtrace"
	chmod 755 "$T" "$T/vmtrace"
	export VMTRACE_ROOT=$T/root
	code=0
	"${as[@]}" "$T/vmtrace" maps 4242 >"$T/out" 2>"$T/err" || code=$?
	chmod 755 "$T/root/$DEBUGFS"
	[[ $code == 1 && ! -s $T/out ]] || die "should be refused"
	[[ $(<"$T/err") == "vmtrace: $T/root/$DEBUGFS/maps: not permitted: debugfs is for root: run with sudo" ]] ||
		die "wrong line"
}

test_maps_self() {
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	code=0
	bash -c 'cp "$0/15" "$0/$$" && exec "$1" maps self' "$T/root/$DEBUGFS/maps" "$VMTRACE" >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 0 ]] || die "should find itself"
	diff "$HERE/golden/maps-16k.txt" "$T/out" || die "other output"
}

# refuses TEXT SED: what is wrong with 4242 after that
refuses() {
	mkdir -p "$T/root/$DEBUGFS/maps" "$T/root/proc/vmtrace"
	sed "$2" "$HERE/fixtures/good/$DEBUGFS/maps/4242" >"$T/root/$DEBUGFS/maps/4242"
	VMTRACE_ROOT=$T/root expect 1 "vmtrace: $T/root/$DEBUGFS/maps/4242: $1: do the versions of tool and module match? see 'vmtrace version'" maps 4242
}

# shellcheck disable=SC2016 # sed's $
test_maps_that_are_refused() {
	refuses "does not start with a format number" '1d'
	refuses "swapped is missing" '/^swapped:/d'
	refuses "rss is there twice" 's/^rss:.*/&\n&/'
	refuses "rss is not a number" 's/^rss:.*/rss:\t-1/'
	refuses "column offset is missing or misplaced" 's/^start\(.*\)offset/start\1shift/'
	refuses "the table of mappings is missing" '/^start/,$d'
	refuses "it has 10 mappings instead of 11" '$d'
	refuses "it has 10 mappings instead of 11" '/heap/d'
	refuses "an address of the table is not a hexadecimal number" 's/^55d0c4a2f000/55D0c4a2f000/'
	refuses "an address of the table is not a hexadecimal number" 's/^55d0c4a2f000/55d0c4a2f00000000/'
	refuses "perms of a mapping is too long" 's/rw-s/rw-shared/'
	refuses "reserved of a mapping is not a number" 's/heap]\t420/heap]\tmany/'
	refuses "the pages of a mapping do not add up" 's/heap]\t420\t317/heap]\t420\t318/'
	refuses "the pages of a mapping do not add up" 's/^55d0c4a2f000\t55d0c4b07000/55d0c4a2f000\t55d0c4a2f000/'
	refuses "its mappings do not add up to huge" 's/^huge:.*/huge:\t7681/'
	refuses "a mapping has 12 of 13 columns" '/heap/s/\t[-0-9]*$//'
	refuses "page_bytes is 0" 's/^page_bytes:.*/page_bytes:\t0/'
}

test_maps_of_a_newer_module() {
	mkdir -p "$T/root/$DEBUGFS/maps"
	sed 's/^rss:/news:\t1\n&/; s/\tother$/&\tlater/; s/^[0-9a-f]*\t[0-9a-f]*\t.*/&\tx/' \
		"$HERE/fixtures/good/$DEBUGFS/maps/4242" >"$T/root/$DEBUGFS/maps/4242"
	export VMTRACE_ROOT=$T/root
	golden maps.txt maps 4242
}

test_maps_bad_usage() {
	local see="see 'vmtrace maps --help'"
	expect 2 "vmtrace: maps: no process given: name a process id, or self: $see" maps
	expect 2 "vmtrace: maps: 2: only one process at a time: $see" maps 1 2
	expect 2 "vmtrace: maps: 0: not a process id: use a number from 1 to 2147483647: $see" maps 0
	expect 2 "vmtrace: maps: --frob: unknown or ambiguous option: $see" maps --frob
}
