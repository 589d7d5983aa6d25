# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of Makefile and user/Makefile. Sourced by tests/host/run like cli.sh, but run once.

# shellcheck disable=SC2154 # TOP, T, BUILD and MAKE come from run

# made ok|fails ARGUMENTS: run make in the copy; what it says goes to $T/out and $T/err
made() {
	local want=$1 got=ok
	shift
	make -C "$T/tree" --no-print-directory "$@" >"$T/out" 2>"$T/err" || got=fails
	[[ $got == "$want" ]] || { echo "make $*: $got"; cat "$T/out" "$T/err"; exit 1; }
}

# says FILE TEXT: a line of the file begins so
says() {
	grep -q "^$2" "$T/$1" || { echo "no line of $1 begins with: $2"; cat "$T/$1"; exit 1; }
}

# lines FILE NUMBER
lines() {
	[[ $(wc -l <"$T/$1") == "$2" ]] || { echo "$1 should have $2 lines"; cat "$T/$1"; exit 1; }
}

# copy_tree: what is made from it is no matter, so the compiler makes empty files; and a kernel
# whose headers make an empty module.
copy_tree() {
	mkdir -p "$T/tree/module" "$T/kernel/include/generated" "$T/kernel/scripts"
	cp -r "$TOP/Makefile" "$TOP/Kbuild" "$TOP/scripts" "$TOP/user" "$T/tree/"
	cp -r "$TOP/module/core" "$T/tree/module/"
	make -C "$T/tree/user" clean >/dev/null
	cat >"$T/cc" <<-'END'
		#!/bin/sh
		case " $* " in
		*" -fsyntax-only "*) exec gcc "$@" ;;
		esac
		while [ $# -gt 0 ]; do
			[ "$1" != -o ] || : >"$2"
			shift
		done
	END
	chmod +x "$T/cc"
	cat >"$T/kernel/Makefile" <<-'END'
		TO = $(INSTALL_MOD_PATH)/lib/modules/1.2.3/updates
		modules: ; @echo '  CC [M]  vmtrace.o'; : >$(M)/vmtrace.ko
		modules_install: ; @mkdir -p $(TO) && cp $(M)/vmtrace.ko $(TO)/
	END
	echo '#define UTS_RELEASE "1.2.3"' >"$T/kernel/include/generated/utsrelease.h"
	echo 'INSTALL_MOD_DIR ?= updates' >"$T/kernel/scripts/Makefile.modinst"
}

# tree DIR: all that is in it
tree() {
	(cd "$1" && find . | LC_ALL=C sort)
}

# needs WHAT DEBIAN UBUNTU FEDORA ARCH MAKE-ARGUMENTS: make fails and names the packages
needs() {
	local want
	want="vmtrace: the tool cannot be built without $1. To install what is missing:
  Debian          sudo apt install $2
  Ubuntu          sudo apt install $3  # from 25.04 on: as on Debian
  Fedora          sudo dnf install $4
  Arch            sudo pacman -S $5"
	[[ $2 != "$3" ]] || want=$(grep -v '^  Ubuntu' <<<"$want" | sed 's/^  Debian        /  Debian, Ubuntu/')
	shift 5
	! "${MAKE[@]}" O="$T/o" "$@" >"$T/log" 2>&1 || { echo "make $* should fail"; exit 1; }
	diff <(echo "$want") <(grep -v '^make' "$T/log") || { echo "make $* should say this"; exit 1; }
	[[ -z $(find "$T/o" -type f) ]] || { echo "make $* should make nothing"; exit 1; }
}

test_missing_needs_are_named() {
	mkdir "$T/o"
	local libraries="libjson-c-dev libbpf-dev libelf-dev libdw-dev"
	needs no-such-gcc build-essential build-essential gcc gcc CC=no-such-gcc
	needs riscv64-linux-gnu-gcc gcc-riscv64-linux-gnu gcc-riscv64-linux-gnu gcc-riscv64-linux-gnu \
		riscv64-linux-gnu-gcc CROSS_COMPILE=riscv64-linux-gnu-
	needs "the C library's headers" libc6-dev libc6-dev glibc-devel glibc CC="gcc -nostdinc"
	needs no-such-pkg-config pkg-config pkg-config pkgconf-pkg-config pkgconf PKG_CONFIG=no-such-pkg-config
	needs no-such-clang clang clang clang clang CLANG=no-such-clang
	# shellcheck disable=SC2016 # as it is shown
	needs no-such-bpftool bpftool 'linux-tools-$(uname -r)' bpftool bpf BPFTOOL=no-such-bpftool
	needs "json-c, libbpf, libelf, libdw" "$libraries" "$libraries" \
		"json-c-devel libbpf-devel elfutils-libelf-devel elfutils-devel" "json-c libbpf libelf" \
		PKG_CONFIG="env PKG_CONFIG_LIBDIR=$T pkg-config"
	# pkg-config may know a library whose headers are gone.
	printf '%s\n' '#!/bin/sh' 'case $* in *libdwfl.h*) exit 1 ;; esac' 'exec gcc "$@"' >"$T/cc"
	chmod +x "$T/cc"
	needs libdw libdw-dev libdw-dev elfutils-devel libelf CC="$T/cc"
}

# What is there is built, and what is not is said last.
test_make_without_headers() {
	local text="vmtrace: the module cannot be built without kernel headers, and $T/none has none: install"
	text+=" linux-headers-$(uname -r) (Debian, Ubuntu), kernel-devel-$(uname -r) (Fedora) or linux-headers (Arch)"
	copy_tree
	made ok -j2 KDIR="$T/none" CC="$T/cc"
	[[ -e $T/tree/user/vmtrace ]] || { echo "the tool should be built"; exit 1; }
	lines err 1
	says err "$text"
	made fails modules KDIR="$T/none"
	says err "$text"
	lines err 2 # and make's own
	made fails modules_install KDIR="$T/none"
	says err "$text"
}

test_make_without_the_tools_needs() {
	local text="vmtrace: the tool cannot be built without no-such-clang"
	copy_tree
	made ok -j2 KDIR="$T/kernel" CC="$T/cc" CLANG=no-such-clang
	[[ -e $T/tree/vmtrace.ko ]] || { echo "the module should be built"; exit 1; }
	[[ ! -e $T/tree/user/verbs/show.o ]] || { echo "the tool should not be built"; exit 1; }
	says err "$text"
	lines err 4
	rm "$T/tree/vmtrace.ko"
	made ok modules KDIR="$T/kernel" CLANG=no-such-clang
	[[ -e $T/tree/vmtrace.ko ]] || { echo "the module should be built"; exit 1; }
	lines err 0
	made fails user CLANG=no-such-clang
	says err "$text"
	# Nothing at all can be built.
	made fails KDIR="$T/none" CLANG=no-such-clang
	says err "$text"
	says err "vmtrace: the module cannot be built"
}

test_make_fails_if_something_does_not_compile() {
	copy_tree
	made fails KDIR="$T/none" CC="$T/cc" CLANG=false
	printf 'modules:\n\t@exit 1\n' >"$T/kernel/Makefile"
	made fails KDIR="$T/kernel" CC="$T/cc"
}

test_output_is_brief() {
	local step
	copy_tree
	made ok KDIR="$T/kernel" CC="$T/cc"
	lines err 0
	for step in 'CC      verbs/show.o' 'CC      labs/lazy.o' 'CC      core/histogram.o' 'CLANG   stream.bpf.o' \
		'GEN     stream.skel.h' 'AR      libvmtrace.a' 'LD      vmtrace' 'CC \[M\]  vmtrace.o'; do
		says out "  $step$"
	done
	! grep -v '^  [A-Z]' "$T/out" || { echo "only such lines should be there"; exit 1; }
	made ok install CC="$T/cc" DESTDIR="$T/root" PREFIX=/usr
	says out "  INSTALL $T/root/usr/bin/vmtrace$"
	! grep -v '^  INSTALL ' "$T/out" || { echo "only such lines should be there"; exit 1; }
	made ok clean
	made ok V=1 KDIR="$T/kernel" CC="$T/cc"
	says out "$T/cc .* -c -o $T/tree/user/verbs/show.o $T/tree/user/verbs/show.c"
	! grep '^  [A-Z]' "$T/out" | grep -v '\[M\]' || { echo "only commands should be there"; exit 1; }
	made ok clean
	made ok -s user CC="$T/cc"
	lines out 0
	lines err 0
}

# Users have newer compilers, which warn of more.
test_warnings_are_errors_on_demand() {
	local object
	echo 'static int f(int unused) { return 0; }' >"$T/warn.h"
	for object in lib/text.o bpf/stream.bpf.o; do
		"${MAKE[@]}" O="$T/o" "$T/o/$object" CC="gcc -include $T/warn.h" \
			CLANG="clang -include $T/warn.h" >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
		grep -q 'warning: unused parameter' "$T/log" || { echo "no warning"; cat "$T/log"; exit 1; }
		! "${MAKE[@]}" O="$T/o" "$T/o/$object" CC="gcc -include $T/warn.h" \
			CLANG="clang -include $T/warn.h" WERROR=1 >"$T/log" 2>&1 || { echo "$object is built"; exit 1; }
		grep -q 'error: unused parameter' "$T/log" || { echo "no error"; cat "$T/log"; exit 1; }
	done
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

# Files of others stay, and the directories that all programs share.
test_uninstall_leaves_what_is_not_ours() {
	local root="$T/a root" with=(CC="$T/cc" DESTDIR="$T/a root" PREFIX=/usr)
	copy_tree
	mkdir -p "$root"/usr/{bin,lib} "$root"/usr/share/{vmtrace/schema,bash-completion/completions,man/man1}
	touch "$root/usr/bin/vmtrace2" "$root/usr/share/vmtrace/schema/other.json" "$root/usr/share/README"
	tree "$root" >"$T/before"
	made ok install "${with[@]}"
	made ok clean
	made ok uninstall "${with[@]}" CC=no-such-gcc
	diff "$T/before" <(tree "$root") || exit 1
	made ok uninstall "${with[@]}"
	diff "$T/before" <(tree "$root")
}

test_uninstall_removes_the_directory_that_is_ours() {
	copy_tree
	made ok install CC="$T/cc" DESTDIR=two/
	[[ -x $T/tree/two/usr/local/bin/vmtrace ]] || { echo "DESTDIR is where make is called"; exit 1; }
	made ok uninstall DESTDIR=two
	[[ -z $(find "$T/tree/two" ! -type d) && -d $T/tree/two/usr/local/bin ]] || { find "$T/tree/two"; exit 1; }
	[[ ! -e $T/tree/two/usr/local/share/vmtrace ]] || { find "$T/tree/two"; exit 1; }
}

test_uninstall_of_the_module() {
	local dir="$T/root/lib/modules/1.2.3"
	copy_tree
	mkdir -p "$dir/kernel" "$dir/extra"
	touch "$dir/kernel/vmtrace.ko" "$dir/extra/vmtrace.ko"
	tree "$T/root" >"$T/before"
	made ok modules_install KDIR="$T/kernel" DESTDIR="$T/root"
	[[ -e $dir/updates/vmtrace.ko ]] || { find "$T/root"; exit 1; }
	touch "$dir/updates/vmtrace.ko.xz" # as it is called if the kernel's modules are compressed
	made ok modules_uninstall KDIR="$T/kernel" DESTDIR="$T/root"
	diff "$T/before" <(tree "$T/root") || exit 1
	made fails modules_uninstall KDIR="$T/none" DESTDIR="$T/root"
	says err "vmtrace: $T/none does not say which kernel it is for"
}

test_help_names_all_targets() {
	local name
	copy_tree
	HOME=$T XDG_CACHE_HOME='' made ok help
	for name in '' modules user install uninstall modules_install demo lab test test-all bench check clean \
		clean-cache; do
		says out "make $name"
	done
	grep -q "make modules_uninstall" "$T/out" || exit 1
	says out "make clean-cache .* nothing in ~/.cache/vmtrace$"
	[[ $(wc -L <"$T/out") -le 90 ]] || { echo "too wide"; exit 1; }
}

test_clean_leaves_nothing() {
	"${MAKE[@]}" O="$T/o" >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
	"${MAKE[@]}" O="$T/o" clean >"$T/log" 2>&1
	[[ -z $(find "$T/o" -type f) ]] || { find "$T/o" -type f; exit 1; }
}

# Also of headers that are gone: their kernel's own clean cannot be called.
test_clean_leaves_nothing_of_the_module() {
	copy_tree
	mkdir -p "$T/tree/module/core"
	touch "$T/tree/module/main.o" "$T/tree/module/core/classify.o" "$T/tree/module/core/.classify.o.cmd"
	made ok clean
	[[ -z $(find "$T/tree/module" -name '*.o*') ]] || { find "$T/tree/module" -name '*.o*'; exit 1; }
}

test_clang_builds_it_too() {
	command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
	"${MAKE[@]}" O="$T/o" CC=clang >"$T/log" 2>&1 || { cat "$T/log"; exit 1; }
}
