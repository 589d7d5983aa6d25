# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of "vmtrace walk" on walks in files. Sourced by tests/host/run like cli.sh, whose
# helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, VMTRACE and T come from run, code from vmt

WALK=sys/kernel/debug/vmtrace/walk

# walked NAME: a machine whose module answers with fixtures/walk/NAME. The tool writes its
# request behind the answer, where it is no part of it.
walked() {
	R=$T/root
	rm -rf "$R"
	mkdir -p "$R/${WALK%/*}" "$R/proc/vmtrace" "$R/sys/kernel/mm/transparent_hugepage"
	echo "always [madvise] never" >"$R/sys/kernel/mm/transparent_hugepage/enabled"
	cp "$HERE/fixtures/walk/$1" "$R/$WALK"
	export VMTRACE_ROOT=$R
}

# refuses CODE STDERR ARGUMENTS: one line, without the path of $R
refuses() {
	local want=$1 line=$2
	shift 2
	vmt walk "$@"
	[[ $code == "$want" && ! -s $T/out ]] || die "'vmtrace walk $*' should exit with $want"
	[[ $(sed "s|$R||g" "$T/err") == "$line" ]] || die "'vmtrace walk $*' should say: $line"
}

test_walk_for_people() {
	local name
	golden help-walk.txt walk --help
	for name in stack none huge thp file swap hidden later; do
		walked $name
		golden walk-$name.txt walk 4242 0x1000
		! grep -E '.{81}' "$T/out" || die "wider than 80"
		walked $name
		COLUMNS=40 shows walk 4242 0x1000
		! grep -E '.{41}' "$T/out" || die "wider than 40"
	done
}

test_walk_asks_for_the_address() {
	walked stack
	vmt walk 4242 0x7ffe7d76f008
	[[ $(tail -n 1 "$R/$WALK") == "4242 0x7ffe7d76f008" ]] || die "wrong request"
	walked stack
	vmt walk 4242 18446744073709551615
	[[ $(tail -n 1 "$R/$WALK") == "4242 0xffffffffffffffff" ]] || die "wrong request"
	walked stack
	vmt walk self 4096
	[[ $(tail -n 1 "$R/$WALK") =~ ^[1-9][0-9]*\ 0x1000$ ]] || die "wrong request"
}

test_walk_for_programs() {
	walked stack
	golden walk-stack.json walk 4242 0x1000 --json
	valid_json "$T/out" || die "not JSON"
	{ echo format; list_of walk; printf 'table\nnext_read\nnext_write\n'; } |
		diff - <(sed -n 's/^  "\([a-z_]*\)": .*/\1/p' "$T/out") || die "other names than format.h"
	walked thp
	golden walk-thp.json walk 4242 0x1000 --json
	valid_json "$T/out" || die "not JSON"
}

# list_of LIST: the names in the order of format.h
list_of() {
	sed -n "/define VMTRACE_WALK_LINES/,/^\$/s/^\t[NHT](\([a-z_]*\),.*/\1/p" "$TOP/module/core/format_walk.h"
}

test_walk_huge_pages_as_the_kernel_is_set() {
	walked thp
	shows walk 4242 0x1000
	grep -q thp "$T/out" || die "a huge page can come"
	walked thp
	echo "always madvise [never]" >"$R/sys/kernel/mm/transparent_hugepage/enabled"
	shows walk 4242 0x1000
	! grep -q thp "$T/out" || die "no huge page can come"
	walked thp
	rm "$R/sys/kernel/mm/transparent_hugepage/enabled"
	shows walk 4242 0x1000
	! grep -q thp "$T/out" || die "no huge page can come"
}

test_walk_without_module_debugfs_or_permission() {
	walked stack
	rm -r "$R/proc/vmtrace" "$R/sys/kernel/debug"
	refuses 1 "vmtrace: /proc/vmtrace: not found: is the module loaded? try: sudo insmod vmtrace.ko" 1 0
	mkdir "$R/proc/vmtrace"
	refuses 1 "vmtrace: /${WALK%/walk}: not found: is debugfs mounted? try: sudo mount -t debugfs none /sys/kernel/debug" 1 0
	mkdir -p "$R/$WALK/1 0x0"
	refuses 1 "vmtrace: /$WALK/1 0x0: Is a directory: see 'sudo dmesg'" 1 0
	refuses 1 "vmtrace: 2: no such process, or it is exiting: check with 'ps -p 2'" 2 0
	walked stack
	chmod 000 "$R/$WALK"
	cp "$VMTRACE" "$T/vmtrace"
	chmod 755 "$T" "$T/vmtrace"
	command -v setpriv >/dev/null || { echo "setpriv(1) is not installed"; exit 77; }
	[[ $(id -u) == 0 ]] || { echo "root is needed to become somebody else"; exit 77; }
	code=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$T/vmtrace" walk 1 0 >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 1 && $(sed "s|$R||g" "$T/err") == "vmtrace: /$WALK: not permitted: debugfs is for root: run with sudo" ]] ||
		die "wrong line"
}

test_walk_bad_usage() {
	local bad see="see 'vmtrace walk --help'"
	walked stack
	refuses 2 "vmtrace: walk: needs a process and an address, got 0 arguments: $see"
	refuses 2 "vmtrace: walk: needs a process and an address, got 1 arguments: $see" 1
	refuses 2 "vmtrace: walk: needs a process and an address, got 3 arguments: $see" 1 2 3
	refuses 2 "vmtrace: walk: --frob: unknown or ambiguous option: $see" 1 2 --frob
	for bad in 0 -1 1x x "" 2147483648; do
		refuses 2 "vmtrace: walk: $bad: not a process id: use a number from 1 to 2147483647: $see" -- "$bad" 0
	done
	for bad in -1 0x 0x1G 7ffe 0xA 0x10000000000000000 18446744073709551616 "" "1 "; do
		refuses 2 "vmtrace: walk: $bad: not an address: use a number such as 0x7ffd1000: $see" -- 1 "$bad"
	done
}

test_walks_that_are_refused() {
	local n=0 what compare="do the versions of tool and module match? see 'vmtrace version'"
	while read -r what; do
		n=$((n + 1))
		walked bad/$n
		refuses 1 "vmtrace: /$WALK: $what: $compare" 4242 0x1000
	done <<-END
		mapcount is missing
		pid is not a number
		address is not a number
		level pmd is there twice
		index of level pte is not a number
		a line of the table does not begin with a level
		column pfn is missing or misplaced
		column flags is missing or misplaced
		entry of level pmd is not a number
		entry of level pmd is not a number
		entry of level pmd is too large
		a level is missing
		the table is missing
		the table is there twice
		all levels are absent or folded
	END
}
