# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of "vmtrace trace". Sourced by tests/host/run like cli.sh, whose helpers it uses.

# shellcheck source=stat.sh
. "$HERE/stat.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run, code from vmt

TRACE_SEE="see 'vmtrace trace --help'"

# trace_refuses CODE LINE ARGUMENTS
trace_refuses() {
	local want=$1 line=$2
	shift 2
	vmt trace "$@"
	[[ $code == "$want" && ! -s $T/out ]] || die "'vmtrace trace $*' should exit with $want"
	[[ $(<"$T/err") == "vmtrace: trace: $line" ]] || die "'vmtrace trace $*' should say: $line"
}

test_trace_help() {
	golden help-trace.txt trace --help
}

# The lines of made-up events: names come from events and from /proc, of places and of code.
test_trace_prints() {
	program trace_print tests/host/trace_print.c
	mkdir -p "$T/root/proc/4242/task/4242"
	cat >"$T/root/proc/4242/task/4242/maps" <<-END
		00400000-00401000 r-xp 00000000 08:01 13                 /bin/old
		7ffe0000-80000000 rw-p 00000000 00:00 0                  [stack]
		not a line of that file
		90000000-10000000 rw-p 00000000 00:00 0                  backwards
	END
	printf '%s\n' 'ffffffff81001000 t next' 'ffffffff81000000 T do_it' '0 T hidden' 'frob' \
		>"$T/root/proc/kallsyms"
	VMTRACE_ROOT=$T/root "$T/trace_print" 4242 >"$T/out" 2>"$T/err" || die "trace_print"
	golden_file trace.txt
}

# The source line of the code of a program that has debug information.
test_trace_names_code() {
	program trace_print tests/host/trace_print.c
	code=0
	"$T/trace_print" code "$T/trace_print" main >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 0 && $(<"$T/out") =~ ^main\+0x0\ \(trace_print\.c:[0-9]+\)$ ]] || die "main has another name"
	"$T/trace_print" code "$HERE/trace.sh" main >"$T/out" 2>"$T/err" || die "a file that is no program"
	[[ $(<"$T/out") == "nothing" ]] || die "a file that is no program has code"
}

# What root reads here, anybody may have made.
test_trace_is_careful_with_files() {
	program trace_print tests/host/trace_print.c
	touch "$T/out" "$T/err"
	cp "$T/trace_print" "$T/linked"
	mkfifo "$T/fifo"
	echo debug >"$T/debug"
	objcopy --strip-all --add-gnu-debuglink="$T/debug" "$T/linked"
	rm "$T/debug"
	mkfifo "$T/debug"
	gzip -c "$T/trace_print" >"$T/packed"
	head -c 100 "$T/trace_print" >"$T/cut"
	local file
	for file in linked fifo packed cut; do
		timeout 20 "$T/trace_print" code "$T/$file" main >"$T/out" 2>"$T/err" || die "$file: code $?"
		[[ $(<"$T/out") == nothing ]] || die "$file has code"
	done
	timeout 20 "$T/trace_print" code /dev/zero main >"$T/out" 2>"$T/err" || die "/dev/zero"
	# Another file of that name.
	"$T/trace_print" other "$T/trace_print" main >"$T/out" 2>"$T/err" || die "another file"
	[[ $(<"$T/out") == nothing ]] || die "another file has its code"
}

test_trace_bad_usage() {
	local time size
	trace_refuses 2 "nothing to trace: name a command, or a process with --pid, or --all: $TRACE_SEE"
	trace_refuses 2 "--pid 0: not a process id: use a number from 1 to 2147483647: $TRACE_SEE" -p 0
	trace_refuses 2 "--pid x: not a process id: use a number from 1 to 2147483647: $TRACE_SEE" --pid x
	trace_refuses 2 "--class frob: no such class: 'man vmtrace' lists them: $TRACE_SEE" --class frob true
	trace_refuses 2 "--all and --pid: only one of them: $TRACE_SEE" --all -p 1
	for time in 3 ms -1us 1h 1.5ms 99999999999999999999s 9223372036855ms; do
		trace_refuses 2 "--min-time $time: not a time like 500ns, 10us, 2ms or 1s: $TRACE_SEE" --min-time "$time" true
	done
	for size in 0 1 3M 32K 2G 64k; do
		trace_refuses 2 "--buffer $size: not a power of two from 64K to 1G: $TRACE_SEE" --buffer "$size" true
	done
}

test_trace_without_module() {
	export VMTRACE_ROOT=$T
	trace_refuses 1 "$T/proc/vmtrace: not found: is the module loaded? try: sudo insmod vmtrace.ko" -- touch "$T/ran"
	[[ ! -e $T/ran ]] || die "the command was run"
	trace_refuses 1 "$T/nowhere/file: No such file or directory: name a file that can be written" -o "$T/nowhere/file" true
	trace_refuses 127 "frob-no-such: No such file or directory: is it installed, and in \$PATH?" frob-no-such
}
