# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of the threads and the slowest faults that "vmtrace show" tells of. Sourced by tests/host/run
# like cli.sh, whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE and T come from run, code from vmt

test_details_for_people() {
	fixture good
	golden show-details.txt show 4242 --threads --slowest
	! wider 80 || die "wider than 80"
	COLUMNS=40 golden show-details-narrow.txt show --slowest --threads 4242
	! wider 40 || die "wider than 40"
	shows show 15 --threads --slowest
	grep -qx "No live thread has taken a fault\." "$T/out" || die "no threads"
	grep -qx "No fault was timed\." "$T/out" || die "no faults"
}

test_details_for_programs() {
	fixture good
	golden show-details.json show 4242 --threads --slowest --json
	valid_json "$T/out" || die "not JSON"
	shows show 4242 --json
	! grep -qE '"(live_threads|slowest)"' "$T/out" || die "not asked for"
	shows show 4242 --json --threads
	grep -q '"live_threads": \[' "$T/out" || die "no threads"
	! grep -q '"slowest"' "$T/out" || die "not asked for"
	shows show 15 --json --slowest
	tr -d ' \n' <"$T/out" | grep -q '"slowest":\[\]' || die "an empty list"
}

# If one of the files cannot be read, nothing is printed but the error.
test_details_that_cannot_be_read() {
	local topic
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	for topic in threads slowest; do
		expect 1 "vmtrace: $T/root/proc/vmtrace/16: not found: no such process, or it is not tracked because it took no fault since the module was loaded: check with 'ps -p 16'" \
			show 16 --$topic
		rm -r "$T/root/sys/kernel/debug/vmtrace/$topic"
		expect 1 "vmtrace: $T/root/sys/kernel/debug/vmtrace/$topic: not found: do the versions of tool and module match? see 'vmtrace version'" \
			show 4242 --$topic
	done
	shows show 4242
}

# broken TOPIC WHAT SED: what is wrong with 4242 after that
broken() {
	local file=$T/root/sys/kernel/debug/vmtrace/$1/4242
	sed -i "$3" "$file"
	expect 1 "vmtrace: $file: $2: do the versions of tool and module match? see 'vmtrace version'" show 4242 --"$1"
	cp "$HERE/fixtures/good/sys/kernel/debug/vmtrace/$1/4242" "$file"
}

test_details_that_are_broken() {
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	broken threads "the table is missing" '2,$d'
	broken threads "column failed is missing or misplaced" 's/\tfailed/\tfell/'
	broken threads "minor of a thread is not a number" 's/\t1100\t/\tmany\t/'
	broken threads "a thread has 9 of 10 columns" '3s/\tbash$//'
	broken threads "does not start with a format number" 1d
	broken slowest "took_ns of a fault is not a number" 's/^204310/-204310/'
	broken slowest "column ip is missing or misplaced" 's/\tip\t/\tpi\t/'
}
