# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of tests/bench/report.py and symbols.py, and of what they wrote into documents. Sourced by
# tests/host/run like cli.sh.

# shellcheck source=schema.sh
. "$HERE/schema.sh"

# shellcheck disable=SC2154 # HERE, TOP and T come from run

report() {
	python3 "$TOP/tests/bench/report.py" "$@" || exit 1
}

# lines PART: as tests/bench/guest would print them, with numbers that are easy to follow.
lines() {
	case $1 in
	cost) cat <<-LINES ;;
		sample none read 0 1 100 100500 100000
		sample none read 0 2 100 100300 100200
		sample none read 0 3 100 100900 100400
		sample empty-kprobe read 0 1 100 115700 115600
		sample empty-kprobe read 0 2 100 115900 115800
		sample empty-kprobe read 0 3 100 116200 116000
		skip perf-stat this guest has no perf
	LINES
	profile) cat <<-LINES ;;
		sample none read 0 1 100 100000 100000
		sample vmtrace-returns-full read 0 1 100 110000 109000
		function vmtrace-returns-full read 98.00 returns_entry [vmtrace]
		function vmtrace-returns-full read 2.30 get_kprobe
		function vmtrace-returns-full read 0.30 vmtrace_end_slow [vmtrace]
		function vmtrace-returns-full read -0.60 others
	LINES
	sharing) cat <<-LINES ;;
		sample none 1mm 4 1 100 1000 1000
		sample vmtrace-kretprobe-full 1mm 4 1 100 1000 1000
		shared none 1mm 2.000 1.000 down_read_trylock
		shared none 1mm 0.500 0.000 others
		shared none 4mm 0.100 0.000 others
		shared vmtrace-kretprobe-full 1mm 1.500 0.000 get [vmtrace]
		shared vmtrace-kretprobe-full 1mm -0.040 0.030 tick
		shared vmtrace-kretprobe-full 1mm 0.010 -0.001 others
		shared vmtrace-kretprobe-full 4mm 0.250 0.000 get [vmtrace]
		shared vmtrace-kretprobe-full 4mm -0.001 0.000 others
		skip vmtrace-returns-full Operation not supported
	LINES
	irqsoff) cat <<-LINES ;;
		sample threads-100-1 total 100 1 122 1000 1000
		section threads end 100 none 9000
		section threads total 100 vmtrace 700 add [vmtrace], sum [vmtrace]
		section threads total 100 all 800
		section threads end 100 vmtrace 9100 on_signal [vmtrace]
		section threads end 100 all 9100
		section mappings total 60000 vmtrace 300 sum [vmtrace]
		section mappings total 60000 all 2000
	LINES
	contention) cat <<-LINES ;;
		sample none 4mm 4 1 100 1000 1
		sample none 4mm 4 1 100 1000 1
		sample empty-kprobe 4mm 4 1 100 1500 1
		sample empty-kprobe 4mm 4 1 100 1500 1
	LINES
	scale) cat <<-LINES ;;
		value threads bytes 0 5000
		value threads threads 0 3
		value threads bytes 10 25000
		value threads threads 10 13
		sample threads summary 10 1 447 7654 7000
		sample threads total 0 1 1 1000 1000
		sample threads total 10 1 1 2000 2000
		sample processes total 0 1 1 1000 1000
		sample processes total 20 1 1 2000 2000
		value processes processes 0 3
		value processes processes 20 23
		value module task_bytes 0 120
		value module thread_bytes 0 1344
		value module times_bytes 0 2216
		value module process_bytes 0 1192
	LINES
	latency) echo 'sample none entry 0 1 1 2000 1000' ;;
	esac
}

# measured PART: a file with the results of those lines.
measured() {
	lines "$1" >"$T/lines"
	report add "$T/results.json" 6.1-amd64 6.1.0 "$1" "$T/lines"
}

# says PART TEXT: that is in its table, however wide the columns are.
says() {
	report table "$T/results.json" 6.1-amd64 "$1" | tr -s ' ' >"$T/table"
	grep -qF -- "$2" "$T/table" || { echo "not in the table: $2"; cat "$T/table"; exit 1; }
}

test_cost_is_a_median_and_a_difference_of_medians() {
	measured cost
	says cost 'none 1,002 ±2'
	says cost 'empty kprobe +156 ±2'
	says cost 'none 1,005 ±3'
	says cost 'empty kprobe +154 ±2'
}

# block NAME: a document with that block, and what report.py writes into it, in $T/document
block() {
	local begin end
	begin=$(sed -n 's/^BEGIN = "\(.*\)"$/\1/p' "$TOP/tests/bench/report.py")
	end=$(sed -n 's/^END = "\(.*\)"$/\1/p' "$TOP/tests/bench/report.py")
	printf 'before\n%s\nold\n%s\nafter\n' "${begin/\{\}/$1}" "$end" >"$T/document"
	report documents "$T/results.json" "$T/document"
	[[ $(head -n 1 "$T/document") == before && $(tail -n 1 "$T/document") == after ]] || { cat "$T/document"; exit 1; }
	! grep -qx old "$T/document" || { echo "the old text is still there"; exit 1; }
}

# writes BLOCK LINE: it is a line of that block
writes() {
	block "$1"
	grep -qxF -- "$2" "$T/document" || { echo "the block $1 has no line: $2"; cat "$T/document"; exit 1; }
}

test_what_did_not_run_is_told() {
	measured cost
	says cost 'not run: perf stat, three fault counters: this guest has no perf'
	writes cost '- perf stat, three fault counters on 6.1-amd64: this guest has no perf'
}

test_the_summary_is_of_the_default_hook() {
	measured cost
	writes summary '| the fault alone | 1,002 |'
	writes summary '| vmtrace | - |'
	{
		lines cost
		echo 'sample vmtrace-kretprobe-full read 0 1 100 160500 160200'
		echo 'sample none fork 0 1 1 1000 1000'
		echo 'sample vmtrace-kretprobe-full fork 0 1 1 1200 1250'
	} >"$T/lines"
	report add "$T/results.json" 6.1-amd64 6.1.0 cost "$T/lines"
	writes summary '| vmtrace | +600 |'
	writes summary '(25 %) with vmtrace.'
	echo 'sample vmtrace-returns-full read 0 1 100 130500 130200' >>"$T/lines"
	report add "$T/results.json" 6.1-amd64 6.1.0 cost "$T/lines"
	writes summary '| vmtrace | +300 |'
}

# A part that was not measured leaves its block empty.
test_blocks_without_results_are_empty() {
	local name
	measured latency
	for name in summary memory cost kinds profile sharing irqsoff longest scale contention; do
		block "$name"
		[[ $(wc -l <"$T/document") == 4 ]] || { echo "$name"; cat "$T/document"; exit 1; }
	done
	! (block nothing) >"$T/out" 2>&1 || { echo "an unknown block"; exit 1; }
	sed -i '/-- end --/d' "$T/document"
	! (report documents "$T/results.json" "$T/document") 2>"$T/err" || { echo "a block without an end"; exit 1; }
	echo text >"$T/document"
	! (report documents "$T/results.json" "$T/document") 2>"$T/err" || { echo "no block"; exit 1; }
}

test_functions_have_a_sum() {
	measured profile
	says profile 'returns_entry [vmtrace] 98.0'
	says profile 'others -0.3'
	says profile 'sum 100.0'
	says profile 'of it in vmtrace 98.3'
	says profile "the guest's counter 100.0"
	says profile "of it the program's 90.0"
}

test_what_is_shared_is_summed_up() {
	measured sharing
	says sharing 'none 2.50 1.00 0.10 0.00'
	says sharing 'vmtrace, kretprobe +1.47 +0.03 +0.25 0.00'
	says sharing 'get [vmtrace] +1.50 0.00 +0.25 0.00'
	says sharing 'others -0.03 +0.03 0.00 0.00'
	says sharing 'of it in vmtrace +1.50 0.00 +0.25 0.00'
	says sharing 'not run: vmtrace, returns: Operation not supported'
	grep -q '"measurements": \[\]' "$T/results.json" || { echo 'its time is told'; exit 1; }
}

test_sections_are_the_longest() {
	measured irqsoff
	says irqsoff ' 100 threads 60,000 mappings'
	says irqsoff 'reading /proc/vmtrace/total 700 300'
	says irqsoff 'the exit of the process 9,100'
	says irqsoff '- without vmtrace 9,000'
	says irqsoff 'the longest of the kernel, with vmtrace 9,100 2,000'
	says irqsoff 'reading /proc/vmtrace/total, 100 threads: add [vmtrace], sum [vmtrace]'
	writes irqsoff '| reading /proc/vmtrace/total | 700 | 300 |'
	writes longest '60,000 mappings, and 700 with 100 of each.'
	grep -q '"measurements": \[\]' "$T/results.json" || { echo 'its time is told'; exit 1; }
}

symbols() {
	python3 "$TOP/tests/bench/symbols.py" "$@"
}

# counted: lines of a guest and what the plugin counted in it, of one fault a sample.
counted() {
	cat >"$T/lines" <<-LINES
		sample none read 0 1 1 10 10
		symbol none ffffffff81000000 fault
		symbol none ffffffff81000000 alias
		symbol none ffffffff81000010 timer
		sample vmtrace-returns-full read 0 1 1 99 99
		sample vmtrace-returns-full read 0 1 1 13 13
		sample vmtrace-returns-full read 0 1 1 12 12
		symbol vmtrace-returns-full ffffffffc0000000 handler[vmtrace]
	LINES
	cat >"$T/counts" <<-COUNTS
		window
		ffffffff81000000 5
		ffffffff81000008 5
		window
		ffffffff81000010 89
		window
		ffffffff81000000 5
		ffffffff81000000 1
		ffffffff81000008 5
		ffffffffc0000000 1
		ffffffffc0000002 1
		window
	COUNTS
}

# What one counted for an address may come in parts, and is not the timer's in another sample.
test_counts_are_those_of_functions_and_of_the_median() {
	counted
	symbols profile "$T/lines" "$T/counts" >"$T/functions" || exit 1
	diff -u - "$T/functions" <<-END || exit 1
		function vmtrace-returns-full read 2.00 handler [vmtrace]
		function vmtrace-returns-full read 1.00 fault
		function vmtrace-returns-full read 0.00 others
	END
}

test_counts_of_other_samples_are_refused() {
	counted
	echo window >>"$T/counts"
	! symbols profile "$T/lines" "$T/counts" >"$T/functions" 2>"$T/stderr" || exit 1
	grep -q '5 windows for 4 samples' "$T/stderr" || { cat "$T/stderr"; exit 1; }
}

# CPU 0 stores to a line that others load less often, and then one that loads it more often; of a
# line that two CPUs store to, each waits for what the other does. What is little is summed up.
test_as_much_waits_as_others_access() {
	cat >"$T/lines" <<-LINES
		sample none 1mm 4 1 1000 1 1
		symbol none ffffffff81000000 store
		symbol none ffffffff81000010 load
		symbol none ffffffff81000020 tick
		sample empty-kretprobe 1mm 4 1 1000 1 1
		symbol empty-kretprobe ffffffffc0000000 get[probes]
	LINES
	cat >"$T/counts" <<-COUNTS
		window
		line ffff888000001000
		ffffffff81000000 0 60 0
		ffffffff81000004 0 40 0
		ffffffff81000010 1 0 20
		ffffffff81000014 2 0 10
		line ffff888000002000
		ffffffff81000020 0 4 0
		ffffffff81000020 1 0 3
		window
		line ffffc90000002000
		ffffffffc0000000 0 100 100
		ffffffffc0000000 3 50 20
		line ffff888000001000
		ffffffff81000000 0 20 0
		ffffffff81000010 1 0 200
	COUNTS
	symbols sharing "$T/lines" "$T/counts" >"$T/shared" || exit 1
	diff -u - "$T/shared" <<-END || exit 1
		shared none 1mm 0.000 0.030 load
		shared none 1mm 0.030 0.000 store
		shared none 1mm 0.003 0.003 others
		shared empty-kretprobe 1mm 0.120 0.070 get [probes]
		shared empty-kretprobe 1mm 0.000 -0.010 load
		shared empty-kretprobe 1mm -0.010 0.000 store
		shared empty-kretprobe 1mm -0.003 -0.003 others
	END
}

# Of two samples, and of two blocks of a function, the longest counts; what the module's functions were part of
# is told of them, what others were part of is one number.
test_the_longest_section_of_the_module_is_found() {
	cat >"$T/lines" <<-LINES
		symbol none ffffffff81000000 lock
		sample threads-100-0 end 100 1 1 1 1
		sample threads-100-1 total 100 1 1 1 1
		sample threads-100-1 total 100 1 1 1 1
		symbol threads-100-1 ffffffffc0000000 sum[vmtrace]
		symbol threads-100-1 ffffffffc0000010 add[vmtrace]
		symbol threads-100-1 ffffffffc0000100 other[virtio]
		sample threads-100-2 end 100 1 1 1 1
		symbol threads-100-2 ffffffffc0000100 on_signal[vmtrace]
	LINES
	cat >"$T/counts" <<-COUNTS
		window
		ffffffff81000000 400
		window
		ffffffff81000000 20
		ffffffffc0000000 20
		window
		ffffffff81000000 70
		ffffffffc0000000 10
		ffffffffc0000004 30
		ffffffffc0000010 30
		ffffffffc0000100 50
		window
		ffffffff81000000 500
		ffffffffc0000100 450
	COUNTS
	symbols irqsoff "$T/lines" "$T/counts" >"$T/sections" || exit 1
	diff -u - <(sed 's/ *$//' "$T/sections") <<-END || exit 1
		section threads end 100 none 400
		section threads total 100 vmtrace 30 add [vmtrace], sum [vmtrace]
		section threads total 100 all 70
		section threads end 100 vmtrace 450 on_signal [vmtrace]
		section threads end 100 all 500
	END
}

test_a_function_is_annotated() {
	counted
	# What another function calls is not said of this one.
	echo 'int far(void); int other(void) { return far() + 1; } int handler(int a) { return far() + a; }' >"$T/vmtrace.c"
	gcc -O1 -c -o "$T/vmtrace.ko" "$T/vmtrace.c"
	symbols annotate "$T/lines" "$T/counts" objdump "$T/vmtrace.ko" handler >"$T/annotated" || exit 1
	grep -q '^handler with vmtrace-returns-full: .*: read$' "$T/annotated" || { cat "$T/annotated"; exit 1; }
	grep -qE '^ +1\.00 +0  [a-z]' "$T/annotated" || { cat "$T/annotated"; exit 1; }
	[ "$(grep -c '# far' "$T/annotated")" -eq 1 ] || { cat "$T/annotated"; exit 1; }
	[[ $(wc -l <"$T/annotated") -gt 4 ]] || { cat "$T/annotated"; exit 1; }
	! symbols annotate "$T/lines" "$T/counts" objdump "$T/vmtrace.ko" nobody 2>"$T/stderr" || exit 1
	grep -q '0 functions are called nobody' "$T/stderr" || { cat "$T/stderr"; exit 1; }
}

test_throughputs_are_compared_within_a_round() {
	measured contention
	says contention 'empty kprobe 1.50 (1.50-1.50)'
}

test_memory_is_what_is_more_than_without_any() {
	measured scale
	says scale '10 13 2,000 7,654'
	writes scale 'To read `total` takes 100 instructions for each thread, and 50 for each process.'
	writes memory 'and 2,216 for each class of its faults (`times_bytes`); a process 1,192 (`process_bytes`).'
}

test_parts_of_a_kernel_come_one_by_one() {
	local part
	for part in cost profile sharing irqsoff contention scale latency; do
		measured "$part"
	done
	says cost 'empty kprobe +156 ±2'
	says scale '10 13 2,000 7,654'
	validate ../../tests/bench/schema "$T/results.json" || exit $?
}

test_results_are_as_their_schema_says() {
	validate ../../tests/bench/schema "$TOP/tests/bench/results.json" || exit $?
}

# What is promised: 100,000 instructions, whatever there is. Where the kernel kills a process its own section grows,
# and what vmtrace adds to it is a part of that.
test_no_section_of_the_module_is_long() {
	python3 - "$TOP/tests/bench/results.json" <<-'END'
		import json
		import sys

		kernels = [k for k in json.load(open(sys.argv[1]))["kernels"] if "irqsoff" in k["parts"]]
		for kernel in kernels:
		    sections = kernel["parts"]["irqsoff"]["sections"]
		    bare = {(s["subject"], s["n"], s["workload"]): s["longest"] for s in sections if s["of"] == "none"}
		    for s in sections:
		        own = bare.get((s["subject"], s["n"], s["workload"]), 0)
		        if s["of"] == "vmtrace" and s["longest"] > max(100_000, own * 1.1):
		            sys.exit(f"{kernel['kernel']}: {s}")
		if not kernels:
		    sys.exit("nothing was measured")
	END
}

# Nobody changes the numbers by hand, and nobody measures without writing them down.
test_documents_have_what_was_measured() {
	local file
	for file in README.md tests/bench/README.md; do
		mkdir -p "$T/$(dirname "$file")"
		cp "$TOP/$file" "$T/$file"
		report documents "$TOP/tests/bench/results.json" "$T/$file"
		diff -u "$TOP/$file" "$T/$file" || {
			echo 'try: tests/bench/report.py documents tests/bench/results.json README.md tests/bench/README.md'
			exit 1
		}
	done
	# One table there, all of them here.
	[[ $(grep -c '^| the fault alone ' "$T/README.md") == 1 ]] || { echo 'README.md has no table'; exit 1; }
	[[ $(grep -c '^<!-- tests/bench/report.py' "$T/tests/bench/README.md") -ge 8 ]] || { echo 'blocks are missing'; exit 1; }
}
