# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests of "vmtrace doctor" on machines made of files. Sourced by tests/host/run like
# cli.sh, whose helpers it uses.

# shellcheck source=cli.sh
. "$HERE/cli.sh"

# shellcheck disable=SC2154 # HERE, TOP, VMTRACE and T come from run, code from vmt

SECURE_BOOT=sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
RELOAD="sudo rmmod vmtrace && sudo insmod vmtrace.ko"
NOT_HIDDEN="see that /proc and /sys are mounted and not hidden"
AS_ROOT="run as root: sudo vmtrace doctor"
DEBIAN="such as Debian's"

# machine: a healthy one, in $R
machine() {
	local path line
	R=$T/root
	rm -rf "$R"
	while IFS='|' read -r path line; do
		[[ $path != \#* ]] || continue
		mkdir -p "$R/${path%/*}"
		printf '%s\n' "$line" >>"$R/$path"
	done <"$HERE/fixtures/machine.txt"
	mkdir -p "$R/${SECURE_BOOT%/*}"
	printf '\006\0\0\0\0' >"$R/$SECURE_BOOT"
	export VMTRACE_ROOT=$R
}

# put PATH TEXT: PATH says only that; put PATH: it is gone
put() {
	if (($# == 1)); then
		rm -r "${R:?}/$1"
	else
		printf '%s\n' "$2" >"$R/$1"
	fi
}

# summary KEY VALUE...: change the loaded module's; in the total, too, what is in both
summary() {
	while (($#)); do
		sed -i "s/^$1:.*/$1:\t$2/" "$R/proc/vmtrace/summary" "$R/proc/vmtrace/total"
		shift 2
	done
}

unload() {
	put proc/vmtrace
	put sys/module/vmtrace
}

# run_doctor: the worst status is in "result", and the exit code follows from it
run_doctor() {
	vmt doctor --json
	[[ ! -s $T/err ]] || die "messages"
	local statuses result=ok
	statuses=$(sed -n 's/^      "status": "\(.*\)",$/\1/p' "$T/out")
	[[ $statuses != *warn* ]] || result=warn
	[[ $statuses != *fail* ]] || result=fail
	grep -q "^  \"result\": \"$result\"" "$T/out" || die "result should be $result"
	[[ $code == $([[ $result == fail ]] && echo 1 || echo 0) ]] || die "wrong exit code"
}

# finds STATUS NAME FOUND [REMEDY]: what this one check says
finds() {
	run_doctor
	[[ $(grep -A 3 "^      \"check\": \"$2\",$" "$T/out" | tail -n 3) == "$(printf '      "%s": "%s"%s\n' status "$1" , found "$3" , remedy "${4:-}" '')" ]] ||
		die "$2 should be: $1: $3${4:+: $4}"
}

# fits: 80 columns, and 40
fits() {
	vmt doctor
	[[ -s $T/out ]] || die "nothing is printed"
	! grep -E '.{81}' "$T/out" || die "wider than 80"
	COLUMNS=40 vmt doctor
	[[ -s $T/out ]] || die "nothing is printed"
	! grep -E '.{41}' "$T/out" || die "wider than 40"
}

test_a_healthy_machine() {
	machine
	golden doctor-ok.txt doctor
	golden doctor-ok.json doctor --json
	valid_json "$T/out" || die "not JSON"
	COLUMNS=40 golden doctor-narrow.txt doctor
	fits
}

test_a_sick_machine() {
	machine
	unload
	put sys/kernel/realtime 1
	put proc/kallsyms "0 T x"
	put sys/kernel/security/lockdown "none [integrity] confidentiality"
	printf '\006\0\0\0\1' >"$R/$SECURE_BOOT"
	put sys/module/module/parameters/sig_enforce Y
	put lib/modules
	put sys/kernel/btf
	put proc/sys/kernel/ftrace_enabled 0
	put sys/kernel/debug/kprobes/enabled 0
	vmt doctor
	[[ $code == 1 && ! -s $T/err ]] || die "should fail"
	[[ -z $ACCEPT ]] || cp "$T/out" "$HERE/golden/doctor-sick.txt"
	diff -u "$HERE/golden/doctor-sick.txt" "$T/out" || die "differs"
	fits
	put sys/kernel/debug
	put proc/self/mounts "sysfs /sys sysfs rw 0 0"
	fits
}

test_a_lossy_module() {
	machine
	summary missed 12 unobserved 12 dropped 3
	golden doctor-lossy.txt doctor
	fits
	summary missed 0
	fits
}

test_doctor_without_anything_to_read() {
	export VMTRACE_ROOT=$T/nowhere
	vmt doctor --json
	[[ $code == 0 && ! -s $T/err ]] || die "nothing seen is nothing failed"
	[[ $(grep -c '"status": "warn"' "$T/out") == 14 ]] || die "all should be a warning"
	! grep -q '"status": "ok"' "$T/out" || die "that is a guess"
	! grep -q '"remedy": ""' "$T/out" || die "a warning without a remedy"
	fits
}

test_doctor_kernel() {
	machine
	put proc/sys/kernel/arch aarch64
	finds ok kernel "6.1.0-53-amd64, aarch64"
	put proc/sys/kernel/arch riscv64
	finds fail kernel "6.1.0-53-amd64, riscv64: vmtrace supports x86_64 and aarch64 only" "use a machine of one of these architectures"
	put proc/sys/kernel/arch
	finds warn kernel "/proc/sys/kernel: No such file or directory" "$NOT_HIDDEN"
	put proc/sys/kernel/arch x86_64
	put proc/sys/kernel/osrelease 6.0.19
	finds warn kernel "6.0.19, x86_64: vmtrace is not tested on kernels older than 6.1" "boot Linux 6.1 or later"
	put proc/sys/kernel/osrelease 5.15.0
	finds warn kernel "5.15.0, x86_64: vmtrace is not tested on kernels older than 6.1" "boot Linux 6.1 or later"
	put proc/sys/kernel/osrelease 7.0
	finds ok kernel "7.0, x86_64"
	put proc/sys/kernel/osrelease x
	finds warn kernel "/proc/sys/kernel: No such file or directory" "$NOT_HIDDEN"
}

test_doctor_asks_uname_without_a_root() {
	unset VMTRACE_ROOT
	vmt doctor --json
	grep -q "\"found\": \"$(uname -r), $(uname -m)" "$T/out" || die "not uname's"
}

test_doctor_preempt_rt() {
	local remedy="boot a kernel without PREEMPT_RT" found="this is a PREEMPT_RT kernel: not supported"
	machine
	put sys/kernel/realtime 0
	finds ok preempt_rt "not a PREEMPT_RT kernel"
	put sys/kernel/realtime 1
	finds fail preempt_rt "$found" "$remedy"
	put sys/kernel/realtime
	put proc/sys/kernel/version "#1 SMP PREEMPT_RT Debian 6.1.192-1"
	finds fail preempt_rt "$found" "$remedy"
	put proc/sys/kernel/version
	finds warn preempt_rt "/proc/sys/kernel/version: No such file or directory" "$NOT_HIDDEN"
}

test_doctor_kprobes() {
	local none="this kernel has no kprobes" remedy="boot a kernel with CONFIG_KPROBES=y, $DEBIAN"
	machine
	finds ok kprobes "in this kernel"
	put proc/kallsyms "0000000000000000 T register_kretprobes"
	finds fail kprobes "$none" "$remedy"
	put proc/kallsyms "0000000000000000 T register_kretprobe	[other]"
	finds fail kprobes "$none" "$remedy"
	put proc/kallsyms
	finds ok kprobes "in this kernel"
	put sys/kernel/debug/kprobes
	finds warn kprobes "unknown: neither /proc/kallsyms, debugfs nor /boot/config-* can be read" "see that /proc is mounted, or run as root: sudo vmtrace doctor"
	mkdir "$R/boot"
	put boot/config-6.1.0-53-amd64 "CONFIG_KPROBES=y"
	finds ok kprobes "in this kernel"
	put boot/config-6.1.0-53-amd64 "# CONFIG_KPROBES is not set"
	finds fail kprobes "$none" "$remedy"
	: >"$R/proc/kallsyms"
	finds fail kprobes "$none" "$remedy"
}

test_doctor_handle_mm_fault() {
	machine
	finds ok handle_mm_fault "hooked by the loaded module"
	unload
	finds ok handle_mm_fault "can be hooked"
	put sys/kernel/debug/kprobes/blacklist "0x0000000000000000-0x0000000000000010	handle_mm_fault"
	finds fail handle_mm_fault "on the blacklist of kprobes: cannot be hooked" "boot a kernel that allows probing it, $DEBIAN"
	: >"$R/sys/kernel/debug/kprobes/blacklist"
	finds ok handle_mm_fault "can be hooked"
	put sys/kernel/debug/kprobes/blacklist
	finds warn handle_mm_fault "kprobes/blacklist in debugfs: No such file or directory" "$NOT_HIDDEN"
	sed -i /debugfs/d "$R/proc/self/mounts"
	finds warn handle_mm_fault "cannot be seen: debugfs is not mounted" "sudo mount -t debugfs debugfs /sys/kernel/debug"
	put proc/kallsyms "0000000000000000 T handle_mm_fault_not"
	finds fail handle_mm_fault "this kernel has no such function to hook" "boot a kernel that has it, $DEBIAN"
	: >"$R/proc/kallsyms"
	finds warn handle_mm_fault "/proc/kallsyms: No data available" "$NOT_HIDDEN"
}

test_doctor_lockdown() {
	local level
	machine
	for level in "none [integrity] confidentiality" "none integrity [confidentiality]"; do
		put sys/kernel/security/lockdown "$level"
		level=${level#*[} level=${level%]*}
		finds warn lockdown "$level: /proc/vmtrace works, but the kernel refuses to open writable files in debugfs, so all files of the module there" "to use debugfs, disable Secure Boot or boot without lockdown="
	done
	unload
	finds fail lockdown "confidentiality: unsigned modules are refused" "sign vmtrace.ko with a key that the kernel trusts, disable Secure Boot, or boot without lockdown="
	put sys/kernel/security/lockdown "[none] integrity confidentiality"
	finds ok lockdown none
	put sys/kernel/security/lockdown "[frob]"
	finds warn lockdown "/sys/kernel/security/lockdown has unknown contents" "report this, with the text of that file"
	put sys/kernel/security/lockdown
	finds ok lockdown "not in this kernel"
	sed -i /securityfs/d "$R/proc/self/mounts"
	finds warn lockdown "cannot be seen: securityfs is not mounted" "sudo mount -t securityfs securityfs /sys/kernel/security"
}

test_doctor_secure_boot() {
	local bytes remedy="sign vmtrace.ko with a key enrolled by mokutil, or disable Secure Boot"
	machine
	finds ok secure_boot off
	printf '\006\0\0\0\1' >"$R/$SECURE_BOOT"
	finds ok secure_boot "on, and the module is loaded"
	unload
	finds warn secure_boot "on: the kernel may refuse unsigned modules" "$remedy"
	# shellcheck disable=SC2059 # escapes
	for bytes in '\006\0\0\0' '\006\0\0\0\0\0' '\006\0\0\0\2' '\006\0\0\0\377' ''; do
		printf "$bytes" >"$R/$SECURE_BOOT"
		finds warn secure_boot "/sys/firmware/efi/efivars/SecureBoot-* has unknown contents" "report this, with the text of that file"
	done
	put "$SECURE_BOOT"
	finds ok secure_boot "not in this firmware"
	sed -i /efivarfs/d "$R/proc/self/mounts"
	finds warn secure_boot "cannot be seen: efivarfs is not mounted" "sudo mount -t efivarfs efivarfs /sys/firmware/efi/efivars"
	put sys/firmware
	finds ok secure_boot "no EFI"
	put sys/kernel
	finds warn secure_boot "cannot be seen: efivarfs is not mounted" "sudo mount -t efivarfs efivarfs /sys/firmware/efi/efivars"
}

test_doctor_signatures() {
	machine
	put sys/module/module/parameters/sig_enforce Y
	finds ok signatures "required, and the module is loaded"
	unload
	finds fail signatures "unsigned modules are refused" "sign vmtrace.ko with a key that the kernel trusts"
	put sys/module/module
	finds ok signatures "not required"
	put sys/kernel
	finds warn signatures "/sys/module/module/parameters: No such file or directory" "$NOT_HIDDEN"
}

test_doctor_headers_btf_and_debugfs() {
	machine
	put lib/modules/6.1.0-53-amd64/build/Makefile
	# shellcheck disable=SC2016 # for the reader's shell
	finds warn headers "none for this kernel; only needed to build the module" 'sudo apt install linux-headers-$(uname -r)'
	put sys/kernel/btf/vmlinux
	finds warn btf "none: the module works, BPF programs that need it do not" "boot a kernel with CONFIG_DEBUG_INFO_BTF=y, $DEBIAN"
	sed -i 's|/sys/kernel/debug debugfs|/mnt debugfs|' "$R/proc/self/mounts"
	finds warn debugfs "not mounted" "sudo mount -t debugfs debugfs /sys/kernel/debug"
	put proc/self/mounts
	finds warn debugfs "/proc/self/mounts: No such file or directory" "$NOT_HIDDEN"
}

test_doctor_module() {
	machine
	unload
	finds warn module "not loaded" "sudo insmod vmtrace.ko"
	! grep -E '"check": "(hook|missed|dropped|unobserved|clock)"' "$T/out" || die "there is no module to ask"
	machine
	put proc/vmtrace
	finds fail module "loaded, but /proc/vmtrace does not exist" "$RELOAD"
	machine
	summary version 0.0.9
	finds warn module "version 0.0.9, but this tool is 0.1.0; the format is the same" "load the vmtrace.ko that was built with this tool"
	machine
	summary format 3
	finds fail module "$R/proc/vmtrace/summary: format 3 is newer than this tool understands" "update vmtrace"
	put sys/module/vmtrace
	put sys/kernel/security/lockdown "none [integrity] confidentiality"
	finds warn lockdown "integrity: /proc/vmtrace works, but the kernel refuses to open writable files in debugfs, so all files of the module there" "to use debugfs, disable Secure Boot or boot without lockdown="
	machine
	sed -i /minor/d "$R/proc/vmtrace/total"
	finds fail unobserved "$R/proc/vmtrace/total: minor is missing" "do the versions of tool and module match? see 'vmtrace version'"
	put proc/vmtrace/total
	finds fail unobserved "$R/proc/vmtrace/total: not found" "do the versions of tool and module match? see 'vmtrace version'"
	machine
	sed -i /dropped/d "$R/proc/vmtrace/summary"
	finds fail module "$R/proc/vmtrace/summary: dropped is missing" "do the versions of tool and module match? see 'vmtrace version'"
}

test_doctor_hook_and_its_switches() {
	local silent="0: the hook is off and sees no fault"
	local ftrace="sudo sysctl kernel.ftrace_enabled=1" kprobes="echo 1 | sudo tee /sys/kernel/debug/kprobes/enabled"
	machine
	finds ok hook "kretprobe (auto: the returns cannot be probed here), for 4096 faults at once"
	put sys/kernel/debug/kprobes/enabled 0
	finds fail kprobes_enabled "$silent" "$kprobes"
	put proc/sys/kernel/ftrace_enabled 0
	finds fail ftrace_enabled "$silent" "$ftrace"
	put proc/sys/kernel/arch aarch64
	finds ok ftrace_enabled "0, which does not affect a kretprobe on aarch64"
	unload
	finds fail kprobes_enabled "$silent" "$kprobes"
	put proc/sys/kernel/arch x86_64
	finds fail ftrace_enabled "$silent" "$ftrace"
	put proc/sys/kernel/ftrace_enabled
	finds ok ftrace_enabled "no such switch in this kernel"
	put sys/kernel/debug/kprobes/enabled 7
	finds warn kprobes_enabled "kprobes/enabled in debugfs has unknown contents" "report this, with the text of that file"
	put sys/kernel/debug/kprobes/enabled
	finds warn kprobes_enabled "kprobes/enabled in debugfs: No such file or directory" "$NOT_HIDDEN"
	sed -i /debugfs/d "$R/proc/self/mounts"
	finds warn kprobes_enabled "cannot be seen: debugfs is not mounted" "sudo mount -t debugfs debugfs /sys/kernel/debug"
}

test_doctor_losses() {
	local missed="hook entries that the kernel skipped, probably because more than" dropped="faults seen but not recorded, because the table of"
	local unobserved="faults that the kernel counted and vmtrace did not"
	machine
	summary missed 12
	finds warn missed "12 since load: $missed 4096 faults were in flight at once" "$RELOAD maxactive=8192"
	summary maxactive 40000
	finds warn missed "12 since load: $missed 40000 faults were in flight at once" "$RELOAD maxactive=65536"
	summary maxactive 65536
	finds warn missed "12 since load: $missed 65536 faults were in flight at once" "run fewer threads at once: maxactive is at its limit"
	summary maxactive 0
	finds warn missed "12 since load: hook entries that the kernel skipped, probably because another tracer was at work" "$RELOAD hook=kretprobe"
	finds ok hook "kretprobe (auto: the returns cannot be probed here), for any number of faults at once"
	summary unobserved 5
	finds warn unobserved "5 since load: $unobserved, probably those missed" "see what to do about missed"
	summary missed 0
	finds warn unobserved "5 since load: $unobserved; the hook was probably off for a time, by kprobes_enabled, ftrace_enabled or enabled" "switch all three on; to count from 0 again: $RELOAD"
	summary unobserved -5
	finds fail unobserved "-5: vmtrace counted more than the kernel: a defect of vmtrace" "report this, with the text of /proc/vmtrace/total"
	summary enabled 0
	finds fail enabled "0: the module is switched off and records no fault" "echo 1 | sudo tee /sys/kernel/debug/vmtrace/enabled"
	finds ok clock stable
	summary clock_unstable 1
	finds warn clock "the kernel found the TSC unstable after the module was loaded: counts are exact, no time is to be trusted" "if you need times: $RELOAD"
	summary dropped 3
	finds warn dropped "3 since load: $dropped 65536 threads was full or memory was short" "$RELOAD max_threads=131072"
	summary max_threads 4194304
	finds warn dropped "3 since load: $dropped 4194304 threads was full or memory was short" "run fewer threads at once: max_threads is at its limit"
}

test_doctor_knows_the_limits_of_the_module() {
	local name limit
	touch "$T/out" "$T/err"
	for name in maxactive max_threads; do
		limit=$(sed -n "s/.*\"$name\", .*, 1, \([0-9]*\)).*/\1/p" "$TOP/module/main.c")
		[[ $limit =~ ^[1-9][0-9]*$ ]] || die "main.c was not understood"
		[[ $limit == "$(sed -n "s/^#define ${name^^}_LIMIT[ \t]*\([0-9]*\)$/\1/p" "$TOP/user/sources/checks_module.c")" ]] || die "$name"
	done
}

test_doctor_access() {
	local caps
	machine
	for caps in 0000000000080000 0000004000000000; do
		sed -i "s/^CapEff.*/CapEff:\t$caps/" "$R/proc/self/status"
		finds ok access "to the processes of all users"
	done
	put proc/self/uid_map "         0       1000          1"
	finds ok access "only to processes of this user namespace"
	put proc/self/uid_map
	finds ok access "to the processes of all users"
	sed -i "s/^CapEff.*/CapEff:\t000001bffff7ffff/" "$R/proc/self/status"
	finds ok access "only to processes of this user; as root, to all"
	for caps in x 000000000008000g ""; do
		sed -i "s/^CapEff.*/CapEff:\t$caps/" "$R/proc/self/status"
		finds warn access "/proc/self/status has unknown contents" "report this, with the text of that file"
	done
	put proc/self/status
	finds warn access "/proc/self/status: No such file or directory" "$NOT_HIDDEN"
}

# From now on, the tool is run by a user without privileges.
as_user() {
	sed -i "s/^CapEff.*/CapEff:\t0000000000000000/" "$R/proc/self/status"
	[[ $(id -u) == 0 ]] || return 0
	command -v setpriv >/dev/null || { echo "setpriv(1) is not installed"; exit 77; }
	cp "$VMTRACE" "$T/vmtrace"
	chmod 755 "$T" "$T/vmtrace"
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' "$T/vmtrace" >"$T/as-nobody"
	chmod 755 "$T/as-nobody"
	VMTRACE=$T/as-nobody
}

test_doctor_without_total() {
	machine
	chmod 000 "$R/proc/vmtrace/total"
	as_user
	finds warn unobserved "not known: only root may read the sums over all users" "$AS_ROOT"
}

test_doctor_not_as_root() {
	machine
	unload
	chmod 000 "$R/sys/kernel/debug"
	as_user
	finds ok kprobes "in this kernel"
	finds warn handle_mm_fault "only root may read kprobes/blacklist in debugfs" "$AS_ROOT"
	finds warn kprobes_enabled "only root may read kprobes/enabled in debugfs" "$AS_ROOT"
	finds ok debugfs mounted
	finds ok access "only to processes of this user; as root, to all"
	golden doctor-user.txt doctor
	fits
}

test_doctor_usage() {
	local see="see 'vmtrace doctor --help'"
	machine
	expect 2 "vmtrace: doctor: now: unexpected argument: $see" doctor now
	expect 2 "vmtrace: doctor: --frob: unknown or ambiguous option: $see" doctor --frob
	golden help-doctor.txt doctor --help
}

test_doctor_documents_its_checks() {
	machine
	vmt doctor --json
	sed -n 's/.*"check": "\(.*\)",/\1/p' "$T/out" | sort >"$T/checks"
	[[ $(wc -l <"$T/checks") == 20 ]] || die "20 checks"
	sed -n '/^\.SS doctor/,/^\.SS help/p' "$TOP/user/man/vmtrace.1" |
		sed -n '/^\.TP/{n;s/^\.BR\{0,1\} \([a-z]\)/\1/p}' | tr -d '",' | tr -s ' ' '\n' | sort |
		diff - "$T/checks" || die "the manual has other checks"
}

test_doctor_colour() {
	command -v script >/dev/null || { echo "script(1) is not installed"; exit 77; }
	machine
	export TERM=xterm
	shows doctor
	! grep -q $'\033' "$T/out" || die "colour in a file"
	script -qec "$VMTRACE doctor" /dev/null >"$T/out" </dev/null
	grep -q $'^\033\[32mok' "$T/out" || die "no colour on a terminal"
	NO_COLOR=1 script -qec "$VMTRACE doctor" /dev/null >"$T/out" </dev/null
	grep -q ^ok "$T/out" || die "nothing with NO_COLOR"
	! grep -q $'\033' "$T/out" || die "colour with NO_COLOR"
}
