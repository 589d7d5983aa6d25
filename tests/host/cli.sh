# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of the program as people meet it. Sourced by tests/host/run, which calls every
# function test_* in its own subshell, with $VMTRACE (the program), $HERE, $TOP and an
# empty directory $T. What a test prints is shown if it fails; return 77 skips.

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE, T, ACCEPT and SANITIZED come from run

NO_MODULE="vmtrace: /proc/vmtrace: not found: is the module loaded? try: sudo insmod vmtrace.ko"

# vmt ARGUMENTS: run it; leaves $code, $T/out, $T/err
vmt() {
	code=0
	"$VMTRACE" "$@" >"$T/out" 2>"$T/err" || code=$?
}

die() {
	echo "$*"
	echo "exit code ${code:-?}, stdout:"
	cat "$T/out"
	echo "stderr:"
	cat "$T/err"
	exit 1
}

# shows ARGUMENTS: exit 0, stderr empty, something on stdout
shows() {
	vmt "$@"
	[[ $code == 0 && -s $T/out && ! -s $T/err ]] || die "'vmtrace $*' should just work"
}

# fixture NAME: read numbers from there
fixture() {
	export VMTRACE_ROOT=$HERE/fixtures/$1
}

# expect CODE STDERR ARGUMENTS: nothing on stdout, this one line on stderr
expect() {
	local want=$1 line=$2
	shift 2
	vmt "$@"
	[[ $code == "$want" ]] || die "'vmtrace $*' should exit with $want"
	[[ ! -s $T/out ]] || die "'vmtrace $*' should print nothing on stdout"
	[[ $(sed "s|$HERE/fixtures/[a-z]*||g" "$T/err") == "$line" ]] ||
		die "'vmtrace $*' should say: $line"
}

# empty_lists FILE: it, with the empty lists of JSON as json-c 0.18 prints them; 0.16 puts the
# closing bracket on a line of its own.
empty_lists() {
	sed -z 's/\[\n *\]/[]/g' "$1"
}

# same_text NAME: is $T/out as golden/NAME?
same_text() {
	diff -u <(empty_lists "$HERE/golden/$1") <(empty_lists "$T/out")
}

# golden NAME ARGUMENTS: exit 0, stderr empty, stdout as in golden/NAME
golden() {
	local name=$1
	shift
	vmt "$@"
	[[ $code == 0 && ! -s $T/err ]] || die "'vmtrace $*' should just work"
	if [[ -n $ACCEPT ]]; then
		cp "$T/out" "$HERE/golden/$name"
	fi
	same_text "$name" || die "'vmtrace $*' differs; if it should: tests/host/run --accept"
}

valid_json() {
	command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
	python3 -c 'import json, sys; json.load(sys.stdin)' <"$1"
}

# meanings_of LIST: "name<TAB>meaning" in the order of format.h, see names.c
meanings_of() {
	[[ -x $T/names ]] || $CC -std=gnu11 -Wall -I"$TOP/module" -o "$T/names" "$HERE/names.c" || exit 1
	"$T/names" "$1"
}

names_of() {
	meanings_of "$1" | cut -f 1
}

test_help_is_the_table_of_verbs() {
	golden help.txt help
	shows --help
	diff "$HERE/golden/help.txt" "$T/out" || die "--help should be help"
	golden help-show.txt show --help
	golden help-show.txt help show
	golden help-show.txt help sh
	golden help-lab.txt lab --help
	golden help-lazy.txt lab lazy --help
	golden lab-list.txt lab list
}

test_version() {
	local version
	version=$(sed -n 's/#define VMTRACE_VERSION "\(.*\)"/\1/p' "$TOP/module/core/format.h")
	vmt --version
	[[ $code == 0 && $(<"$T/out") == "vmtrace $version, format 2" ]] || die "--version"
	grep -q "\"vmtrace $version\"" "$TOP/user/man/vmtrace.1" || die "the manual has another version"
	fixture good
	golden version.txt version
}

test_version_without_module() {
	fixture nowhere
	vmt version
	[[ $code == 1 && $(<"$T/err") == *"is the module loaded?"* ]] || die "version"
	grep -q '^vmtrace ' "$T/out" || die "the tool's own version is known"
}

test_show_for_people() {
	fixture good
	golden show-exact.txt show 4242
	golden show-self.txt show
	golden show-self.txt show self
	golden show-silenced.txt show 10
	golden show-missed.txt show 11
	golden show-dropped.txt show 12
	golden show-defect.txt show 13
	golden show-class.txt show 14
	golden show-name.txt show 15
	golden show-later.txt show 16
	golden show-none.txt show 17
	golden show-single.txt show 18
	golden show-all.txt show 19
}

# wider COLUMNS: a line of the output is wider. A character is one column, not its bytes.
wider() {
	LC_ALL=C.UTF-8 grep -E ".{$(($1 + 1))}" "$T/out"
}

test_show_fits_in_80_columns_and_in_40() {
	local pid
	fixture good
	for pid in 4242 self 10 11 12 13 14 16 17 18 19; do
		shows show "$pid"
		! wider 80 || die "wider than 80"
		COLUMNS=40 shows show "$pid"
		! wider 40 || die "wider than 40"
	done
	COLUMNS=40 golden show-narrow.txt show 10
}

# classes: the lines of the class table, without the one that names the columns
classes() {
	sed -En '/^class( +(faults|major|pages|total|share|asleep|p[0-9]+|max))+$/,/^$/p' "$T/out" |
		grep -vE '^(class |$)'
}

classes_in_one_line() {
	classes | tr -s ' ' | sort -s -k 1,1 |
		awk '{ line = $0; sub(/^[^ ]* /, "", line); cells[$1] = cells[$1] " " line }
			END { for (class in cells) print class cells[class] }' | sort
}

test_a_narrow_table_loses_nothing() {
	local pid width column
	fixture good
	for pid in 4242 19; do
		for width in 20 31 40 57 79; do
			COLUMNS=$width shows show "$pid"
			for column in faults major pages total share asleep p50 p90 p99 max; do
				grep -qE "^class .*\b$column\b" "$T/out" || die "$column is missing at $width"
			done
			classes_in_one_line >"$T/narrow"
			[[ -s $T/narrow ]] || die "no classes at $width"
			COLUMNS=80 shows show "$pid"
			classes_in_one_line | diff - "$T/narrow" || die "other cells at $width"
		done
	done
}

# a_process KEYS ROW...: show it. A row is "class faults total asleep max".
a_process() {
	local keys=$1 row cells sum=0
	shift
	mkdir -p "$T/root/proc/vmtrace"
	export VMTRACE_ROOT=$T/root
	for row; do
		read -ra cells <<<"$row"
		((sum += cells[1]))
	done
	{
		printf 'format:\t2\nname:\tx\nstate:\tlive\n'
		names_of process | while read -r key; do
			case $key in
			minor | kernel_minor | origin_user) echo "$key:	$sum" ;;
			*) grep "^$key:" <<<"$keys" || echo "$key:	0" ;;
			esac
		done
		echo "class $(names_of columns | tr '\n' ' ')" | sed 's/ $//' | tr ' ' '\t'
		for row; do
			read -ra cells <<<"$row"
			echo "${cells[0]} ${cells[1]} 0 0 0 ${cells[2]} ${cells[3]} 1 1 1 ${cells[4]}" | tr ' ' '\t'
		done
	} >"$T/root/proc/vmtrace/7"
	vmt show 7
	[[ $code == 0 ]] || die "a_process is wrong"
}

# says TEXT: the paragraphs below the table, in one line, begin with this
says() {
	local text
	text=$(sed '1,/^origin_remote/d' "$T/out" | sed '0,/^$/d' | sed '0,/^$/d' | tr '\n' ' ')
	[[ $text == "$1"* ]] || die "it should say: $1"
}

test_one_slow_fault_or_many() {
	a_process "" "anon 10 500 0 100" "file-miss 2 501 0 501"
	says "One slow fault: the longest, of class file-miss, took 501ns, which is 50.0% of the 1.00µs that all 12 faults took together.  vmtrace = kernel"
	a_process "" "anon 10 500 0 100" "file-miss 2 500 0 500"
	says "No single slow fault: the longest, of class file-miss, took 50.0% of the 1.00µs that all 12 faults took together; the class with the largest part is anon: 50.0%, in 10 faults.  vmtrace"
	a_process "" "anon 10 500 0 100" "swap-read 1 510 0 400" "numa 1 1 1 1"
	says "No single slow fault: the longest, of class swap-read, took 39.6% of the 1.01µs that all 12 faults took together; the class with the largest part is swap-read: 50.4%, in 1 fault.  vmtrace"
	a_process "" "anon 1 5000 0 5000"
	says "There was one fault, of class anon: it took 5.00µs.  vmtrace"
	a_process "" "anon 1 9223372036854775807 0 9223372036854775807" "zero 1 9223372036854775807 0 9223372036854775807"
	says "No single slow fault: the longest, of class anon, took 50.0% of the 18446744074s that all 2 faults"
}

test_sleep_is_told_from_a_tenth_of_the_time() {
	a_process "" "anon 10 500 0 100" "file-miss 2 500 100 400"
	says "No single slow fault: the longest, of class file-miss, took 40.0% of the 1.00µs that all 12 faults took together; the class with the largest part is anon: 50.0%, in 10 faults. 10.0% of the time was spent asleep.  vmtrace"
	a_process "" "anon 10 500 0 100" "file-miss 2 500 99 400"
	! grep -q "asleep\." "$T/out" || die "9.9 % are too few"
	a_process "" "anon 1 5000 4000 5000"
	says "There was one fault, of class anon: it took 5.00µs. 80.0% of the time was spent asleep.  vmtrace"
}

test_untimed_faults_are_told() {
	a_process "untimed:	3" "anon 10 500 0 100" "zero 3 0 0 0"
	says "No single slow fault: the longest, of class anon, took 20.0% of the 500ns that all 10 timed faults took together; the class with the largest part is anon: 100%, in 10 faults. 3 faults were counted but not timed: memory was short.  vmtrace"
	grep -qE '^zero +3 +0( +-){8}$' "$T/out" || die "a time that nobody took"
	a_process "untimed:	5" "anon 3 500 0 400" "zero 4 0 0 0"
	says "One slow fault: the longest, of class anon, took 400ns, which is 80.0% of the 500ns that all 2 timed faults took together."
	a_process "untimed:	2" "anon 3 500 0 500"
	says "There was one timed fault, of class anon: it took 500ns. 2 faults were counted but not timed"
	a_process "untimed:	1" "zero 1 0 0 0"
	says "How long these faults took is not known. 1 fault was counted but not timed: memory was short.  vmtrace"
}

test_shares_have_three_digits() {
	a_process "" "anon 1 100000 0 100" "zero 1 49 0 49" "thp 1 51 0 51" "numa 1 1000 0 100"
	[[ $(awk '/^(anon|zero|thp|numa) / { print $1, $6 }' "$T/out") == "anon 98.9%
zero <0.1%
thp 0.1%
numa 1.0%" ]] || die "shares"
	a_process "" "anon 1 100000 0 100" "zero 1 49 0 49" "thp 1 0 0 0"
	[[ $(awk '/^(anon|zero|thp) / { print $1, $6 }' "$T/out") == "anon 100%
zero <0.1%
thp -" ]] || die "shares"
}

# What the kernel counts agrees; that vmtrace contradicts itself shows nowhere else.
test_origins_must_add_up() {
	a_process "origin_gup:	1" "anon 10 500 0 100"
	grep -q '^These numbers contradict each other' "$T/out" || die "11 origins of 10 faults"
	! grep -q '^vmtrace = kernel' "$T/out" || die "11 origins of 10 faults"
}

test_show_for_programs() {
	fixture good
	golden show-exact.json show 4242 --json
	golden show-name.json show --json 15
	golden show-defect.json show 13 --json
	golden show-later.json show 16 --json
	golden show-none.json show 17 --json
}

test_json_is_json() {
	local pid
	fixture good
	for pid in 4242 10 13 15 16 17 19; do
		shows show "$pid" --json
		valid_json "$T/out" || die "not JSON"
	done
	vmt lab lazy --json
	valid_json "$T/out" || die "not JSON"
	fixture nowhere
	vmt lab lazy --json
	valid_json "$T/out" || die "not JSON"
}

test_json_has_the_names_of_format_h() {
	fixture good
	vmt show 4242 --json
	sed -n 's/^  "\([a-z_]*\)": .*/\1/p' "$T/out" >"$T/keys"
	{ printf 'format\nname\nstate\n'; names_of process; echo classes; } | diff - "$T/keys" || die "other names"
	sed -n 's/^      "\([a-z0-9_]*\)": .*/\1/p' "$T/out" | head -n 11 >"$T/keys"
	{ echo class; names_of columns; } | diff - "$T/keys" || die "other columns"
	[[ $(names_of process | wc -l) -ge 20 ]] || die "format.h was not understood"
	vmt show 19 --json
	sed -n 's/^      "class": "\(.*\)",/\1/p' "$T/out" | diff <(names_of classes) - || die "other classes"
}

test_colour_only_on_a_terminal() {
	command -v script >/dev/null || { echo "script(1) is not installed"; exit 77; }
	fixture good
	export TERM=xterm
	shows show 4242
	! grep -q $'\033' "$T/out" || die "colour in a file"
	script -qec "$VMTRACE show 4242" /dev/null >"$T/out" </dev/null
	grep -q $'\033' "$T/out" || die "no colour on a terminal"
	NO_COLOR=1 script -qec "$VMTRACE show 4242" /dev/null >"$T/out" </dev/null
	grep -q ^anon "$T/out" || die "nothing with NO_COLOR"
	! grep -q $'\033' "$T/out" || die "colour with NO_COLOR"
}

test_no_module() {
	fixture nowhere
	expect 1 "$NO_MODULE" show
	expect 1 "$NO_MODULE" show 1
	expect 1 "$NO_MODULE" show 1 --json
}

test_unknown_pid() {
	fixture good
	expect 1 "vmtrace: /proc/vmtrace/99: not found: no such process, or it is not tracked because it took no fault since the module was loaded: check with 'ps -p 99'" show 99
}

test_not_permitted() {
	local as=()
	cp -r "$HERE/fixtures/good" "$T/root"
	chmod 000 "$T/root/proc/vmtrace/4242"
	if [[ $(id -u) == 0 ]]; then
		command -v setpriv >/dev/null || { echo "setpriv(1) is not installed"; exit 77; }
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	cp "$VMTRACE" "$T/vmtrace"
	chmod 755 "$T" "$T/vmtrace"
	export VMTRACE_ROOT=$T/root
	code=0
	"${as[@]}" "$T/vmtrace" show 4242 >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 1 && ! -s $T/out ]] || die "should be refused"
	[[ $(<"$T/err") == "vmtrace: $T/root/proc/vmtrace/4242: not permitted: pid 4242 belongs to another user or is not dumpable: run as that user or with CAP_PERFMON" ]] ||
		die "wrong line"
}

test_files_that_are_refused() {
	local compare="do the versions of tool and module match? see 'vmtrace version'"
	fixture bad
	expect 1 "vmtrace: /proc/vmtrace/1: format 3 is newer than this tool understands: update vmtrace" show 1
	expect 1 "vmtrace: /proc/vmtrace/2: format 0 is older than this tool understands: update the module" show 2
	expect 1 "vmtrace: /proc/vmtrace/3: ends in the middle of a line: $compare" show 3
	expect 1 "vmtrace: /proc/vmtrace/4: uid is not a number: $compare" show 4
	expect 1 "vmtrace: /proc/vmtrace/7: dropped is missing: $compare" show 7
	expect 1 "vmtrace: /proc/vmtrace/8: minor is there twice: $compare" show 8
	expect 1 "vmtrace: /proc/vmtrace/13: the class table is missing: $compare" show 13
	expect 1 "vmtrace: /proc/vmtrace/13: the class table is missing: $compare" show 13 --json
	mkdir -p "$T/root/proc/vmtrace/5"
	head -c 70000 /dev/zero | tr '\0' 'x' >"$T/root/proc/vmtrace/6"
	VMTRACE_ROOT=$T/root expect 1 "vmtrace: $T/root/proc/vmtrace/5: Is a directory: is vmtrace loaded and intact? see 'sudo dmesg'" show 5
	VMTRACE_ROOT=$T/root expect 1 "vmtrace: $T/root/proc/vmtrace/6: longer than this tool can read: update vmtrace" show 6
}

test_bad_usage() {
	local see="see 'vmtrace --help'"
	expect 2 "vmtrace: no verb given: $see"
	expect 2 "vmtrace: frob: unknown verb: $see" frob
	expect 2 "vmtrace: : ambiguous: more than one verb begins with this: $see" ""
	expect 2 "vmtrace: --frob: unknown verb: $see" --frob
	expect 2 "vmtrace: frob: unknown verb: $see" help frob
	expect 2 "vmtrace: help: too many arguments: $see" help show lab
	expect 2 "vmtrace: version: now: unexpected argument: see 'vmtrace version --help'" version now
	expect 2 "vmtrace: show: --frob: unknown or ambiguous option: see 'vmtrace show --help'" show --frob
	expect 2 "vmtrace: show: -x: unknown or ambiguous option: see 'vmtrace show --help'" show -xy
	expect 2 "vmtrace: show: 2: only one process at a time: see 'vmtrace show --help'" show 1 2
	expect 2 "vmtrace: lab: no lab given: 'vmtrace lab list' names them: see 'vmtrace lab --help'" lab
	expect 2 "vmtrace: lab: frob: unknown lab: see 'vmtrace lab --help'" lab frob
	expect 2 "vmtrace: lab lazy: x: unexpected argument: see 'vmtrace lab lazy --help'" lab lazy x
	expect 2 "vmtrace: lab lazy: --size: needs a value: see 'vmtrace lab lazy --help'" lab lazy --size
}

test_bad_numbers() {
	local bad
	for bad in 0 -1 +1 1x x "" " 1" 2147483648 99999999999999999999; do
		expect 2 "vmtrace: show: $bad: not a process id: use a number from 1 to 2147483647: see 'vmtrace show --help'" show -- "$bad"
	done
	for bad in 0 -1 1x 1k 1KB 1T "" 99999999999999999999 9000000000G; do
		expect 2 "vmtrace: lab lazy: --size $bad: not a size: use a number such as 4096, 64K or 1M: see 'vmtrace lab lazy --help'" lab lazy --size "$bad"
	done
}

test_full_disk_is_a_failure() {
	fixture good
	code=0
	"$VMTRACE" show 4242 >/dev/full 2>"$T/err" || code=$?
	: >"$T/out"
	[[ $code == 1 ]] || die "should fail"
	[[ $(<"$T/err") == "vmtrace: standard output: No space left on device: the output is not complete" ]] ||
		die "wrong line"
}

test_closed_pipe_is_a_silent_failure() {
	fixture good
	mkfifo "$T/pipe"
	# shellcheck disable=SC2094 # the first keeps the second from waiting for a reader
	exec 3<>"$T/pipe" 4>"$T/pipe" 3<&-
	code=0
	"$VMTRACE" show 4242 >&4 2>"$T/err" || code=$?
	: >"$T/out"
	[[ $code == 1 && ! -s $T/err ]] || die "should fail without a word"
}

# code_of_lab: that of a lab without the module, of which $T/out has the output. This machine may page
# for reasons of its own; getrusage counts that, and a prediction is not met.
code_of_lab() {
	if tr -s ' \n' ' ' <"$T/out" | grep -q 'were predicted'; then echo 1; else echo 4; fi
}

test_lab_without_module() {
	fixture nowhere
	vmt lab lazy
	[[ $code == "$(code_of_lab)" ]] || die "should exit with $(code_of_lab)"
	[[ $code == 1 ]] || grep -q '^skip:' "$T/out" || die "the verdict should be skip"
	[[ $(sed "s|$HERE/fixtures/[a-z]*||" "$T/err") == "$NO_MODULE" ]] || die "wrong line"
	grep -Eq '^malloc +[0-9]+ +[0-9]+ +- +- +- +-$' "$T/out" || die "vmtrace's column should be -"
	grep -q 'vmtrace could not be read' "$T/out" || [[ $code == 1 ]] || die "no reason"
	! grep -E '.{81}' "$T/out" || die "wider than 80"
	vmt lab lazy --json
	grep -q '"vmtrace": null' "$T/out" || die "vmtrace should be null"
}

# The fixture stands still while the lab faults.
test_lab_notices_disagreement() {
	fixture good
	vmt lab lazy
	[[ $code == 1 && ! -s $T/err ]] || die "should exit with 1, and complain on stdout only"
	tr -s ' \n' ' ' <"$T/out" |
		grep -q "at 'start' vmtrace and getrusage disagree.*at 'first memset' vmtrace and getrusage disagree" ||
		die "no reason"
}

test_lab_without_memory() {
	fixture nowhere
	vmt lab lazy --size 8000000000G
	[[ $code == 1 && ! -s $T/out ]] || die "should fail"
	grep -q 'lab lazy: .*: Cannot allocate memory: try a smaller --size' "$T/err" || die "wrong line"
	[[ -z $SANITIZED ]] || return 0 # sanitizers want more addresses than that
	# Here there are addresses for so much, but it is not allowed so many.
	code=0
	(ulimit -v 65536 && exec "$VMTRACE" lab lazy --size 128M) >"$T/out" 2>"$T/err" || code=$?
	[[ $code == 1 && ! -s $T/out ]] || die "should fail, too"
	grep -q 'lab lazy: .*: Cannot allocate memory: try a smaller --size' "$T/err" || die "wrong line"
}

# Without numbers to compare with, none of them runs.
test_all_labs_want_the_module() {
	fixture nowhere
	expect 4 "$NO_MODULE" lab all
	expect 4 "$NO_MODULE" lab check
	expect 4 "$NO_MODULE" lab check --json
}

# options_of_help VERB...: the options that its --help explains
options_of_help() {
	"$VMTRACE" "$@" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort
}

options_of_manual() {
	sed -n "/^\.SS $1\$/,/^\.S[SH]/p" "$TOP/user/man/vmtrace.1" |
		sed -n '/^\.TP/{n;s/^\.BI\{0,1\} \(\\-\\-[a-z\\-]*\).*/\1/p}' | tr -d '\134' | sort
}

# completions WORD...: what is offered for the last word, which is begun as given
completions() {
	COMP_WORDS=(vmtrace "$@")
	COMP_CWORD=$#
	_vmtrace
	printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d' | sort
}

test_documentation_is_complete() {
	local verb verbs labs lab
	touch "$T/out" "$T/err"
	# shellcheck source=/dev/null
	. "$TOP/user/completion/vmtrace.bash"
	verbs=$("$VMTRACE" help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort)
	labs=$("$VMTRACE" lab list | cut -d' ' -f1 | sort)
	[[ $(wc -w <<<"$verbs") -ge 4 && -n $labs ]] || die "the help was not understood"

	[[ $(completions "" | grep -v '^-') == "$verbs" ]] || die "completion of verbs"
	[[ $(completions "" | grep '^-') == "$("$VMTRACE" --help | grep -oE '^  --[a-z]+' | tr -d ' ')" ]] || die "completion of options"
	[[ $(completions help "") == "$verbs" ]] || die "completion of help"
	[[ $(completions lab "" | grep -v '^-') == "$(printf '%s\nlist\nall\ncheck\n' "$labs" | sort)" ]] || die "completion of labs"
	[[ $(sed -n 's/^\t*X(\([a-z]*\)).*/\1/p' "$TOP/user/labs/labs.h" | sort) == "$labs" ]] || die "the list of labs"
	[[ $(cd "$TOP/user/labs" && grep -l '^const struct lab_info' -- *.c | sed 's/\.c//' | sort) == "$labs" ]] || die "a file for each lab"
	for verb in $verbs; do
		grep -q "^\.SS $verb\$" "$TOP/user/man/vmtrace.1" || die "the manual lacks $verb"
		[[ $verb != help ]] || continue
		[[ $(options_of_manual "$verb") == "$(options_of_help "$verb")" ]] || die "the manual's options of $verb"
		[[ $(completions "$verb" "-") == "$(options_of_help "$verb")" ]] || die "completed options of $verb"
	done
	[[ $(completions trace --class "") == "$(names_of classes | sort)" ]] || die "completion of classes"
	for lab in $labs; do
		grep -q "^\.B $lab\$" "$TOP/user/man/vmtrace.1" || die "the manual lacks the lab $lab"
		grep -q "^### $lab\$" "$TOP/user/labs/README.md" || die "user/labs/README.md lacks $lab"
		[[ $(completions lab "$lab" "-") == "$(options_of_help lab "$lab")" ]] || die "completed options of $lab"
		options_of_help lab "$lab"
	done | sort -u >"$T/options"
	[[ $(options_of_manual "lab NAME") == "$(cat "$T/options")" ]] || die "the manual's options of labs"
}

# manual_of SECTION: "name<TAB>text" of each paragraph with a tag in this part of NUMBERS
manual_of() {
	sed -n "/^\.SS $1\$/,/^\.S[SH]/p" "$TOP/user/man/vmtrace.1" | awk '
		/^\.(TP|S[SH]|PP)/ { if (name != "") print name "\t" text; name = text = ""; tag = /^\.TP/; next }
		tag { name = $2; gsub(/\\/, "", name); tag = 0; next }
		name != "" { text = text (text == "" ? "" : " ") $0 }'
}

# documents SECTION LIST FIRST...: the names and their order are those of format.h after
# the first ones, and each text begins with the meaning there.
documents() {
	local section=$1 list=$2 name meaning text
	shift 2
	manual_of "$section" >"$T/manual"
	[[ -s $T/manual ]] || die "'$section' is not in the manual"
	{ (($# == 0)) || printf '%s\n' "$@"; names_of "$list"; } | diff - <(cut -f 1 "$T/manual") ||
		die "'$section' of the manual has other names than format.h"
	while IFS=$'\t' read -r name meaning; do
		text=$(sed -n "s/^$name\t//p" "$T/manual")
		[[ $text == "${meaning^}"[.?]* || $text == "${meaning^}" ]] ||
			die "'$section' of the manual says of $name: '$text', format.h: '$meaning'"
	done < <(meanings_of "$list")
}

test_manual_has_the_names_of_format_h() {
	touch "$T/out" "$T/err"
	documents "Of a process" process format name state
	documents "Of a class" columns class
	documents "Classes" classes
	documents "Of the module" summary format version hook hook_reason
	documents "Of all processes" total format
	documents "Of a thread" thread format
	documents "Of a histogram" latency format
	documents "Of a slow fault" slow format
	documents "Of a failed access" failure format
	documents "Of residency" memory format name
	documents "Of a mapping" mapping
	documents "Of a walk" walk format
	documents "Of a level of a walk" level
	documents "Sorts of mappings" fact
	documents "What may be mapped" page
	documents "What is known of a page" page-flag
	documents "Sorts of page-table entries" kind
	documents "Bits of page-table entries" flag
	documents "Of the event of a fault" record
	documents "Origins" origin
	documents "Entries" entry
	documents "Bits of entries" bit
}

test_manual_is_clean() {
	touch "$T/out" "$T/err"
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -W warning "$TOP/user/man/vmtrace.1" || die "mandoc complains"
	elif command -v groff >/dev/null; then
		[[ -z $(groff -man -Tutf8 -ww "$TOP/user/man/vmtrace.1" 2>&1 >/dev/null) ]] || die "groff complains"
	else
		echo "neither mandoc nor groff is installed"
		exit 77
	fi
}
