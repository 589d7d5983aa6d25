# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of scripts/cache, in caches of their own. Sourced by tests/host/run, run once.

# shellcheck disable=SC2154 # TOP and T come from run

export XDG_CACHE_HOME=$T/xdg
dir=$T/xdg/vmtrace

# fill_cache: as the scripts do.
fill_cache() {
	mkdir -p "$dir"/{lock,tmp,kernel/6.1-amd64/usr,qemu/usr/bin} "$T/xdg/other"
	touch "$dir"/lock/{install,kernel-6.1-amd64} "$dir/kernel/6.1-amd64/usr/file" "$T/xdg/other/file" "$T/outside"
	ln -s "$T/outside" "$dir/kernel/link"
	ln -s "$T/xdg/other" "$dir/tmp/link"
	dd if=/dev/zero of="$dir/qemu/big" bs=1M count=3 status=none
}

everything() {
	find "$T/xdg" "$T/outside" | LC_ALL=C sort
}

# cleans: the cache is removed, and nothing else.
cleans() {
	"$TOP/scripts/cache" clean >"$T/out" 2>&1 || { echo "clean should succeed"; cat "$T/out"; exit 1; }
	[[ ! -e $dir && ! -L $dir && -e $T/xdg/other/file && -e $T/outside ]] || { everything; exit 1; }
}

# refuses TEXT: one line that says TEXT, and all is left as it was.
refuses() {
	everything >"$T/before"
	! "$TOP/scripts/cache" clean >"$T/out" 2>&1 || { echo "clean should fail"; exit 1; }
	[[ $(wc -l <"$T/out") == 1 && $(<"$T/out") == "cache: "*"$1"* ]] ||
		{ echo "clean should say: $1"; cat "$T/out"; exit 1; }
	everything | diff "$T/before" - || exit 1
}

# until_true COMMAND...
until_true() {
	local deadline=$((SECONDS + 60))
	until "$@"; do
		((SECONDS < deadline)) || { echo "not true after a minute: $*"; exit 1; }
		sleep 0.05
	done
}

# shows TEXT: what size says
shows() {
	"$TOP/scripts/cache" size >"$T/out" 2>&1 && [[ $(<"$T/out") =~ ^$1$ ]] ||
		{ echo "size should say: $1"; cat "$T/out"; exit 1; }
}

test_cache_size() {
	shows "nothing in $dir"
	fill_cache
	shows "3\.[0-9] MB in $dir"
	export HOME=$T/xdg
	shows "3\.[0-9] MB in ~/vmtrace"
	mkdir "$T/.cache"
	mv "$dir" "$T/.cache/"
	HOME=$T
	unset XDG_CACHE_HOME
	shows "3\.[0-9] MB in ~/.cache/vmtrace"
	XDG_CACHE_HOME='' shows "3\.[0-9] MB in ~/.cache/vmtrace"
}

test_cache_clean_removes_the_cache_alone() {
	fill_cache
	cleans
	# Without a cache there is nothing to do.
	cleans
	fill_cache
	make -C "$TOP" --no-print-directory clean-cache >"$T/out" 2>&1 || { cat "$T/out"; exit 1; }
	[[ ! -e $dir && -e $T/xdg/other/file && -e $T/outside ]] || { everything; exit 1; }
}

test_cache_clean_wants_to_know_where() {
	fill_cache
	(unset HOME XDG_CACHE_HOME && refuses "neither HOME nor XDG_CACHE_HOME is set") || exit 1
	(export HOME='' XDG_CACHE_HOME='' && refuses "neither HOME nor XDG_CACHE_HOME is set") || exit 1
	cd "$T" || exit 1
	(export XDG_CACHE_HOME=xdg && refuses "xdg/vmtrace is not an absolute path") || exit 1
	! "$TOP/scripts/cache" >"$T/out" 2>&1 || exit 1
	! "$TOP/scripts/cache" clean "$T/xdg" >"$T/out" 2>&1 || exit 1
	[[ -e $dir/qemu/big ]] || { everything; exit 1; }
}

test_cache_clean_refuses_what_is_no_cache() {
	fill_cache
	mv "$dir" "$T/xdg/real"
	ln -s real "$dir"
	refuses "$dir is a symbolic link"
	rm "$dir"
	touch "$dir"
	refuses "$dir is not a directory"
	rm "$dir"
	mv "$T/xdg/real" "$dir"
	mv "$dir/lock" "$dir/locks"
	refuses "$dir is not a cache of these scripts"
	mv "$dir/locks" "$dir/lock"
	# A checkout of this project is called vmtrace, too.
	mkdir "$dir/.git"
	refuses "$dir is not a cache of these scripts"
	rmdir "$dir/.git"
	mkdir "$dir/checkout"
	cp -r "$TOP/scripts" "$dir/checkout/"
	(TOP=$dir/checkout && refuses "this checkout is in $dir") || exit 1
	rm -r "$dir/checkout"
	cleans
}

# The directory above may well be a link.
test_cache_clean_below_a_link() {
	fill_cache
	ln -s xdg "$T/link"
	export XDG_CACHE_HOME=$T/link
	cleans
	[[ -L $T/link ]] || exit 1
}

test_cache_clean_waits_for_no_lock() {
	fill_cache
	exec 9>"$dir/lock/kernel-6.1-amd64"
	flock 9
	refuses "holds the lock kernel-6.1-amd64"
	exec 9>&-
	cleans
}

# is_at PID PATH: does the process run this program by now?
is_at() {
	[[ $(readlink "/proc/$1/exe") == "$2" ]]
}

test_cache_clean_spares_running_programs() {
	local bash pid
	bash=$(realpath "$(type -P bash)")
	fill_cache
	cp "$bash" "$dir/qemu/usr/bin/qemu"
	cp "$bash" "$T/qemu-system-x86_64"
	mkfifo "$T/fifo"
	exec 8<>"$T/fifo"

	# QEMU of the cache.
	"$dir/qemu/usr/bin/qemu" -c 'read -r _ <&8' &
	pid=$!
	until_true is_at $pid "$dir/qemu/usr/bin/qemu"
	refuses "process $pid ("
	echo >&8
	wait $pid

	# This machine's own, with a kernel of the cache.
	"$T/qemu-system-x86_64" -c 'read -r _ <&8' -kernel "$dir/kernel/6.1-amd64/vmlinuz" &
	pid=$!
	until_true is_at $pid "$T/qemu-system-x86_64"
	refuses "process $pid (qemu-system-x86)"
	echo >&8
	wait $pid

	# A file that is open, and a directory that somebody is in.
	exec 7<"$dir/qemu/big"
	refuses "process "
	exec 7<&-
	(cd "$dir" && refuses "process ") || exit 1
	cleans
}

test_cache_clean_refuses_mounts() {
	[[ $(id -u) == 0 ]] && unshare --mount true 2>/dev/null || { echo "only root can mount"; exit 77; }
	fill_cache
	mkdir "$dir/a mount"
	# The same file system, which --one-file-system would not notice.
	export -f refuses everything
	export T TOP dir
	unshare --mount bash -c 'mount --bind "$T/xdg/other" "$dir/a mount" && refuses "$dir/a mount is mounted"' || exit 1
	unshare --mount bash -c 'mount -t tmpfs tmpfs "$dir/kernel" && refuses "$dir/kernel is mounted"' || exit 1
	cleans
}
