# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of tests/run, with suites that are made up, and of the list in tests/guest/mutants. Sourced
# by tests/host/run like cli.sh, but run once.

# shellcheck disable=SC2154,SC2317 # TOP and T come from run; tests/run calls what stands for its own

# pretend: tests/run's functions, in an empty tree with an empty cache, as functions of this shell.
# A suite NAME prints the file NAME, and ends with the status in NAME.status, when NAME.go is there.
pretend() {
	mkdir -p "$T/tree/build/tests" "$T/cache"
	export XDG_CACHE_HOME=$T/cache VMTRACE_QUIET=1 JOBS=2
	cd "$T/tree" || exit 1
	# shellcheck source=tests/run
	. "$TOP/tests/run"
	root=$T/tree key=source finished=() due=() fit='' load=''
	suites() {
		printf 'one 1\ntwo 1\nslow 1000\n'
	}
	suite() {
		: >"$T/$1.began"
		until [ -e "$T/$1.go" ]; do command sleep 0.05; done
		cat "$T/$1"
		return "$(cat "$T/$1.status")"
	}
	declare -gA running=()
}

# a_suite NAME STATUS LINE...: what it prints
a_suite() {
	printf '%s\n' "${@:3}" >"$T/$1"
	echo "$2" >"$T/$1.status"
	: >"$T/$1.go"
}

# sums_of WANT NAME STATUS LINE...
sums_of() {
	local want=$1 name=$2
	shift
	a_suite "$@"
	run_suite "$name"
	[[ $(sums "build/tests/$name.results") == "$want" ]] ||
		{ echo "wanted $want, got:"; cat "build/tests/$name.results"; exit 1; }
}

test_results_are_counted() {
	pretend
	sums_of "2 passed, 0 failed, 1 skipped" one 0 "KTAP version 1" 1..3 "ok 1 a # 0.5 s" "ok 2 b # SKIP no disk # 0.1 s" "ok 3 c # 1.2 s"
	sums_of "1 passed, 1 failed, 0 skipped" one 1 1..2 "ok 1 a" "# why" "not ok 2 b # 2.0 s"
	# A result that did not come, of each part; and a log that ends at once.
	sums_of "2 passed, 2 failed, 0 skipped" one 1 "# part tests" 1..2 "ok 1 a" "# part tool" 1..2 "ok 1 b"
	sums_of "0 passed, 1 failed, 0 skipped" one 0 ""
	sums_of "0 passed, 3 failed, 0 skipped" one 125 1..3
	# All is well, but the guest died, or the kernel complained.
	sums_of "1 passed, 1 failed, 0 skipped" one 125 1..1 "ok 1 a"
	# What cannot be downloaded is a skip, unless it is required.
	sums_of "0 passed, 0 failed, 1 skipped" one 3
	REQUIRE="two one" sums_of "0 passed, 1 failed, 0 skipped" one 3
	# A failed test that was meant to be skipped is a failure.
	sums_of "0 passed, 1 failed, 0 skipped" one 1 1..1 "not ok 1 a # SKIP no"
}

test_durations_and_parts() {
	local part
	pretend
	a_suite one 0 "# part tests" 1..2 "ok 1 quick one # 0.1 s" "ok 2 long one # 61.5 s" "# part tool" 1..1 "ok 1 c # SKIP no # 2.0 s"
	run_suite one
	durations one >"$T/out"
	sed -n 2p "$T/out" | grep -q '^ *61.5 s  one, tests: long one$' || { cat "$T/out"; exit 1; }
	for part in '62 s  one, tests: 2 results' '2 s  one, tool: 1 results'; do
		grep -q "^ *$part\$" "$T/out" || { cat "$T/out"; exit 1; }
	done
}

# With set -e, as tests/run has it.
test_durations_of_thousands_of_results() {
	local results
	pretend
	mapfile -t results < <(seq -f 'ok %.0f a test with a name # 0.1 s' 5000)
	a_suite one 0 1..5000 "${results[@]}"
	run_suite one
	bash -c '. "$1/tests/run" && cd "$2" && durations one' sh "$TOP" "$PWD" >"$T/out" || exit 1
	[[ $(wc -l <"$T/out") == 13 ]] || { cat "$T/out"; exit 1; }
}

# Which suites are kept, and when they are the same.
test_what_passed_is_kept() {
	pretend
	a_suite one 0 1..1 "ok 1 a"
	a_suite two 1 1..1 "not ok 1 a"
	run_suite one
	run_suite two
	[[ -f $(passed_file one) && ! -e $(passed_file two) ]] || { find "$T/cache"; exit 1; }
	a_suite one 0 1..2 "ok 1 a" "ok 2 b # SKIP no disk"
	run_suite one
	[[ $(sums "$(passed_file one)") == "1 passed, 0 failed, 1 skipped" ]] || exit 1
	key=another
	[[ ! -e $(passed_file one) ]] || { echo "another source"; exit 1; }
	VMTRACE_REPEAT=1 run_suite one
	[[ ! -e $(passed_file one) ]] || { echo "what is repeated may be a part only"; exit 1; }
	a_suite two 3 ""
	run_suite two
	[[ ! -e $(passed_file two) ]] || { echo "what could not be downloaded has not passed"; exit 1; }
}

test_the_key_is_of_the_source() {
	local before
	pretend
	git init -q .
	printf '/build/\n' >.gitignore
	echo one >file
	before=$(source_key)
	echo object >build/object
	[[ $(source_key) == "$before" ]] || { echo "what is ignored counts"; exit 1; }
	echo two >file
	[[ $(source_key) != "$before" ]] || { echo "a change of a file that git does not know does not count"; exit 1; }
	git add file
	rm file
	[[ $(source_key) != "$before" ]] || { echo "a file that is gone does not count"; exit 1; }
}

# What does not fit is not begun, what has not ended in time is stopped, and both are named.
test_what_fits() {
	pretend
	a_suite one 0 1..1 "ok 1 a"
	a_suite two 0 1..1 "ok 1 a"
	rm "$T/two.go"
	due=(slow one two) fit=999 SECONDS=0
	# Time is up when the first one has ended.
	sleep() {
		command sleep 0.05
		[[ ${finished[*]} != one ]] || SECONDS=999
	}
	run_suites "${due[@]}"
	[[ -e $T/one.began && -e $T/two.began && ! -e $T/slow.began ]] || { ls "$T"; exit 1; }
	[[ ${finished[*]} == one ]] || { echo "finished: ${finished[*]}"; exit 1; }
	left >"$T/out"
	[[ $(sed -n 's/^ *\([a-z]*\) *about.* s$/\1/p' "$T/out" | tr '\n' ' ') == "slow two " ]] || { cat "$T/out"; exit 1; }
	[[ -z $(jobs -pr) ]] || { echo "still running"; jobs -l; exit 1; }
}

test_bad_words_are_refused() {
	local words
	for words in "frob" "6.1-m68k" "9.9-amd64" "--fit" "--fit x" "--repeat 2" "--repeat 2 host a b" "--load host" "--all host" "--frob"; do
		# shellcheck disable=SC2086 # words
		! XDG_CACHE_HOME=$T/cache "$TOP/tests/run" $words >"$T/out" 2>"$T/err" || { echo "$words should fail"; exit 1; }
		[[ ! -s $T/out && $(wc -l <"$T/err") == 1 ]] || { echo "$words:"; cat "$T/out" "$T/err"; exit 1; }
	done
}

# The words of a failure are shown with it, and nobody else's.
test_failures_are_shown() {
	pretend
	a_suite one 1 1..3 "# of a" "ok 1 a" "# of b" "not ok 2 b" "ok 3 c # SKIP no disk"
	run_suite one
	show one >"$T/out"
	[[ $(<"$T/out") == *"# of b"*"not ok 2 b"*"SKIP "*"c: no disk"* && $(<"$T/out") != *"# of a"* ]] || { cat "$T/out"; exit 1; }
}

# What has run is in the table, also of the run that is interrupted, and nothing goes on.
test_repeat_can_be_interrupted() {
	local pid
	pretend
	a_suite one 0 1..3 "ok 1 a # 1.0 s"
	rm "$T/one.go"
	suite() {
		cat "$T/one"
		: >"$T/began"
		until [[ -e $T/one.go ]]; do command sleep 0.05; done
		: >"$T/ended"
	}
	check_suite() { :; }
	set -m
	(load=1 && repeat one 5) >"$T/out" &
	set +m
	pid=$!
	until [[ -e $T/began ]]; do command sleep 0.05; done
	kill -TERM "$pid"
	wait "$pid"
	: >"$T/one.go"
	grep -q '^ *0 of *1 .* one: a$' "$T/out" || { cat "$T/out"; exit 1; }
	[[ $(tail -n 1 "$T/out") == "1 passed, 0 failed, 0 skipped" && ! -e $T/ended ]] || { cat "$T/out"; exit 1; }
	! kill -0 -- "-$pid" 2>/dev/null || { echo "something goes on"; exit 1; }
}

# Few people run these: nobody else would find out that the code or the tests have changed.
test_the_mutants_of_the_guest_are_up_to_date() {
	"$TOP/tests/guest/mutants" --check
}

test_the_mutants_of_the_host_are_up_to_date() {
	"$HERE/mutants" --check
}
