# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Every verb when things go wrong: it says so in one line, or prints what it should, has
# the right exit code and does not crash. Sourced by tests/host/run like cli.sh. To add a
# verb, add its lines to the table.

# shellcheck source=stat.sh
. "$HERE/stat.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run, code from vmt

# How a command ends with a module, without, as nobody, and with the number of no process:
#   good  exit code 0, and output
#   fail  1, and output
#   line  1, and a line on stderr
#   both  1, output, and a line on stderr
#   skip  code_of_lab(), output, and a line on stderr
# What sort it is: text has colour on a terminal; all but text and plain is for programs;
# report goes to stderr, or where -o says. The source of trace is no file, so there is none.
table() {
	cat <<-END
		good line line line  text         show PID
		good line -    -     text         show self
		good line line line  data         show PID --json
		good line line line  text,report  stat -p PID true
		good line line line  data,report  stat --json -p PID true
		good line line line  data,report  stat --csv -p PID true
		line line line line  report       trace -p PID
		line line line -     report       trace true
		good line line line  text         maps PID
		good line line line  data         maps PID --json
		good line line good  text         walk PID 0x1000
		good line line good  data         walk PID 0x1000 --json
		fail skip skip -     text         lab lazy
		fail skip skip -     data         lab lazy --json
		good good good -     plain        lab list
		good fail fail -     text         doctor
		good fail fail -     data         doctor --json
		good good good -     plain        help
		good both both -     plain        version
	END
}

# rows FUNCTION: call it for each line, with $with, $without, $nobody, $wrong, $sort and $words
rows() {
	local with without nobody wrong sort words tried=0
	while read -r with without nobody wrong sort words; do
		read -ra words <<<"$words"
		tried=$((tried + 1))
		"$1"
	done < <(table)
	((tried > 15)) || die "the table was not understood"
}

# root: a machine with a module and process 4242, in $T/root. What was there is gone.
root() {
	local path line
	rm -rf "$T/root"
	cp -r "$HERE/fixtures/good" "$T/root"
	cp "$HERE/fixtures/walk/stack" "$T/root/sys/kernel/debug/vmtrace/walk"
	mkdir -p "$T/root/sys/kernel/debug/vmtrace/latency"
	printf 'format:\t2\nclass\tfrom_ns\tto_ns\tfaults\n' >"$T/root/sys/kernel/debug/vmtrace/latency/4242"
	while IFS='|' read -r path line; do
		[[ $path != \#* && $path != proc/vmtrace/* ]] || continue
		mkdir -p "$T/root/${path%/*}"
		printf '%s\n' "$line" >>"$T/root/$path"
	done <"$HERE/fixtures/machine.txt"
	export VMTRACE_ROOT=$T/root
}

# arguments [PID]: those of this row, in $arguments
arguments() {
	arguments=("${words[@]/#PID/${1-4242}}")
}

# ends HOW: the last command ended like that, according to $code, $T/out and $T/err
ends() {
	local how=$1 what="'vmtrace ${arguments[*]}' should end like this: $1" output=$T/out said=$T/err
	if [[ $sort == *report* && $how == good ]]; then
		output=$T/err said=$T/out
	fi
	case $how in
	good) [[ $code == 0 && -s $output && ! -s $said ]] || die "$what" ;;
	fail) [[ $code == 1 && -s $output && ! -s $said ]] || die "$what" ;;
	both) [[ $code == 1 && -s $output && $(wc -l <"$said") == 1 ]] || die "$what" ;;
	skip) [[ $code == "$(code_of_lab)" && -s $output && $(wc -l <"$said") == 1 ]] || die "$what" ;;
	line) [[ $code == 1 && ! -s $output && $(wc -l <"$said") == 1 ]] || die "$what" ;;
	usage) [[ $code == 2 && ! -s $output && $(wc -l <"$said") == 1 ]] || die "$what" ;;
	esac
	case $how in
	both | skip | line | usage) grep -q '^vmtrace: .*: ' "$said" || die "$what" ;;
	esac
}

test_every_verb_is_in_the_table() {
	touch "$T/out" "$T/err"
	diff <("$VMTRACE" help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort) \
		<(table | awk '{ print $6 }' | sort -u) || die "a verb is missing, or there is one too many"
}

with_module() {
	arguments
	vmt "${arguments[@]}"
	ends "$with"
}

test_every_verb_with_module() {
	root
	rows with_module
}

without_module() {
	[[ $without != - ]] || return 0
	arguments
	vmt "${arguments[@]}"
	ends "$without"
}

test_every_verb_without_module() {
	root
	rm -r "$T"/root/proc/vmtrace "$T"/root/sys/kernel/debug/vmtrace
	rows without_module
}

run_as_nobody() {
	local as=()
	[[ $nobody != - ]] || return 0
	if [[ $(id -u) == 0 ]]; then
		as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	arguments
	chmod 600 "$T/root/sys/kernel/debug/vmtrace/walk"
	[[ $(id -u) == 0 ]] || chmod 000 "$T/root/sys/kernel/debug/vmtrace/walk"
	code=0
	"${as[@]}" "$T/vmtrace" "${arguments[@]}" >"$T/out" 2>"$T/err" || code=$?
	ends "$nobody"
}

# Nobody may read anything of vmtrace.
test_every_verb_by_nobody() {
	command -v setpriv >/dev/null || { echo "setpriv(1) is not installed"; exit 77; }
	root
	chmod -R u=rwX,go=rX "$T"
	find "$T"/root/proc/vmtrace "$T"/root/sys/kernel/debug/vmtrace -type f -exec chmod 000 {} +
	cp "$VMTRACE" "$T/vmtrace"
	chmod 755 "$T/vmtrace"
	rows run_as_nobody
}

wrong_pids() {
	local bad
	[[ ${words[*]} == *PID* ]] || return 0
	for bad in 0 -1 +1 x 1x "" " " $'4242\n1' $'\033[31m' 2147483648 99999999999999999999 "$(printf '7%.0s' {1..5000})"; do
		arguments "$bad"
		vmt "${arguments[@]}"
		ends usage
		! grep -q $'\033' "$T/err" || die "what steers a terminal is printed"
	done
	for bad in 4194304 2147483647; do
		arguments "$bad"
		vmt "${arguments[@]}"
		ends "$wrong"
	done
}

test_every_verb_and_wrong_pids() {
	root
	rows wrong_pids
}

# incomplete COMMAND...: what it printed is lost, and that is one line, or none
incomplete() {
	[[ $code == 1 && $(wc -l <"$T/err") -le 1 && ! -s $T/out ]] || die "'$*' should fail"
}

full_disk() {
	arguments
	code=0
	if [[ $sort == *report* ]]; then
		"$VMTRACE" "${arguments[@]}" 2>/dev/full >"$T/out" || code=$?
		: >"$T/err"
		incomplete "${arguments[@]}"
		vmt "${arguments[0]}" -o /dev/full "${arguments[@]:1}"
		ends line
		return
	fi
	"$VMTRACE" "${arguments[@]}" >/dev/full 2>"$T/err" || code=$?
	: >"$T/out"
	incomplete "${arguments[@]}"
	grep -q 'standard output: .*the output is not complete' "$T/err" || die "'${arguments[*]}' does not say so"
}

help_to_full_disk() {
	code=0
	"$VMTRACE" "${words[0]}" --help >/dev/full 2>"$T/err" || code=$?
	: >"$T/out"
	incomplete "${words[0]}" --help
	[[ $(<"$T/err") == "vmtrace: standard output: No space left on device: the output is not complete" ]] ||
		die "help of ${words[0]}"
}

test_every_verb_and_a_full_disk() {
	root
	rows full_disk
	rows help_to_full_disk
}

closed_pipe() {
	arguments
	code=0
	if [[ $sort == *report* ]]; then
		"$VMTRACE" "${arguments[@]}" 2>&4 >"$T/out" || code=$?
		: >"$T/err"
	else
		"$VMTRACE" "${arguments[@]}" >&4 2>"$T/err" || code=$?
		: >"$T/out"
	fi
	incomplete "${arguments[@]}"
	[[ ! -s $T/err ]] || die "'${arguments[*]}' should be silent"
	code=0
	"$VMTRACE" "${words[0]}" --help >&4 2>"$T/err" || code=$?
	[[ $code == 1 && ! -s $T/err ]] || die "help of ${words[0]}"
}

test_every_verb_and_a_closed_pipe() {
	root
	mkfifo "$T/pipe"
	# shellcheck disable=SC2094 # the first keeps the second from waiting for a reader
	exec 3<>"$T/pipe" 4>"$T/pipe" 3<&-
	rows closed_pipe
}

closed_files() {
	arguments
	code=0
	"$VMTRACE" "${arguments[@]}" >"$T/out" 2>"$T/err" <&- || code=$?
	ends "$with"
	: >"$T/out"
	code=0
	"$VMTRACE" "${arguments[@]}" 2>"$T/err" >&- || code=$?
	if [[ $sort == *report* ]]; then
		ends "$with"
	else
		incomplete "${arguments[@]}"
		grep -q 'the output is not complete' "$T/err" || die "'${arguments[*]}' does not say so"
	fi
	: >"$T/err"
	arguments
	code=0
	"$VMTRACE" "${arguments[@]}" >"$T/out" 2>&- || code=$?
	if [[ $sort == *report* ]]; then
		incomplete "${arguments[@]}"
	else
		ends "$with"
	fi
	arguments
	code=0
	"$VMTRACE" "${arguments[@]}" <&- >&- 2>&- || code=$?
	[[ $code == 1 ]] || die "'${arguments[*]}' should fail with everything closed"
}

# What is opened next must not take the place of what is closed.
closed_files_and_a_report() {
	[[ $sort == *report* && $with == good ]] || return 0
	arguments
	rm -f "$T/want"
	vmt "${arguments[0]}" -o "$T/want" "${arguments[@]:1}"
	[[ $code == 0 && -s $T/want ]] || die "no report of '${arguments[*]}'"
	for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		rm -f "$T/report"
		code=0
		(eval "exec $closed" && exec "$VMTRACE" "${arguments[0]}" -o "$T/report" "${arguments[@]:1}") 3>/dev/null || code=$?
		: >"$T/out"
		: >"$T/err"
		[[ $code == 0 ]] || die "'${arguments[*]}' with $closed"
		diff <(sed 's/wall.*//' "$T/want") <(sed 's/wall.*//' "$T/report") || die "other output of '${arguments[*]}' with $closed"
	done
}

test_every_verb_and_closed_files() {
	local closed
	root
	rows closed_files
	rows closed_files_and_a_report
}

narrow() {
	local columns limit
	[[ $sort != *data* && $with != line ]] || return 0
	for columns in 40 79 80 1000; do
		arguments
		COLUMNS=$columns vmt "${arguments[@]}"
		ends "$with"
		[[ $sort != *report* ]] || mv "$T/err" "$T/out"
		! wider $((columns > 80 ? 80 : columns)) || die "'${arguments[*]}' is wider than $columns columns"
	done
	# Where even a word does not fit, it is no wider than it must be, and no crash.
	for columns in 20 1 0 -1 x 99999999999999999999; do
		arguments
		COLUMNS=$columns vmt "${arguments[@]}"
		ends "$with"
		[[ $sort != *report* ]] || mv "$T/err" "$T/out"
		limit=80
		[[ ! $columns =~ ^(20|1|0)$ ]] || limit=40
		! wider $limit ||
			die "'${arguments[*]}' is wider with COLUMNS=$columns"
	done
}

test_every_verb_fits_in_its_columns() {
	root
	rows narrow
}

# on_terminal COLUMNS: the command of this row; what it prints there goes to $T/out
on_terminal() {
	local want=0
	[[ $with == good ]] || want=1
	arguments
	code=0
	"$T/victim" terminal "$1" "$VMTRACE" "${arguments[@]}" >"$T/out" 2>"$T/err" </dev/null || code=$?
	[[ $code == "$want" && -s $T/out && ! -s $T/err ]] ||
		die "'${arguments[*]}' on a terminal"
	sed 's/\r$//; s/\x1b\[[0-9]*m//g' "$T/out" >"$T/plain"
}

colours() {
	on_terminal 40
	if [[ $sort == *text* ]]; then
		grep -q $'\033\[[0-9]' "$T/out" || die "no colour of '${arguments[*]}' on a terminal"
		mv "$T/plain" "$T/out"
		! wider 40 || die "'${arguments[*]}' is wider than its terminal"
		NO_COLOR='' on_terminal 80
		grep -q $'\033' "$T/out" || die "NO_COLOR was empty"
		TERM=dumb on_terminal 80
		! grep -q $'\033' "$T/out" || die "colour of '${arguments[*]}' on a dumb terminal"
		NO_COLOR=1 on_terminal 80
	fi
	! grep -q $'\033' "$T/out" || die "colour of '${arguments[*]}'"
	arguments
	vmt "${arguments[@]}"
	! grep -q $'\033' "$T/out" "$T/err" || die "colour of '${arguments[*]}' in a file"
}

test_every_verb_and_colour() {
	SANITIZED='' program victim tests/host/victim.c
	export TERM=xterm
	root
	rows colours
}
