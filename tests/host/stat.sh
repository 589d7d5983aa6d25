# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of "vmtrace stat". Sourced by tests/host/run like cli.sh, whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE, T, BUILD and CC come from run, code from vmt

DEBUGFS=sys/kernel/debug/vmtrace
SEE="see 'vmtrace stat --help'"

# program NAME SOURCE...: built for this test with libvmtrace.a, in $T
program() {
	local name=$1
	shift
	# shellcheck disable=SC2086 # these are words
	$CC -std=gnu11 -D_GNU_SOURCE -g -Wall -pthread ${SANITIZED:+$SANITIZE} -I"$TOP/user" -I"$TOP/module" \
		$LIBS_CFLAGS -o "$T/$name" "${@/#/$TOP/}" "${VMTRACE%/*}/libvmtrace.a" $LIBS -lm || exit 1
}

# golden_file NAME: $T/out is as in golden/NAME
golden_file() {
	if [[ -n $ACCEPT ]]; then
		cp "$T/out" "$HERE/golden/$1"
	fi
	same_text "$1" || die "other output; if it should be: tests/host/run --accept"
}

stat_print() {
	code=0
	"$T/stat_print" "$@" >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 0 && -s $T/out ]] || die "stat_print $*"
}

test_stat_prints() {
	local case
	program stat_print tests/host/stat_print.c
	for case in one runs bad pids none; do
		stat_print $case text
		golden_file stat-$case.txt
		! wider 80 || die "wider than 80"
		COLUMNS=40 stat_print $case text
		[[ $case != runs ]] || golden_file stat-narrow.txt
		! wider 40 || die "wider than 40"
		stat_print $case json
		valid_json "$T/out" || die "not JSON"
		golden_file stat-$case.json
		stat_print $case csv
		golden_file stat-$case.csv
		awk -F, 'NF != 4 { exit 1 }' "$T/out" || die "not four columns"
	done
}

# The deviations by another way than Welford's.
test_stat_deviations() {
	program stat_print tests/host/stat_print.c
	stat_print runs csv
	[[ $(grep ^anon,faults, "$T/out") == anon,faults,702,2.646 ]] || die "of 700, 701 and 705"
	[[ $(grep ^file-miss,faults, "$T/out") == file-miss,faults,1.333,1.155 ]] || die "of 2, 2 and none"
	[[ $(grep ^file-miss,max_ns, "$T/out") == file-miss,max_ns,204310,0 ]] || die "none has no longest one"
}

# children COMMAND...: what child.c tells of it
children() {
	code=0
	"$T/child_run" "$@" >"$T/out" 2>"$T/err" </dev/null || code=$?
}

tells() {
	local line=$1
	shift
	children "$@"
	[[ $code == 0 && $(<"$T/out") == "$line" ]] || die "'$*' should be: $line"
}

build_children() {
	program child_run tests/host/child_run.c
	SANITIZED='' program victim tests/host/victim.c
	victim=$T/victim
}

test_stat_follows_its_child() {
	local victim mode ends=(touch:0 threads:0 group:6 seven:7 killed:137 stopped:8 signal:9 child:0)
	build_children
	for mode in "${ends[@]}"; do
		tells "ready exiting:last ended:${mode#*:}" "$victim" "${mode%:*}"
	done
	# Nobody knows what memory is left, or whose it is.
	tells "ready exiting:others ended:5" "$victim" leader
	tells "ready exiting:others ended:7" "$victim" exec
	for mode in "${ends[@]}" leader:5 exec:7; do
		tells "ready ended:${mode#*:}" unwatched "$victim" "${mode%:*}"
	done
}

test_stat_leaves_signals_as_they_were() {
	local victim
	build_children
	# Whoever started this may ignore some.
	code=0
	env --default-signal "$T/child_run" "$victim" dispositions >"$T/out" 2>"$T/err" || code=$?
	[[ $(<"$T/out") == *"2:default 3:default 15:default 1:default 13:default 17:default"* ]] || die "defaults"
	env --default-signal --ignore-signal=INT,HUP,PIPE,CHLD "$T/child_run" "$victim" dispositions \
		>"$T/out" 2>"$T/err" || code=$?
	[[ $(<"$T/out") == *"2:ignored 3:default 15:default 1:ignored 13:ignored 17:ignored"* ]] || die "ignored ones"
}

# await FILE TEXT: until it is there, two minutes at the most
await() {
	local i
	for ((i = 0; i < 12000; i++)); do
		grep -q -- "$2" "$1" && return
		sleep 0.01
	done
	return 1
}

test_stat_passes_a_signal_on() {
	local victim pid
	build_children
	"$T/child_run" "$victim" wait >"$T/out" 2>"$T/err" &
	pid=$!
	await "$T/out" there || die "did not begin"
	kill -TERM $pid
	await "$T/out" "exiting:last ended:143" || { kill -KILL $pid "$(<"/proc/$pid/task/$pid/children")"; die "should end by SIGTERM"; }
	wait $pid || die "child_run"
}

test_stat_of_what_cannot_run() {
	build_children
	children frob
	[[ $code == 127 && $(<"$T/err") == "vmtrace: stat: frob: No such file or directory: is it installed, and in \$PATH?" ]] ||
		die "not found"
	children /etc/passwd
	[[ $code == 126 && $(<"$T/err") == "vmtrace: stat: /etc/passwd: Permission denied: is it a program that you may run?" ]] ||
		die "not executable"
}

test_stat_without_module() {
	fixture nowhere
	expect 1 "$NO_MODULE" stat touch "$T/ran"
	expect 1 "$NO_MODULE" stat -r 3 --json -- touch "$T/ran"
	expect 1 "$NO_MODULE" stat -p 1 touch "$T/ran"
	[[ ! -e $T/ran ]] || die "the command should not run"
}

# The summary is there, but the child is not.
test_stat_of_a_child_that_is_not_tracked() {
	fixture good
	vmt stat touch "$T/ran"
	[[ $code == 1 && $(wc -l <"$T/err") == 1 ]] || die "should fail"
	grep -q "^vmtrace: .*/proc/vmtrace/[0-9]*: not found: no such process" "$T/err" || die "wrong line"
	[[ ! -e $T/ran ]] || die "the command should not run"
}

test_stat_bad_usage() {
	local bad
	expect 2 "vmtrace: stat: nothing to measure: name a command, or a process with --pid: $SEE" stat
	expect 2 "vmtrace: stat: nothing to measure: name a command, or a process with --pid: $SEE" stat --json --
	expect 2 "vmtrace: stat: --json and --csv: only one of them: $SEE" stat --json --csv true
	expect 2 "vmtrace: stat: --repeat and --pid: only one of them: $SEE" stat -p 1 -r 2 true
	expect 2 "vmtrace: stat: --pid 7: given twice: $SEE" stat -p 7 --pid 7
	expect 2 "vmtrace: stat: -x: unknown or ambiguous option: $SEE" stat -x true
	expect 2 "vmtrace: stat: --frob: unknown or ambiguous option: $SEE" stat --frob true
	expect 2 "vmtrace: stat: -p: needs a value: $SEE" stat -p
	expect 2 "vmtrace: stat: --output: needs a value: $SEE" stat --output
	for bad in 0 -1 1x "" 2147483648; do
		expect 2 "vmtrace: stat: --pid $bad: not a process id: use a number from 1 to 2147483647: $SEE" stat -p "$bad"
	done
	for bad in 0 -1 1x "" 10001; do
		expect 2 "vmtrace: stat: --repeat $bad: not a number from 1 to 10000: $SEE" stat -r "$bad" true
	done
	# shellcheck disable=SC2046 # words
	expect 2 "vmtrace: stat: --pid: given more than 64 times: $SEE" stat $(seq -f '-p %g' 65)
}

# Options behind the command are its own.
test_stat_leaves_the_commands_options_alone() {
	fixture nowhere
	expect 1 "$NO_MODULE" stat ls --frob -r x
	expect 1 "$NO_MODULE" stat -- --frob
}

test_stat_unknown_pid() {
	fixture good
	expect 1 "vmtrace: /proc/vmtrace/99: not found: no such process, or it is not tracked because it took no fault since the module was loaded: check with 'ps -p 99'" stat -p 99
	expect 1 "vmtrace: /proc/vmtrace/99: not found: no such process, or it is not tracked because it took no fault since the module was loaded: check with 'ps -p 99'" stat -p 4242 -p 99 touch "$T/ran"
	[[ ! -e $T/ran ]] || die "the command should not run"
}

test_stat_output_that_cannot_be_written() {
	fixture good
	expect 1 "vmtrace: stat: $T/no/file: No such file or directory: name a file that can be written" stat -o "$T/no/file" -p 4242 true
	expect 1 "vmtrace: /dev/full: No space left on device: the output is not complete" stat -o /dev/full -p 4242 true
	vmt stat -p 4242 -o "$T/file" --csv true
	[[ $code == 0 && ! -s $T/out ]] || die "-o"
	grep -q '^,wall_ns,[0-9]*,$' "$T/file" || die "the file is not written"
}

test_stat_closed_pipe_is_a_silent_failure() {
	fixture good
	mkfifo "$T/pipe"
	# shellcheck disable=SC2094 # the first keeps the second from waiting for a reader
	exec 3<>"$T/pipe" 4>"$T/pipe" 3<&-
	code=0
	"$VMTRACE" stat -p 4242 true 2>&4 >"$T/out" || code=$?
	[[ $code == 1 && ! -s $T/out ]] || die "should fail without a word"
}

# later KEY:SED...: $T/root has the good files; $T/later what 4242 will be
a_process_that_changes() {
	cp -r "$HERE/fixtures/good" "$T/root"
	export VMTRACE_ROOT=$T/root
	sed -e 's/^minor:.*/minor:\t1334/; s/^kernel_minor:.*/kernel_minor:\t1334/; s/^origin_user:.*/origin_user:\t1263/' \
		-e 's/^anon\t.*/anon\t780\t0\t780\t3\t1743210\t1000\t1983\t3583\t6143\t9876/' \
		-e 's/^file-hit\t.*/file-hit\t415\t0\t3700\t1\t491200\t0\t767\t1919\t3327\t50000/' \
		-e '$ashmem\t5\t0\t5\t0\t5000\t0\t1000\t1000\t1000\t1100' \
		"$HERE/fixtures/good/proc/vmtrace/4242" >"$T/later"
}

# histograms: likewise; $T/latency is what comes
histograms() {
	local head='format:\t2\nclass\tfrom_ns\tto_ns\tfaults\n'
	mkdir -p "$T/root/$DEBUGFS/latency"
	# shellcheck disable=SC2059 # a format
	printf "${head}anon\t1920\t2048\t600\nanon\t8192\t9216\t100\nfile-hit\t3840\t4096\t400\n" \
		>"$T/root/$DEBUGFS/latency/4242"
	# shellcheck disable=SC2059
	printf "${head}anon\t1920\t2048\t620\nanon\t2048\t2304\t50\nanon\t8192\t9216\t110\nfile-hit\t3840\t4096\t414\nfile-hit\t49152\t53248\t1\nshmem\t1024\t1152\t5\n" \
		>"$T/latency"
}

# Of how long it took, and of the directory, nobody can say what is right.
without_wall() {
	sed -Ei 's/^wall_ns +[0-9.]+[mnµ]?s/wall_ns T/; s/(elapsed time of )[0-9.]+[mnµ]?s/\1T/; s/, [<0-9.]+% of the elapsed/, S of the elapsed/
		s/("wall_ns": )[0-9]+/\10/; s/^(,wall_ns,)[0-9]+/\10/; s|'"$T"'|T|' "$T/$1"
}

change='cp "$0" "$2" && cp "$1" "$3"'

# stat_of_change ARGUMENTS: of 4242, which becomes what it will be
stat_of_change() {
	vmt stat -p 4242 "$@" sh -c "$change" "$T/later" "$T/latency" "$T/root/proc/vmtrace/4242" \
		"$T/root/$DEBUGFS/latency/4242"
	[[ $code == 0 && ! -s $T/out ]] || die "should work"
	mv "$T/err" "$T/out"
	without_wall out
}

test_stat_of_a_process() {
	a_process_that_changes
	histograms
	stat_of_change
	golden_file stat-process.txt
	a_process_that_changes_back
	stat_of_change --json
	golden_file stat-process.json
	a_process_that_changes_back
	stat_of_change --csv
	golden_file stat-process.csv
}

a_process_that_changes_back() {
	rm -r "$T/root"
	a_process_that_changes
	histograms
}

# Then the quantiles are those of all its life, but for a class that is new.
test_stat_without_histograms() {
	a_process_that_changes
	vmt stat -p 4242 --csv cp "$T/later" "$T/root/proc/vmtrace/4242"
	[[ $code == 0 ]] || die "should work"
	grep -qx "anon,p50_ns,," "$T/err" || die "p50 of anon is not known"
	grep -qx "anon,max_ns,," "$T/err" || die "max of anon is not known"
	grep -qx "file-hit,max_ns,50000," "$T/err" || die "a new maximum is known"
	grep -qx "shmem,p50_ns,1000," "$T/err" || die "shmem is new"
	grep -q "Some of p50, p90, p99 and max are not known: .*latency: not found:" "$T/err" || die "no reason"
}

test_stat_notices_another_load() {
	local again="vmtrace: stat: the counts were reset meanwhile: vmtrace was loaded again, or another process has the pid: try again"
	a_process_that_changes
	expect 1 "$again" stat -p 4242 sed -i 's/^start_ns:.*/start_ns:\t5/' "$T/root/proc/vmtrace/4242"
	a_process_that_changes_back
	cp "$T/later" "$T/root/proc/vmtrace/4242"
	expect 1 "$again" stat -p 4242 cp "$HERE/fixtures/good/proc/vmtrace/4242" "$T/root/proc/vmtrace/4242"
}

test_stat_notices_what_was_not_observed() {
	a_process_that_changes
	sed -i 's/^kernel_minor:.*/kernel_minor:\t1344/; s/^unobserved:.*/unobserved:\t10/' "$T/later"
	vmt stat -p 4242 cp "$T/later" "$T/root/proc/vmtrace/4242"
	[[ $code == 1 ]] || die "should fail"
	tr '\n' ' ' <"$T/err" | grep -q "vmtrace and kernel do not agree in 1 of 1 runs: kernel counts 110 minor and 0 major faults; unobserved: 10" || die "does not say so"
	a_process_that_changes_back
	sed -i 's/^kernel_minor:.*/kernel_minor:\t1344/; s/^unobserved:.*/unobserved:\t10/' "$T/later"
	vmt stat --json -o "$T/json" -p 4242 sh -c 'cp "$0" "$1"; exit 3' "$T/later" "$T/root/proc/vmtrace/4242"
	[[ $code == 3 ]] || die "the command's status goes first"
	[[ $(<"$T/err") == "vmtrace: stat: vmtrace and the kernel do not agree in 1 of 1 runs: try: sudo vmtrace doctor" ]] || die "no message"
}

test_stat_ends_with_its_processes() {
	fixture good
	cp -r "$VMTRACE_ROOT" "$T/root"
	export VMTRACE_ROOT=$T/root
	sed -i 's/^state:.*/state:\texited/' "$T/root/proc/vmtrace/4242"
	vmt stat -p 4242
	[[ $code == 0 ]] || die "it has ended"
	grep -q "^vmtrace = kernel: 0 minor" "$T/err" || die "nothing came"
}

test_stat_of_a_process_ends_at_a_signal() {
	local pid i
	fixture good
	"$VMTRACE" stat -p 4242 --json >"$T/out" 2>"$T/err" &
	pid=$!
	# It has caught SIGTERM once it is in its mask (of bits: 15 is the 0x4000).
	for ((i = 0; i < 12000; i++)); do
		(($(sed -n 's/^SigCgt:\t/0x/p' /proc/$pid/status) & 0x4000)) && break
		sleep 0.01
	done
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	[[ $code == 0 ]] || die "should end well"
	valid_json "$T/err" || die "not JSON"
}

test_stat_help() {
	golden help-stat.txt stat --help
	golden help-stat.txt help stat
}

# Long options, and the letters of those that have one, in the help and in the manual.
test_stat_letters_are_documented() {
	touch "$T/out" "$T/err"
	"$VMTRACE" stat --help | sed -n 's/^  --\([a-z]*\) .*or -\([a-z]\) .*/\1 \2/p' | sort >"$T/help"
	sed -n '/^\.SS stat$/,/^\.S[SH]/p' "$TOP/user/man/vmtrace.1" |
		sed -n 's/^\.BI \\-\\-\([a-z]*\) .*\\-\([a-z]\).*/\1 \2/p' | sort | diff "$T/help" - || die "other letters"
	[[ $(wc -l <"$T/help") == 3 ]] || die "the help was not understood"
}

test_manual_has_the_numbers_of_stat() {
	touch "$T/out" "$T/err"
	sed -n '/define STAT_NUMBERS(X)/,/^$/s/^\tX(\([a-z_]*\), "\(.*\)").*/\1\t\2/p' "$TOP/user/sources/stat_run.h" >"$T/numbers"
	[[ $(wc -l <"$T/numbers") == 20 ]] || die "measure.h was not understood"
	manual_of "Of stat" >"$T/manual"
	diff <(cut -f 1 "$T/numbers") <(cut -f 1 "$T/manual") || die "other names"
	while IFS=$'\t' read -r name meaning; do
		text=$(sed -n "s/^$name\t//p" "$T/manual")
		[[ $text == "${meaning^}"[.?]* ]] || die "the manual says of $name: '$text', measure.h: '$meaning'"
	done <"$T/numbers"
}

test_stat_colour_and_progress_only_on_a_terminal() {
	command -v script >/dev/null || { echo "script(1) is not installed"; exit 77; }
	export TERM=xterm
	fixture good
	script -qec "$VMTRACE stat -p 4242 true" /dev/null >"$T/out" </dev/null
	grep -q $'\033' "$T/out" || die "no colour on a terminal"
	NO_COLOR=1 script -qec "$VMTRACE stat -p 4242 true" /dev/null >"$T/out" </dev/null
	grep -q '^vmtrace = kernel' "$T/out" || die "nothing with NO_COLOR"
	! grep -q $'\033' "$T/out" || die "colour with NO_COLOR"
	vmt stat -p 4242 true
	[[ $code == 0 && -s $T/err ]] || die "should just work"
	! grep -q $'\033' "$T/err" || die "colour in a file"
	# It does not come further than to the first one.
	fixture nowhere
	script -qec "$VMTRACE stat -r 3 true" /dev/null >"$T/out" </dev/null
	grep -q "run 1 of 3" "$T/out" || die "no progress on a terminal"
	script -qec "$VMTRACE stat -r 3 true >/dev/null" /dev/null >"$T/out" </dev/null
	grep -q $'run 1 of 3\r' "$T/out" || die "no progress on a terminal"
	expect 1 "$NO_MODULE" stat -r 3 true
}
