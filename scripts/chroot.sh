# shellcheck shell=bash
# Systems of another Debian suite or architecture, in the cache; sourced after lib.sh.
#
# Headers of newer suites want their own gcc, and come with programs that want their own C
# library. Their packages are unpacked, not installed: nothing of the machine changes.

# What a module's build runs, beside the compiler and what linux-kbuild depends on.
chroot_packages=(make binutils bash dash coreutils findutils diffutils grep sed mawk perl-base kmod)

# unpack_chroot SUITES PACKAGE... DIR: those packages of SUITES (words), and what they need.
unpack_chroot() {
	unpack_system "$(host_arch)" "$1" "${chroot_packages[@]}" "${@:2}"
}

# unpack_system ARCH SUITES PACKAGE... DIR: a system of that architecture that programs can run
# in. The packages must have dash and mawk among them.
unpack_system() {
	local arch=$1 suites dir=${*: -1} packages=("${@:3:$#-3}") link
	read -ra suites <<<"$2"
	private_apt "$arch" "${suites[@]}"
	mkdir -p "$dir"/usr/{bin,sbin,lib,lib64} "$dir/root"
	for link in bin sbin lib lib64; do
		ln -s "usr/$link" "$dir/$link"
	done
	unpack_debs_and_needs "$dir" "${packages[@]}"
	# The names that the packages' scripts, which did not run, would have made.
	ln -sf dash "$dir/usr/bin/sh"
	ln -sf mawk "$dir/usr/bin/awk"
	rm -rf "$dir"/usr/share/{doc,info,locale,man}
}

# in_chroot DIR KEEP... -- COMMAND...: run COMMAND with the programs in DIR. The directories
# KEEP are there as they are here. The mounts end with COMMAND, and DIR is only read, so any
# number of these may run at once.
in_chroot() {
	local options=(--mount)
	[ "$(id -u)" = 0 ] || options+=(--map-root-user)
	# shellcheck disable=SC2016 # for the other shell
	PATH=/usr/sbin:/usr/bin unshare "${options[@]}" bash -euc '
		from=$1 new=$1/root
		shift
		mount -t tmpfs tmpfs "$new"
		mkdir "$new"/{usr,proc,dev,tmp}
		cp -P "$from"/{bin,sbin,lib,lib64} "$new"
		mount --bind "$from/usr" "$new/usr"
		mount --rbind /proc "$new/proc"
		mount --rbind /dev "$new/dev"
		while [ "$1" != -- ]; do
			mkdir -p "$new$1"
			mount --bind "$1" "$new$1"
			shift
		done
		shift
		exec chroot "$new" "$@"
	' in_chroot "$@"
}
