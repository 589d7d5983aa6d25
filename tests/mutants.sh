# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests/guest/mutants and tests/host/mutants have in common. The caller sets TOP.

# out_of_date NAMES < LIST: prints the lines that break nothing, or name no test, each with the
# reason. True if there are any. NAMES are those of the tests, a name a line.
#
# There is one sed for each file, as it would take many seconds to start one for each line of the
# list. With every line of the file it does what the list says, prints the command's number if that
# has changed the line, and then goes back to what the line was.
out_of_date() {
	local names=$1 file change test command n=0 i
	local -a stale=()
	local -A script=()
	while IFS=$'\t' read -r file change test _; do
		n=$((n + 1))
		[[ $names == *"$test"* ]] || stale[n]="$file: $change: no test is named '$test'"
		change=${change//; s\//$'\n's\/}
		while IFS= read -r command; do
			n=$((n + 1))
			stale[n]="$file: $command: changes nothing"
			[[ $command != */d ]] || command="${command%d}s/.*/&/"
			script[$file]+="t a$n; :a$n; $command"$'\n'"T b$n; s/.*/$n/p; :b$n; g; "
		done <<<"${change//; \/^/$'\n'\/^}"
	done
	for file in "${!script[@]}"; do
		while read -r i; do
			unset "stale[$i]"
		done < <(sed -n "h; ${script[$file]}" "$TOP/$file")
	done
	((${#stale[@]})) && printf '%s\n' "${stale[@]}"
}
