# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of user/schema: the JSON of every verb is as its schema says. Sourced by
# tests/host/run like cli.sh, whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run

# validate SCHEMA FILE...: with the first Python that can, which may not be the first in $PATH
validate() {
	local python status=77 schema=$1
	shift
	for python in python3 /usr/bin/python3; do
		command -v "$python" >/dev/null || continue
		status=0
		"$python" "$HERE/validate.py" "$TOP/user/schema/$schema.json" "$@" || status=$?
		((status == 77)) || break
	done
	((status != 77)) || { echo "python3-jsonschema is not installed: try: sudo apt install python3-jsonschema"; exit 77; }
	return $status
}

# schema_of FILE: by the name of the golden file
schema_of() {
	case ${1##*/} in
	failures*) echo show ;;
	*) basename "${1%.json}" | sed 's/-.*//' ;;
	esac
}

test_golden_json_is_as_its_schema_says() {
	local file
	for file in "$HERE"/golden/*.json; do
		validate "$(schema_of "$file")" "$file" || exit 1
	done
}

# Its numbers differ from run to run.
test_lab_json_is_as_its_schema_says() {
	fixture good
	"$VMTRACE" lab lazy --json >"$T/good.json"
	fixture nowhere
	"$VMTRACE" lab lazy --json >"$T/nowhere.json" 2>/dev/null
	validate lab "$T/good.json" "$T/nowhere.json" || exit 1
}

# A verb that prints JSON has a schema, and golden output or a test above.
test_every_verb_with_json_has_a_schema() {
	local verb verbs=0
	for verb in $("$VMTRACE" help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		"$VMTRACE" help "$verb" | grep -q '^  --json' || continue
		verbs=$((verbs + 1))
		[[ -f $TOP/user/schema/$verb.json ]] || { echo "no schema of $verb"; exit 1; }
		# The numbers of a lab differ from run to run: see above.
		[[ $verb == lab ]] && continue
		compgen -G "$HERE/golden/$verb*.json" >/dev/null || { echo "no golden JSON of $verb"; exit 1; }
	done
	((verbs >= 6)) || { echo "only $verbs verbs with JSON"; exit 1; }
}

test_schemas_are_installed() {
	make -s -C "$TOP/user" O="${VMTRACE%/*}" DESTDIR="$T/dest" install || exit 1
	diff -r "$TOP/user/schema" "$T/dest/usr/local/share/vmtrace/schema" || exit 1
}
