// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "input.h"
#include "machine.h"
#include "util.h"

#define DEBUGFS		"/sys/kernel/debug"
#define EFIVARS		"/sys/firmware/efi/efivars"
#define SECURITY	"/sys/kernel/security"
#define AS_ROOT		"run as root to see: sudo vmtrace doctor"
#define RELOAD		"sudo rmmod vmtrace && sudo insmod vmtrace.ko"
#define MOUNT(at, type) "sudo mount -t " type " " type " " at

/* The largest that the module takes, as in module/main.c. */
#define MAXACTIVE_LIMIT	  65536
#define MAX_THREADS_LIMIT 4194304

__attribute__((format(printf, 3, 4))) static struct finding
finding_of(enum check_status status, const char *remedy, const char *format, ...)
{
	struct finding finding = { .status = status };
	va_list arguments;

	snprintf(finding.remedy, sizeof(finding.remedy), "%s", remedy);
	va_start(arguments, format);
	vsnprintf(finding.found, sizeof(finding.found), format, arguments);
	va_end(arguments);
	/* It may quote a file. */
	make_printable(finding.found);
	return finding;
}

/* What was found is a printf format with its arguments. */
#define ok(...)		  finding_of(CHECK_OK, "", __VA_ARGS__)
#define warn(remedy, ...) finding_of(CHECK_WARN, remedy, __VA_ARGS__)
#define fail(remedy, ...) finding_of(CHECK_FAIL, remedy, __VA_ARGS__)

static struct finding omitted(void)
{
	return (struct finding){ .status = CHECK_OMITTED };
}

/* What cannot be read is never guessed at. */
static struct finding unseen(int err, const char *place)
{
	if (err == -EACCES)
		return warn(AS_ROOT, "%s is for root alone", place);
	if (err == -EPERM)
		return warn("boot without lockdown to see it", "%s is hidden by lockdown", place);
	if (err == -EPROTO)
		return warn("report this, with the text of that file", "%s says something unknown",
			    place);
	return warn("see that /proc and /sys are mounted and not hidden", "%s: %s", place,
		    strerror(-err));
}

static struct finding unseen_debugfs(int err, const char *file)
{
	char place[64];

	if (err == -ENOENT && machine_mounted(DEBUGFS, "debugfs") == 0)
		return warn(MOUNT(DEBUGFS, "debugfs"), "cannot be seen: debugfs is not mounted");
	snprintf(place, sizeof(place), "%s in debugfs", file);
	return unseen(err, place);
}

/* Is path missing, rather than out of sight because /sys is? */
static bool absent_from_sys(int err)
{
	return err == -ENOENT && machine_look("/sys/kernel") == 0;
}

static struct finding check_kernel(const struct machine_facts *facts)
{
	const char *architecture = facts->architecture;
	unsigned int major, minor;

	if (!*architecture || sscanf(facts->release, "%u.%u", &major, &minor) != 2)
		return unseen(-ENOENT, "/proc/sys/kernel");
	if (strcmp(architecture, "x86_64") != 0 && strcmp(architecture, "aarch64") != 0)
		return fail("use a machine that is one of these",
			    "%s, %s: vmtrace supports x86_64 and aarch64 only", facts->release,
			    architecture);
	if (major < 6 || (major == 6 && minor < 1))
		return warn("boot Linux 6.1 or later",
			    "%s, %s: vmtrace is not tested on what is older than 6.1",
			    facts->release, architecture);
	return ok("%s, %s", facts->release, architecture);
}

static struct finding check_preempt_rt(const struct machine_facts *facts)
{
	int realtime = machine_switch("/sys/kernel/realtime");
	char version[256];
	int err = machine_line("/proc/sys/kernel/version", version, sizeof(version));

	(void)facts;
	/* The file is made by a patch; a kernel without it still names itself so. */
	if (realtime == 1 || (!err && strstr(version, "PREEMPT_RT")))
		return fail("boot a kernel without PREEMPT_RT",
			    "this is a PREEMPT_RT kernel: not supported");
	if (err)
		return unseen(err, "/proc/sys/kernel/version");
	return ok("not a PREEMPT_RT kernel");
}

/* Everybody may read the names in kallsyms, whatever becomes of the addresses. */
static struct finding check_kprobes(const struct machine_facts *facts)
{
	static const char remedy[] = "boot a kernel with CONFIG_KPROBES=y, such as Debian's";
	char config[256];
	int found = machine_find("/proc/kallsyms", 3, "register_kretprobe");

	if (found == 1)
		return ok("in this kernel");
	if (found == 0)
		return fail(remedy, "this kernel has no kprobes");
	if (machine_look(DEBUGFS "/kprobes") == 0)
		return ok("in this kernel");
	snprintf(config, sizeof(config), "/boot/config-%s", facts->release);
	found = machine_find(config, 1, "CONFIG_KPROBES=y");
	if (found == 1)
		return ok("in this kernel");
	if (found == 0)
		return fail(remedy, "this kernel has no kprobes");
	return warn("see that /proc is mounted, or run as root: sudo vmtrace doctor",
		    "unknown: neither /proc/kallsyms, debugfs nor /boot/config-* can be read");
}

static struct finding check_handle_mm_fault(const struct machine_facts *facts)
{
	static const char blacklist[] = DEBUGFS "/kprobes/blacklist";
	int found;

	if (!facts->err)
		return ok("hooked by the loaded module");
	found = machine_find("/proc/kallsyms", 3, "handle_mm_fault");
	if (found < 0)
		return unseen(found, "/proc/kallsyms");
	if (!found)
		return fail("boot a kernel that has it, such as Debian's",
			    "this kernel has no such function to hook");
	found = machine_find(blacklist, 2, "handle_mm_fault");
	if (found == 1)
		return fail("boot a kernel that lets it be probed, such as Debian's",
			    "on the blacklist of kprobes: cannot be hooked");
	if (found < 0 && found != -ENODATA)
		return unseen_debugfs(found, "kprobes/blacklist");
	return ok("can be hooked");
}

static struct finding check_lockdown(const struct machine_facts *facts)
{
	static const char path[] = SECURITY "/lockdown";
	const char *level;
	char text[128];
	int err = machine_line(path, text, sizeof(text));

	if (err == -ENOENT && machine_mounted(SECURITY, "securityfs") == 1)
		return ok("not in this kernel");
	if (err == -ENOENT && machine_mounted(SECURITY, "securityfs") == 0)
		return warn(MOUNT(SECURITY, "securityfs"),
			    "cannot be seen: securityfs is not mounted");
	if (err)
		return unseen(err, path);
	if (strstr(text, "[none]"))
		return ok("none");
	level = strstr(text, "[integrity]")	  ? "integrity" :
		strstr(text, "[confidentiality]") ? "confidentiality" :
						    NULL;
	if (!level)
		return unseen(-EPROTO, path);
	if (facts->loaded)
		return warn("to use debugfs, disable Secure Boot or boot without lockdown=",
			    "%s: /proc/vmtrace works, most of debugfs is refused", level);
	return fail("sign vmtrace.ko with a key that the kernel trusts, disable Secure Boot, "
		    "or boot without lockdown=",
		    "%s: unsigned modules are refused", level);
}

/* Four bytes of attributes, then the value; the name is in the UEFI specification. */
static struct finding check_secure_boot(const struct machine_facts *facts)
{
	static const char path[] = EFIVARS "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char bytes[8];
	int length;

	if (absent_from_sys(machine_look("/sys/firmware/efi")))
		return ok("no EFI");
	length = machine_read(path, bytes, sizeof(bytes));
	if (length == -ENOENT && machine_mounted(EFIVARS, "efivarfs") == 1)
		return ok("not in this firmware");
	if (length == -ENOENT && machine_mounted(EFIVARS, "efivarfs") == 0)
		return warn(MOUNT(EFIVARS, "efivarfs"), "cannot be seen: efivarfs is not mounted");
	if (length < 0)
		return unseen(length, EFIVARS);
	if (length != 5 || (unsigned char)bytes[4] > 1)
		return unseen(-EPROTO, EFIVARS "/SecureBoot-*");
	if (!bytes[4])
		return ok("off");
	if (facts->loaded)
		return ok("on, and the module is loaded");
	return warn("sign vmtrace.ko with a key enrolled by mokutil, or disable Secure Boot",
		    "on: the kernel may refuse unsigned modules");
}

static struct finding check_signatures(const struct machine_facts *facts)
{
	static const char path[] = "/sys/module/module/parameters/sig_enforce";
	int enforced = machine_switch(path);

	if (enforced == 0 || absent_from_sys(enforced))
		return ok("modules need none");
	if (enforced < 0)
		return unseen(enforced, "/sys/module/module/parameters");
	if (facts->loaded)
		return ok("modules need one, and the module is loaded");
	return fail("sign vmtrace.ko with a key that the kernel trusts",
		    "unsigned modules are refused");
}

static struct finding check_headers(const struct machine_facts *facts)
{
	char path[256];
	int err;

	if (!*facts->release)
		return unseen(-ENOENT, "/proc/sys/kernel/osrelease");
	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", facts->release);
	err = machine_look(path);
	if (err == -ENOENT)
		return warn("sudo apt install linux-headers-$(uname -r)",
			    "none for this kernel; only needed to build the module");
	return err ? unseen(err, "/lib/modules") : ok("for this kernel");
}

static struct finding check_btf(const struct machine_facts *facts)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	int err = machine_look(path);

	(void)facts;
	if (absent_from_sys(err))
		return warn("boot a kernel with CONFIG_DEBUG_INFO_BTF=y, such as Debian's",
			    "none: the module works, BPF programs that need it do not");
	return err ? unseen(err, path) : ok("in this kernel");
}

static struct finding check_debugfs(const struct machine_facts *facts)
{
	int mounted = machine_mounted(DEBUGFS, "debugfs");

	(void)facts;
	if (mounted < 0)
		return unseen(mounted, "/proc/self/mounts");
	return mounted ? ok("mounted") : warn(MOUNT(DEBUGFS, "debugfs"), "not mounted");
}

/* A source_error says what, why and the next step, which comes after the last ": ". */
static struct finding module_unreadable(const struct source_error *error)
{
	const char *next = error->text, *after;
	int length;

	while ((after = strstr(next, ": ")))
		next = after + 2;
	length = next > error->text ? (int)(next - error->text - 2) : 0;
	return fail(next, "%.*s", length, error->text);
}

static struct finding check_module(const struct machine_facts *facts)
{
	const char *version = facts->summary.version;

	if (facts->err == -ENODEV && !facts->loaded)
		return warn("sudo insmod vmtrace.ko", "not loaded");
	if (facts->err == -ENODEV)
		return fail(RELOAD, "loaded, but /proc/vmtrace is not there");
	if (facts->err)
		return module_unreadable(&facts->error);
	if (strcmp(version, VMTRACE_VERSION) != 0)
		return warn("load the vmtrace.ko that was built with this tool",
			    "version %s, but this tool is %s; the format is the same", version,
			    VMTRACE_VERSION);
	return ok("loaded, version %s, format %d, as this tool", version, VMTRACE_FORMAT);
}

static struct finding check_hook(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (!facts->summary.maxactive)
		return ok("%s (%s), for any number of faults at once", facts->summary.hook,
			  facts->summary.hook_reason);
	return ok("%s (%s), for %lld faults at once", facts->summary.hook,
		  facts->summary.hook_reason, facts->summary.maxactive);
}

static bool hook_is(const struct machine_facts *facts, const char *name)
{
	return !facts->err && strcmp(facts->summary.hook, name) == 0;
}

static struct finding check_kprobes_enabled(const struct machine_facts *facts)
{
	static const char path[] = DEBUGFS "/kprobes/enabled";
	int enabled = machine_switch(path);

	if (enabled < 0)
		return unseen_debugfs(enabled, "kprobes/enabled");
	if (enabled)
		return ok("1");
	if (hook_is(facts, "fprobe") || hook_is(facts, "entry"))
		return ok("0, which does not concern hook=%s", facts->summary.hook);
	return fail("echo 1 | sudo tee " DEBUGFS "/kprobes/enabled",
		    "0: the hook is silent and sees no fault");
}

static struct finding check_ftrace_enabled(const struct machine_facts *facts)
{
	static const char path[] = "/proc/sys/kernel/ftrace_enabled";
	static const char remedy[] = "sudo sysctl kernel.ftrace_enabled=1";
	int enabled = machine_switch(path);

	if (enabled == -ENOENT && *facts->release)
		return ok("no such switch in this kernel");
	if (enabled < 0)
		return unseen(enabled, path);
	if (enabled)
		return ok("1");
	if (strcmp(facts->architecture, "x86_64") == 0 || hook_is(facts, "fprobe") ||
	    hook_is(facts, "entry"))
		return fail(remedy, "0: the hook is silent and sees no fault");
	if (hook_is(facts, "kretprobe"))
		return ok("0, which does not concern a kretprobe on %s", facts->architecture);
	return warn(remedy, "0: an fprobe would be silent and see no fault");
}

static struct finding check_enabled(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (facts->summary.enabled)
		return ok("1");
	return fail("echo 1 | sudo tee " DEBUGFS "/" VMTRACE_DIR "/" VMTRACE_ENABLED,
		    "0: the module is switched off and records no fault");
}

static struct finding check_filter(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (!facts->summary.filter_words)
		return ok("none");
	return warn("echo | sudo tee " DEBUGFS "/" VMTRACE_DIR "/" VMTRACE_FILTER,
		    "of %lld %s: the faults of other processes are counted only",
		    facts->summary.filter_words,
		    facts->summary.filter_words == 1 ? "word" : "words");
}

/* Reload with the double of a parameter, as far as that goes. */
static void remedy_double(struct finding *finding, const char *parameter, long long now,
			  long long limit)
{
	if (now >= limit)
		snprintf(finding->remedy, sizeof(finding->remedy),
			 "run fewer threads at once: %s is at its limit", parameter);
	else
		snprintf(finding->remedy, sizeof(finding->remedy), RELOAD " %s=%lld", parameter,
			 now > limit / 2 ? limit : 2 * now);
}

static struct finding check_missed(const struct machine_facts *facts)
{
	const struct summary_stats *summary = &facts->summary;
	struct finding finding;

	if (facts->err)
		return omitted();
	if (!summary->missed)
		return ok("0");
	if (!summary->maxactive)
		return warn(
			RELOAD " hook=kretprobe",
			"%lld since load or reset: hook entries that the kernel skipped, probably because "
			"another tracer %s",
			summary->missed,
			hook_is(facts, "fprobe") ? "filled the shadow stacks" : "was at work");
	finding = warn(
		"",
		"%lld since load or reset: hook entries that the kernel skipped, probably because "
		"more than %lld faults were in flight at once",
		summary->missed, summary->maxactive);
	remedy_double(&finding, "maxactive", summary->maxactive, MAXACTIVE_LIMIT);
	return finding;
}

static struct finding check_dropped(const struct machine_facts *facts)
{
	const struct summary_stats *summary = &facts->summary;
	struct finding finding;

	if (facts->err)
		return omitted();
	if (!summary->dropped)
		return ok("0");
	finding = warn(
		"",
		"%lld since load or reset: faults seen but not recorded, because the table of %lld "
		"threads was full or memory was short",
		summary->dropped, summary->max_threads);
	remedy_double(&finding, "max_threads", summary->max_threads, MAX_THREADS_LIMIT);
	return finding;
}

static struct finding check_unobserved(const struct machine_facts *facts)
{
	struct source_error error;
	struct total_stats total;

	if (facts->err)
		return omitted();
	if (source_total(&total, &error) != 0)
		return module_unreadable(&error);
	if (!total.unobserved)
		return ok("0");
	if (total.unobserved < 0)
		return fail("report this, with the text of /proc/vmtrace/total",
			    "%lld: vmtrace counted more than the kernel: a defect of vmtrace",
			    total.unobserved);
	if (total.missed)
		return warn(
			"do as said at missed",
			"%lld since load or reset: faults that the kernel counted and vmtrace did not, "
			"probably those missed",
			total.unobserved);
	return warn(
		"switch all on, then: echo 1 | sudo tee " DEBUGFS "/" VMTRACE_DIR "/" VMTRACE_RESET,
		"%lld since load or reset: faults that the kernel counted and vmtrace did not; the hook "
		"was probably silenced for a time, by kprobes_enabled, ftrace_enabled or enabled",
		total.unobserved);
}

/* Who may read another's /proc/vmtrace/<pid>: module/access.c. */
static struct finding check_access(const struct machine_facts *facts)
{
	const unsigned long long sys_ptrace = 1ULL << 19, perfmon = 1ULL << 38;
	int capable = machine_capable(sys_ptrace | perfmon);

	(void)facts;
	if (capable < 0)
		return unseen(capable, "/proc/self/status");
	if (!capable)
		return ok("to processes of this user alone; as root, to all");
	/* The map of the first user namespace covers every user. */
	if (machine_find("/proc/self/uid_map", 3, "4294967295") == 0)
		return ok("to processes of this user namespace alone");
	return ok("to the processes of all users");
}

/* In the order in which the trouble is best remedied. */
const struct check checks[] = {
	{ "kernel", check_kernel },
	{ "preempt_rt", check_preempt_rt },
	{ "kprobes", check_kprobes },
	{ "handle_mm_fault", check_handle_mm_fault },
	{ "lockdown", check_lockdown },
	{ "secure_boot", check_secure_boot },
	{ "signatures", check_signatures },
	{ "headers", check_headers },
	{ "btf", check_btf },
	{ "debugfs", check_debugfs },
	{ "module", check_module },
	{ "hook", check_hook },
	{ "kprobes_enabled", check_kprobes_enabled },
	{ "ftrace_enabled", check_ftrace_enabled },
	{ "enabled", check_enabled },
	{ "filter", check_filter },
	{ "missed", check_missed },
	{ "dropped", check_dropped },
	{ "unobserved", check_unobserved },
	{ "access", check_access },
};

const size_t checks_count = ARRAY_SIZE(checks);

void checks_gather(struct machine_facts *facts)
{
	*facts = (struct machine_facts){ 0 };
	if (machine_line("/proc/sys/kernel/osrelease", facts->release, sizeof(facts->release)))
		facts->release[0] = '\0';
	if (machine_architecture(facts->architecture, sizeof(facts->architecture)))
		facts->architecture[0] = '\0';
	facts->err = source_summary(&facts->summary, &facts->error);
	facts->loaded = facts->err != -ENODEV || machine_look("/sys/module/vmtrace") == 0;
}
