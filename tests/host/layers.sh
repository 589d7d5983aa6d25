# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of scripts/layers, with small trees. Sourced by tests/host/run like cli.sh, but run once.

# shellcheck disable=SC2154 # TOP and T come from run

# file PATH LINE...: in the tree
file() {
	mkdir -p "$T/tree/$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$T/tree/$1"
}

# a_tree: a clean one, of the layers low and high, with a folder in high, and a folder beside it
a_tree() {
	file low/a.h 'int a(void);'
	file low/a.c '#include <stdio.h>' '#include "low/a.h"' '#include "low/b.h"'
	file low/b.h '#include "core/c.h"'
	file high/part/d.h '#include "low/b.h"'
	file high/e.h '#include "high/part/d.h"' '#include "made/f.h"'
	file main.c '#include "high/e.h"' '#include "low/a.h"'
	mkdir -p "$T/beside/core"
	echo 'struct c;' >"$T/beside/core/c.h"
}

# layers WANT LINE...: what it says of the tree, and that its exit status is WANT
layers() {
	local want=$1 code=0
	shift
	(cd "$T" && "$TOP/scripts/layers" --lines 4 --outside beside/core --generated made/f.h --public high/e.h \
		tree made low high/part high) >"$T/out" 2>&1 || code=$?
	{ [[ $code == "$want" ]] && { (($# == 0)) || printf '%s\n' "$@"; } | diff - "$T/out"; } ||
		{ echo "exit code $code:"; cat "$T/out"; exit 1; }
}

test_layers_of_a_clean_tree() {
	a_tree
	layers 0
}

test_layers_upward() {
	a_tree
	file low/a.c '#include "high/part/d.h"'
	layers 1 "tree/low/a.c: includes upward: high/part/d.h"
	a_tree
	file high/part/d.h '#include "high/e.h"'
	file high/e.h ''
	layers 1 "tree/high/part/d.h: includes upward: high/e.h"
}

# A .c file and its .h file are one: the circle goes through both.
test_layers_of_a_circle() {
	a_tree
	file low/b.c '#include "low/b.h"' '#include "low/a.h"'
	layers 1 "tree: a circle: low/b -> low/a -> low/b"
	a_tree
	file low/b.c
	file low/x.h '#include "low/y.h"'
	file low/y.h '#include "low/z.h"'
	file low/z.h '#include "low/x.h"'
	layers 1 "tree: a circle: low/x -> low/y -> low/z -> low/x"
}

test_layers_of_a_long_file() {
	a_tree
	file low/long.c 1 2 3 4
	layers 0
	file low/long.c 1 2 3 4 5
	layers 1 "tree/low/long.c: 5 lines, more than 4: divide it"
	# Nobody wrote a generated file.
	file low/long.c
	file made/f.h 1 2 3 4 5
	layers 0
}

test_layers_of_unknown_files() {
	a_tree
	file low/a.c '#include "low/none.h"' '#include "core/none.h"'
	layers 1 "tree/low/a.c: low/none.h is not below tree" "tree/low/a.c: core/none.h is not below tree"
	a_tree
	file other/a.c
	layers 1 "tree/other/a.c: other is no layer: made, low, high/part, high"
}

test_layers_of_public_files() {
	a_tree
	file main.c '#include "high/part/d.h"'
	layers 1 "tree/main.c: includes high/part/d.h: of high/, include high/e.h alone"
}
