# shellcheck shell=bash
# Shared by the scripts in this directory; sourced, never run.
#
# Data goes to stdout, messages to stderr. Everything downloaded or unpacked lives in
# $cache. A directory appears there complete or not at all, and only one process at a
# time makes it, so any number of scripts may run at once.

set -euo pipefail

me=${0##*/}
# shellcheck disable=SC2034 # used by the scripts that source this
root=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmtrace

# modprobe, mkfs.ext4 and others are there, where a plain user's shell does not look.
[[ :$PATH: == *:/usr/sbin:* ]] || PATH=$PATH:/usr/sbin:/sbin

# The Debian release whose packages guests are made of, unless a kernel asks for another.
base_suite=bookworm

# die REASON: one line that names what failed, why, and what to do next.
die() {
	printf '%s: %s\n' "$me" "$*" >&2
	exit 1
}

# usage_error REASON: the caller wrote something wrong.
usage_error() {
	printf '%s: %s (see %s --help)\n' "$me" "$*" "$me" >&2
	exit 2
}

# unavailable REASON: nothing is wrong here, but something cannot be downloaded.
unavailable() {
	printf '%s: %s\n' "$me" "$*" >&2
	exit 3
}

# note TEXT: one line before a long step.
note() {
	[ "${VMTRACE_QUIET:-}" = 1 ] || printf '%s: %s\n' "$me" "$*" >&2
}

# print_usage: the comment block at the top of the running script is its help text.
print_usage() {
	sed -n '2,/^$/ { s/^# \{0,1\}//; p; }' "$0"
}

# as_word STRING: quoted so that any POSIX shell reads it back as one word.
as_word() {
	printf "'%s'" "${1//\'/\'\\\'\'}"
}

# host_arch: Debian's name of this machine's architecture.
host_arch() {
	dpkg --print-architecture 2>/dev/null && return
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# os_release NAME: a variable of this machine's os-release, empty if it has none.
os_release() {
	# shellcheck source=/dev/null
	(set +eu && . /etc/os-release 2>/dev/null && printf %s "${!1}")
}

# machine_suite: the release of Debian that this machine runs, empty if it is not one of those
# that the scripts install packages on.
machine_suite() {
	case $(os_release ID)-$(os_release VERSION_CODENAME) in
	debian-bookworm | debian-trixie) os_release VERSION_CODENAME ;;
	esac
}

# new_qemu PROGRAM: is this machine's own new enough? That of Debian 12, 7.2, loses guests with
# more than one CPU (its multi-threaded TCG runs stale code when another CPU's probes are changed).
new_qemu() {
	local version
	version=$("$1" --version 2>/dev/null | sed -n '1s/.* version \([0-9]*\).*/\1/p')
	[ "${version:-0}" -ge 10 ]
}

# check_arch ARCH: Debian's name of an architecture the module supports.
check_arch() {
	case $1 in
	amd64 | arm64) ;;
	*) usage_error "unknown architecture '$1': want amd64 or arm64" ;;
	esac
}

# gnu_type ARCH: the name that cross compilers and library directories carry.
gnu_type() {
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	esac
}

# static_tool ARCH DIR: build user/ for that architecture into DIR; it needs no libraries where it runs.
static_tool() {
	local cross=''
	[ "$1" = "$(host_arch)" ] || cross=$(gnu_type "$1")-
	make -s -C "$root/user" "O=$2" STATIC=1 "CROSS_COMPILE=$cross" \
		"LIBS_CFLAGS=$("$root/scripts/sysroot" --cflags "$1")" "LIBS=$("$root/scripts/sysroot" --libs "$1")"
}

# locked NAME COMMAND...: run COMMAND while no other process runs one under NAME.
locked() {
	local lock=$cache/lock/$1
	shift
	mkdir -p "${lock%/*}"
	(
		flock 9
		"$@" 9>&-
	) 9>"$lock"
}

# cached NAME COMMAND...: make sure that $cache/NAME exists; if it does not, COMMAND is
# run with a new directory as its last argument, which becomes $cache/NAME if it succeeds.
cached() {
	[ -d "$cache/$1" ] || locked "${1//\//-}" fill_cache "$@"
}

fill_cache() {
	local name=$1 new
	shift
	[ ! -d "$cache/$name" ] || return 0
	mkdir -p "$cache/tmp" "$(dirname "$cache/$name")"
	# What runs that were killed left behind. Unpacking dates the directory back, but not its ctime.
	find "$cache/tmp" -mindepth 1 -maxdepth 1 -ctime +1 -exec rm -rf {} +
	new=$(mktemp -d "$cache/tmp/XXXXXX")
	# shellcheck disable=SC2064 # the directory's name is meant to be fixed now
	trap "rm -rf '$new'" EXIT
	"$@" "$new"
	chmod 755 "$new"
	mv -T "$new" "$cache/$name"
}

# apt_run ARG...: apt-get, silent; what it said is for last_error.
apt_run() {
	mkdir -p "$cache/tmp"
	apt-get -q "$@" >"$cache/tmp/apt-$$.log" 2>&1 </dev/null || return
	rm -f "$cache/tmp/apt-$$.log"
}

apt_logged() {
	apt_run "$@" || die "apt-get $1: $(last_error): is the network up?"
}

# apt_fetch WHAT ARG...: the private apt-get; WHAT is for the message.
apt_fetch() {
	local what=$1
	shift
	apt_run "${apt[@]}" "$@" || unavailable "cannot download $what: $(last_error): is the network up?"
}

# The first error is the reason; those after it say what follows from it.
last_error() {
	grep -m1 '^E: Failed to fetch' "$cache/tmp/apt-$$.log" || grep -m1 '^[EW]: ' "$cache/tmp/apt-$$.log" ||
		tail -n1 "$cache/tmp/apt-$$.log"
	rm -f "$cache/tmp/apt-$$.log"
}

# Packages of other suites and architectures
#
# The machine's apt configuration is read, never changed: its own source of Debian is
# copied with the suite's name replaced, and apt-get runs with its state in the cache.

# private_apt ARCH SUITE...: set the array apt to the options of such an apt-get.
private_apt() {
	local arch=$1 state
	shift
	state=$cache/apt/$*-$arch
	state=${state// /+}
	apt=(
		-o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
		-o "APT::Sandbox::User=root" -o "Acquire::Languages=none"
		-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$state/sources"
		-o "Dir::Etc::preferences=/dev/null" -o "Dir::Etc::preferencesparts=/dev/null"
		-o "Dir::State=$state" -o "Dir::State::status=$state/status"
		-o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache"
		-o "APT::Get::List-Cleanup=false"
		# 20 MB for each suite, not 120.
		-o "Acquire::GzipIndexes=true" -o "Dir::Cache::srcpkgcache="
		# A mirror that is a snapshot has lists that ran out long ago.
		-o "Acquire::Check-Valid-Until=false"
	)
	[ -n "$(find "$state/fresh" -mmin -60 2>/dev/null)" ] || locked "apt-${state##*/}" refresh_apt "$state" "$@"
}

# refresh_apt STATE SUITE...: fetch the lists, unless they are less than an hour old.
refresh_apt() {
	local state=$1 suite
	shift
	[ -z "$(find "$state/fresh" -mmin -60 2>/dev/null)" ] || return 0
	rm -rf "$state/sources"
	mkdir -p "$state/sources" "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	for suite; do
		derive_source "$suite" "$state/sources"
	done
	note "downloading the package lists of $*"
	apt_fetch "the package lists of $*" -o APT::Update::Error-Mode=any update
	touch "$state/fresh"
}

# derive_source SUITE DIR: write a source of SUITE into DIR, copied from the machine's, or from
# the file VMTRACE_SOURCES if apt has none of Debian.
derive_source() {
	local suite=$1 dir=$2 main parts names end='' lists stanzas
	[[ $suite != *-security ]] || end=-security
	if [ -n "${VMTRACE_SOURCES:-}" ]; then
		[ -r "$VMTRACE_SOURCES" ] || die "VMTRACE_SOURCES=$VMTRACE_SOURCES: no such file"
		lists=("$VMTRACE_SOURCES") stanzas=("$VMTRACE_SOURCES")
	else
		eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
		lists=("$main" "$parts"/*.list) stanzas=("$parts"/*.sources)
	fi

	# Its own release's source is surely one of Debian; other systems may have one all the same.
	names=$(machine_suite)
	for names in "${names:-stable}|stable|oldstable" 'bookworm|trixie|forky|sid|stable|oldstable|testing|unstable'; do
		cat_files "${stanzas[@]}" | derive_stanza "^($names)$end\$" "$suite" >"$dir/$suite.sources"
		[ ! -s "$dir/$suite.sources" ] || return 0
		rm "$dir/$suite.sources"
		cat_files "${lists[@]}" | derive_line "^($names)$end\$" "$suite" >"$dir/$suite.list"
		[ ! -s "$dir/$suite.list" ] || return 0
		rm "$dir/$suite.list"
	done
	# A machine without security updates still gets the release's own packages.
	[ -n "$end" ] || die "apt knows no mirror of Debian, which $suite's packages come from:" \
		"name a file with its line for apt: VMTRACE_SOURCES=FILE"
}

# cat_files FILE...: those that exist, an empty line after each.
cat_files() {
	local file
	for file; do
		[ ! -f "$file" ] || { cat "$file" && echo; }
	done
}

# derive_stanza FROM SUITE: the first deb822 stanza for FROM with component main.
derive_stanza() {
	awk -v from="$1" -v suite="$2" '
		function has(key, pattern,   n, i, words) {
			n = split(field[key], words, /[ \t\n]+/)
			for (i = 1; i <= n; i++) if (words[i] ~ pattern) return 1
			return 0
		}
		BEGIN { RS = ""; FS = "\n" }
		{
			split("", field)
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^#/) continue
				if ($i ~ /^[ \t]/) { field[key] = field[key] "\n" $i; continue }
				key = tolower($i); sub(/:.*/, "", key)
				field[key] = $i; sub(/^[^:]*:/, "", field[key])
			}
			if (!has("types", "^deb$") || !has("suites", from) || !has("components", "^main$")) next
			if (has("enabled", "^(no|false|0)$")) next
			printf "Types: deb\nSuites: %s\nComponents: main\n", suite
			for (key in field)
				if (key !~ /^(types|suites|components|architectures|enabled)$/)
					print key ":" field[key]
			exit
		}'
}

# derive_line FROM SUITE: the same for one-line sources ("deb [options] uri suite main").
derive_line() {
	awk -v from="$1" -v suite="$2" '
		$1 == "deb" {
			options = ""; line = $0
			if (match(line, /\[[^]]*\]/)) {
				options = substr(line, RSTART, RLENGTH)
				line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
				gsub(/arch=[^] ]*/, "", options)
			}
			sub(/#.*/, "", line)
			n = split(line, w, " ")
			main = 0
			for (i = 4; i <= n; i++) if (w[i] == "main") main = 1
			if (!main || w[3] !~ from) next
			print "deb", options, w[2], suite, "main"
			exit
		}'
}

# depends PACKAGE: what its newest version depends on, one a line. Needs private_apt.
depends() {
	apt-cache "${apt[@]}" show --no-all-versions "$1" 2>/dev/null |
		sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/^ *//; s/[ :].*//'
}

# unpack_debs DIR PACKAGE...: download and unpack into DIR. Needs private_apt.
unpack_debs() {
	local dir=$1
	shift
	mkdir -p "$dir/.debs"
	note "downloading $*"
	(cd "$dir/.debs" && apt_fetch "$*" download "$@")
	unpack_downloads "$dir"
}

# unpack_debs_and_needs DIR PACKAGE...: the same with all that they depend on.
unpack_debs_and_needs() {
	local dir=$1
	shift
	mkdir -p "$dir/.debs/partial"
	note "downloading ${*: -1} and what it needs"
	apt_fetch "${*: -1} and what it needs" -o "Dir::Cache::archives=$dir/.debs" -o DPkg::Lock::Timeout=300 \
		--yes --no-install-recommends --download-only install "$@"
	unpack_downloads "$dir"
}

unpack_downloads() {
	local deb
	for deb in "$1/.debs"/*.deb; do
		# Not dpkg-deb -x: newer ones put a directory where there is a link to one, like bin.
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$1" -xp --keep-directory-symlink
	done
	rm -r "$1/.debs"
}
