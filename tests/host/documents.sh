# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of the READMEs: what they name is there, and their lists are those of the code. The numbers
# that the benchmark wrote into them are tested in bench.sh, the manual in cli.sh. Sourced by
# tests/host/run like cli.sh.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run

# No output of a command belongs to these.
die() {
	echo "$*"
	exit 1
}

DOCUMENTS=(README.md module/README.md tests/README.md tests/bench/README.md user/labs/README.md)

# same CODE NAME DOCUMENT: are both lists the same?
same() {
	diff <(echo "$1") <(echo "$3") >"$T/diff" || { cat "$T/diff"; die "< the code, > $2"; }
}

# words_of FILE: what it has in `code`, a word a line, without the blocks that are output
words_of() {
	sed '/^```/,/^```/d' "$TOP/$1" | grep -o '`[^`]*`' | tr -d '`' | tr -s ' ' '\n'
}

# after TEXT FILE: the words in `code` of the paragraph or item that begins with this text
after() {
	awk -v text="$1" 'index($0, text) == 1 { inside = 1; $0 = substr($0, length(text) + 1) }
		inside && /^(- |$)/ { exit }
		inside' "$TOP/$2" | grep -o '`[^`]*`' | tr -d '`'
}

test_readme_has_at_most_200_lines() {
	(($(wc -l <"$TOP/README.md") <= 200)) || die "README.md has more than 200 lines"
}

# A path is what has a slash or a suffix of ours; it is relative to the top, to the document, or to
# a folder that the document is about.
test_documents_name_files_that_exist() {
	local document word near
	for document in "${DOCUMENTS[@]}"; do
		while IFS= read -r word; do
			[[ $word != /* && $word != \~* && $word != *[\<\>:=*\$\(]* ]] || continue
			[[ $word == */* || $word =~ \.(c|h|sh|md|py)$ ]] || continue
			# The kernel's own, and what is built.
			[[ $word != mm/memory.c && $word != build/* && $word != ./user/vmtrace ]] || continue
			for near in "" "${document%/*}/" tests/guest/ tests/host/ user/; do
				[[ ! -e $TOP/$near$word ]] || continue 2
			done
			echo "$document: $word is not there"
		done < <(words_of "$document")
	done >"$T/lost"
	[[ ! -s $T/lost ]] || die "$(cat "$T/lost")"
}

test_links_of_documents_work() {
	local document link name
	for document in "${DOCUMENTS[@]}"; do
		while IFS= read -r link; do
			if [[ $link == \#* ]]; then
				name=${link#\#}
				grep -qix "##* ${name//-/ }" "$TOP/$document" || die "$document: no section for $link"
			else
				[[ -e $TOP/$(dirname "$document")/$link ]] || die "$document: $link is not there"
			fi
		done < <(grep -oE '\]\([^)]*\)' "$TOP/$document" | sed 's/^](//; s/)$//' | grep -v '^http')
	done
}

test_documents_name_targets_of_make() {
	local target
	for target in $(cat "${DOCUMENTS[@]/#/$TOP/}" | grep -ohE '`make [a-z][a-z-]*' | cut -d ' ' -f 2 | sort -u); do
		grep -q "^[a-z-]*\( [a-z-]*\)*$target[a-z -]*:" "$TOP/Makefile" || die "there is no make $target"
	done
}

test_readme_names_verbs_of_the_tool() {
	local verb
	for verb in $(grep -oE '\bvmtrace [a-z]+ +[A-Z]{3}' "$TOP/README.md" | cut -d ' ' -f 2 | sort -u); do
		"$VMTRACE" "$verb" --help >/dev/null || die "there is no vmtrace $verb"
	done
	grep -q "\`vmtrace lab list\` names $("$VMTRACE" lab list | wc -l) labs" "$TOP/README.md" ||
		die "README.md says another number of labs than there are"
}

test_module_readme_lists_each_file() {
	same "$(cd "$TOP/module" && ls -- *.[ch] */*.[ch] | sort)" "the tables of module/README.md" \
		"$(sed '/^## Hooks/,$d' "$TOP/module/README.md" | grep '^|' | grep -oE '`[a-z_/]+\.[ch]`' | tr -d '`' | sort)"
}

test_module_readme_has_the_names_of_format_h() {
	local readme=module/README.md
	same "$(printf '%s\n' format name state; names_of process)" "/proc/vmtrace/<pid> in $readme" \
		"$(after '- `<pid>`:' $readme | sed '/^class$/,$d')"
	same "$(echo class; names_of columns)" "the columns in $readme" \
		"$(after '- `<pid>`:' $readme | sed -n '/^class$/,$p')"
	same "$(printf '%s\n' format version hook hook_reason; names_of summary)" "summary in $readme" \
		"$(after '- `summary`:' $readme)"
	same "$(echo format; names_of total)" "total in $readme" "$(after '- `total`:' $readme)"
	same "$(names_of classes)" "classes in $readme" "$(after '- classes:' $readme)"
	same "$(names_of record)" "vmtrace:fault in $readme" \
		"$(after '- `vmtrace:fault`, a fault is over:' $readme | sed '/^struct/,$d')"
}

# The row of each parameter has the range and the default of its description.
test_module_readme_has_the_parameters() {
	local name row range
	sed -n 's/^module_param_named(\([a-z_]*\),.*/\1/p' "$TOP/module/main.c" >"$T/names.txt"
	[[ -s $T/names.txt ]] || die "module/main.c was not understood"
	same "$(<"$T/names.txt")" "the parameters in module/README.md" \
		"$(sed -n '/^| parameter /,/^$/s/^| `\([a-z_]*\)` .*/\1/p' "$TOP/module/README.md")"
	tr -d '\n\t' <"$TOP/module/main.c" >"$T/main.c"
	while read -r name; do
		row=$(grep "^| \`$name\` " "$TOP/module/README.md")
		range=$(grep -oE "MODULE_PARM_DESC\($name,[^;]*" "$T/main.c" | grep -oE '[0-9]+ to [0-9]+ \(default [0-9]+\)') || continue
		[[ $row == *"| ${range##* default }"* || $row == *"| $(grep -oE '[0-9]+\)' <<<"$range" | tr -d ')') | ${range% (*} |"* ]] ||
			die "module/README.md: '$row', main.c: '$range'"
	done <"$T/names.txt"
}

test_tests_readme_lists_the_suites() {
	local word
	"$TOP/tests/run" --list >"$T/list"
	for word in $(sed -n '/^## Suites/,/^## Folders/p' "$TOP/tests/README.md" | sed -n 's/^| \(`[^|]*`\) |.*/\1/p' | tr -d '`,'); do
		case $word in
		KERNEL-ARCH) ;;
		fresh:RELEASE) grep -q 'fresh:' "$T/list" || die "there is no suite fresh" ;;
		*) grep -q "\b$word\b" "$T/list" || die "tests/run --list has no $word" ;;
		esac
	done
}
