// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "sources/finding.h"
#include "sources/machine.h"

#define EFIVARS	 "/sys/firmware/efi/efivars"
#define SECURITY "/sys/kernel/security"

/* Does err say that a file of sysfs does not exist, and is sysfs mounted? */
static bool absent_from_sys(int err)
{
	return err == -ENOENT && machine_access("/sys/kernel") == 0;
}

struct finding check_kernel(const struct machine_facts *facts)
{
	const char *architecture = facts->architecture;
	unsigned int major, minor;

	if (!*architecture || sscanf(facts->release, "%u.%u", &major, &minor) != 2)
		return unreadable(-ENOENT, "/proc/sys/kernel");
	if (strcmp(architecture, "x86_64") != 0 && strcmp(architecture, "aarch64") != 0)
		return found_fail("use a machine of one of these architectures",
				  "%s, %s: vmtrace supports x86_64 and aarch64 only",
				  facts->release, architecture);
	if (major < 6 || (major == 6 && minor < 1))
		return found_warn("boot Linux 6.1 or later",
				  "%s, %s: vmtrace is not tested on kernels older than 6.1",
				  facts->release, architecture);
	return found_ok("%s, %s", facts->release, architecture);
}

struct finding check_preempt_rt(const struct machine_facts *facts)
{
	int realtime = machine_switch("/sys/kernel/realtime");
	char version[256];
	int err = file_line("/proc/sys/kernel/version", version, sizeof(version));

	(void)facts;
	/* Only patched kernels have the file; others have PREEMPT_RT in their version. */
	if (realtime == 1 || (!err && strstr(version, "PREEMPT_RT")))
		return found_fail("boot a kernel without PREEMPT_RT",
				  "this is a PREEMPT_RT kernel: not supported");
	if (err)
		return unreadable(err, "/proc/sys/kernel/version");
	return found_ok("not a PREEMPT_RT kernel");
}

/* Every user may read the names in /proc/kallsyms, even if the addresses are hidden. */
struct finding check_kprobes(const struct machine_facts *facts)
{
	static const char remedy[] = "boot a kernel with CONFIG_KPROBES=y, such as Debian's";
	char config[256];
	int found = machine_find("/proc/kallsyms", 3, "register_kretprobe");

	if (found == 1)
		return found_ok("in this kernel");
	if (found == 0)
		return found_fail(remedy, "this kernel has no kprobes");
	if (machine_access(DEBUGFS "/kprobes") == 0)
		return found_ok("in this kernel");
	snprintf(config, sizeof(config), "/boot/config-%s", facts->release);
	found = machine_find(config, 1, "CONFIG_KPROBES=y");
	if (found == 1)
		return found_ok("in this kernel");
	if (found == 0)
		return found_fail(remedy, "this kernel has no kprobes");
	return found_warn(
		"see that /proc is mounted, or run as root: sudo vmtrace doctor",
		"unknown: neither /proc/kallsyms, debugfs nor /boot/config-* can be read");
}

struct finding check_handle_mm_fault(const struct machine_facts *facts)
{
	static const char blacklist[] = DEBUGFS "/kprobes/blacklist";
	int found;

	if (!facts->err)
		return found_ok("hooked by the loaded module");
	found = machine_find("/proc/kallsyms", 3, "handle_mm_fault");
	if (found < 0)
		return unreadable(found, "/proc/kallsyms");
	if (!found)
		return found_fail("boot a kernel that has it, such as Debian's",
				  "this kernel has no such function to hook");
	found = machine_find(blacklist, 2, "handle_mm_fault");
	if (found == 1)
		return found_fail("boot a kernel that allows probing it, such as Debian's",
				  "on the blacklist of kprobes: cannot be hooked");
	if (found < 0 && found != -ENODATA)
		return unreadable_debugfs(found, "kprobes/blacklist");
	return found_ok("can be hooked");
}

struct finding check_lockdown(const struct machine_facts *facts)
{
	static const char path[] = SECURITY "/lockdown";
	const char *level;
	char text[128];
	int err = file_line(path, text, sizeof(text));

	if (err == -ENOENT && machine_mounted(SECURITY, "securityfs") == 1)
		return found_ok("not in this kernel");
	if (err == -ENOENT && machine_mounted(SECURITY, "securityfs") == 0)
		return found_warn(MOUNT(SECURITY, "securityfs"),
				  "cannot be seen: securityfs is not mounted");
	if (err)
		return unreadable(err, path);
	if (strstr(text, "[none]"))
		return found_ok("none");
	level = strstr(text, "[integrity]")	  ? "integrity" :
		strstr(text, "[confidentiality]") ? "confidentiality" :
						    NULL;
	if (!level)
		return unreadable(-EPROTO, path);
	if (facts->loaded)
		return found_warn(
			"to use debugfs, disable Secure Boot or boot without lockdown=",
			"%s: /proc/vmtrace works, but the kernel refuses to open writable files "
			"in debugfs, so all files of the module there",
			level);
	return found_fail("sign vmtrace.ko with a key that the kernel trusts, disable Secure Boot, "
			  "or boot without lockdown=",
			  "%s: unsigned modules are refused", level);
}

/*
 * The file has four bytes of attributes, then the value. The name is from the UEFI specification.
 */
struct finding check_secure_boot(const struct machine_facts *facts)
{
	static const char path[] = EFIVARS "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char bytes[8];
	int length;

	if (absent_from_sys(machine_access("/sys/firmware/efi")))
		return found_ok("no EFI");
	length = file_read(path, bytes, sizeof(bytes));
	if (length == -ENOENT && machine_mounted(EFIVARS, "efivarfs") == 1)
		return found_ok("not in this firmware");
	if (length == -ENOENT && machine_mounted(EFIVARS, "efivarfs") == 0)
		return found_warn(MOUNT(EFIVARS, "efivarfs"),
				  "cannot be seen: efivarfs is not mounted");
	if (length < 0)
		return unreadable(length, EFIVARS);
	if (length != 5 || (unsigned char)bytes[4] > 1)
		return unreadable(-EPROTO, EFIVARS "/SecureBoot-*");
	if (!bytes[4])
		return found_ok("off");
	if (facts->loaded)
		return found_ok("on, and the module is loaded");
	return found_warn("sign vmtrace.ko with a key enrolled by mokutil, or disable Secure Boot",
			  "on: the kernel may refuse unsigned modules");
}

struct finding check_signatures(const struct machine_facts *facts)
{
	static const char path[] = "/sys/module/module/parameters/sig_enforce";
	int enforced = machine_switch(path);

	if (enforced == 0 || absent_from_sys(enforced))
		return found_ok("not required");
	if (enforced < 0)
		return unreadable(enforced, "/sys/module/module/parameters");
	if (facts->loaded)
		return found_ok("required, and the module is loaded");
	return found_fail("sign vmtrace.ko with a key that the kernel trusts",
			  "unsigned modules are refused");
}

struct finding check_headers(const struct machine_facts *facts)
{
	char path[256];
	int err;

	if (!*facts->release)
		return unreadable(-ENOENT, "/proc/sys/kernel/osrelease");
	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", facts->release);
	err = machine_access(path);
	if (err == -ENOENT)
		return found_warn("sudo apt install linux-headers-$(uname -r)",
				  "none for this kernel; only needed to build the module");
	return err ? unreadable(err, "/lib/modules") : found_ok("for this kernel");
}

struct finding check_btf(const struct machine_facts *facts)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	int err = machine_access(path);

	(void)facts;
	if (absent_from_sys(err))
		return found_warn("boot a kernel with CONFIG_DEBUG_INFO_BTF=y, such as Debian's",
				  "none: the module works, BPF programs that need it do not");
	return err ? unreadable(err, path) : found_ok("in this kernel");
}

struct finding check_debugfs(const struct machine_facts *facts)
{
	int mounted = machine_mounted(DEBUGFS, "debugfs");

	(void)facts;
	if (mounted < 0)
		return unreadable(mounted, "/proc/self/mounts");
	return mounted ? found_ok("mounted") : found_warn(MOUNT(DEBUGFS, "debugfs"), "not mounted");
}
