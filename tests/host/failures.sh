# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of what "vmtrace show" says of failed accesses. Sourced by tests/host/run like cli.sh,
# whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE and T come from run, code from vmt

test_failures_for_people() {
	fixture good
	golden failures.txt show 20
	golden failures-anonymous.txt show 21
	golden failures-nowhere.txt show 22
	COLUMNS=40 golden failures-narrow.txt show 20
}

test_failures_for_programs() {
	fixture good
	golden failures.json show --json 20
	vmt show --json 22
	grep -q '"failures": \[' "$T/out" || die "no failures"
}

test_failures_are_no_news_if_there_are_none() {
	fixture good
	shows show 4242
	! grep -qE 'segv|last:' "$T/out" || die "failures of a healthy process"
	shows show --json 4242
	! grep -q '"failures"' "$T/out" || die "failures of a healthy process"
}

# A file that is not there, or is another process's, is no reason to fail.
test_failures_without_debugfs() {
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	sed -i 's/^failures:.*/failures:	3/; s/^kept:.*/kept:	3/; $d' \
		"$T/root/sys/kernel/debug/vmtrace/failures/20"
	vmt show 20
	[[ $code == 0 ]] && grep -q '^4 accesses failed: 3 segv_maperr, 1 bus_adrerr\.$' "$T/out" || die "not counted"
	! grep -q 'last:' "$T/out" || die "of another process"
	rm -r "$T/root/sys"
	vmt show 20
	[[ $code == 0 ]] && grep -q '^4 accesses failed' "$T/out" || die "not counted"
}

test_failures_that_are_broken() {
	local file
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	file=$T/root/sys/kernel/debug/vmtrace/failures/20
	for change in 's/^kept:.*/kept:	3/' 's/^kept/keep/' 's/	7f0000004008	/	7f00x	/' '$s/	[^	]*$//' \
		's/	8	7f0000001000/	eight	7f0000001000/' '/^time_ns/d' 's/	ip	/	pi	/'; do
		cp "$HERE/fixtures/good/sys/kernel/debug/vmtrace/failures/20" "$file"
		sed -i "$change" "$file"
		vmt show 20
		grep -q 'vmtrace/failures/20: ' "$T/err" || die "not refused: $change"
		grep -q '^4 accesses failed' "$T/out" || die "not counted: $change"
		! grep -q 'last:' "$T/out" || die "used: $change"
	done
}
