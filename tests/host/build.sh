# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of user/Makefile. Sourced by tests/host/run like cli.sh, but run once.

# shellcheck disable=SC2154 # TOP, T and MAKE come from run

# one_line TEXT MAKE-ARGUMENTS: make fails, and this is all it says
one_line() {
	local text=$1
	shift
	! "${MAKE[@]}" O="$T/o" "$@" >"$T/log" 2>&1 || { echo "make $* should fail"; exit 1; }
	[[ $(wc -l <"$T/log") == 1 && $(<"$T/log") == *"$text"* ]] ||
		{ echo "make $* should say only: $text"; cat "$T/log"; exit 1; }
}

test_missing_needs_are_named() {
	one_line "no-such-gcc: compiler not found: try: sudo apt install" CC=no-such-gcc
	one_line "json-c, libbpf or elfutils not found: try: sudo apt install" CC="gcc -nostdinc"
	one_line "no-such-clang or bpftool not found: try: sudo apt install" CLANG=no-such-clang
	one_line "clang or no-such-bpftool not found: try: sudo apt install" BPFTOOL=no-such-bpftool
}

test_install() {
	"${MAKE[@]}" O="$BUILD/plain" DESTDIR="$T/root" PREFIX=/usr install >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
	{
		echo ./usr/bin/vmtrace
		echo ./usr/share/bash-completion/completions/vmtrace
		echo ./usr/share/man/man1/vmtrace.1
		(cd "$TOP/user" && find schema -type f) | sed 's|^|./usr/share/vmtrace/|'
	} | LC_ALL=C sort >"$T/want"
	(cd "$T/root" && find . -type f | LC_ALL=C sort) | diff "$T/want" - ||
		{ find "$T/root" -type f; exit 1; }
}

test_clean_leaves_nothing() {
	"${MAKE[@]}" O="$T/o" >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
	"${MAKE[@]}" O="$T/o" clean >"$T/log" 2>&1
	[[ -z $(find "$T/o" -type f) ]] || { find "$T/o" -type f; exit 1; }
}

test_clang_builds_it_too() {
	command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
	"${MAKE[@]}" O="$T/o" CC=clang >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
}
