// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/error.h"
#include "sources/finding.h"
#include "sources/machine.h"
#include "sources/source.h"
#include "sources/stats.h"

#define RELOAD "sudo rmmod vmtrace && sudo insmod vmtrace.ko"

/* The largest values that the module accepts, as in module/main.c. */
#define MAXACTIVE_LIMIT	  65536
#define MAX_THREADS_LIMIT 4194304

/* An error of a source says what, why and the next step. The next step follows the last ": ". */
static struct finding module_unreadable(const struct error *error)
{
	const char *next = error->text, *after;
	int length;

	while ((after = strstr(next, ": ")))
		next = after + 2;
	length = next > error->text ? (int)(next - error->text - 2) : 0;
	return found_fail(next, "%.*s", length, error->text);
}

struct finding check_module(const struct machine_facts *facts)
{
	const char *version = facts->summary.version;

	if (facts->err == -ENODEV && !facts->loaded)
		return found_warn("sudo insmod vmtrace.ko", "not loaded");
	if (facts->err == -ENODEV)
		return found_fail(RELOAD, "loaded, but /proc/vmtrace does not exist");
	if (facts->err)
		return module_unreadable(&facts->error);
	if (strcmp(version, VMTRACE_VERSION) != 0)
		return found_warn("load the vmtrace.ko that was built with this tool",
				  "version %s, but this tool is %s; the format is the same",
				  version, VMTRACE_VERSION);
	return found_ok("loaded, version %s, format %d, like this tool", version, VMTRACE_FORMAT);
}

struct finding check_hook(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (!facts->summary.maxactive)
		return found_ok("%s (%s), for any number of faults at once", facts->summary.hook,
				facts->summary.hook_reason);
	return found_ok("%s (%s), for %lld faults at once", facts->summary.hook,
			facts->summary.hook_reason, facts->summary.maxactive);
}

struct finding check_kprobes_enabled(const struct machine_facts *facts)
{
	static const char path[] = DEBUGFS "/kprobes/enabled";
	int enabled = machine_switch(path);

	(void)facts;
	if (enabled < 0)
		return unreadable_debugfs(enabled, "kprobes/enabled");
	if (enabled)
		return found_ok("1");
	return found_fail("echo 1 | sudo tee " DEBUGFS "/kprobes/enabled",
			  "0: the hook is off and sees no fault");
}

struct finding check_ftrace_enabled(const struct machine_facts *facts)
{
	static const char path[] = "/proc/sys/kernel/ftrace_enabled";
	static const char remedy[] = "sudo sysctl kernel.ftrace_enabled=1";
	int enabled = machine_switch(path);

	if (enabled == -ENOENT && *facts->release)
		return found_ok("no such switch in this kernel");
	if (enabled < 0)
		return unreadable(enabled, path);
	if (enabled)
		return found_ok("1");
	if (strcmp(facts->architecture, "x86_64") == 0)
		return found_fail(remedy, "0: the hook is off and sees no fault");
	return found_ok("0, which does not affect a kretprobe on %s", facts->architecture);
}

struct finding check_enabled(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (facts->summary.enabled)
		return found_ok("1");
	return found_fail("echo 1 | sudo tee " DEBUGFS "/" VMTRACE_DIR "/" VMTRACE_ENABLED,
			  "0: the module is switched off and records no fault");
}

/* Suggest a reload with twice the value of a parameter, or with its limit. */
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

struct finding check_missed(const struct machine_facts *facts)
{
	const struct summary_stats *summary = &facts->summary;
	struct finding finding;

	if (facts->err)
		return omitted();
	if (!summary->missed)
		return found_ok("0");
	if (!summary->maxactive)
		return found_warn(
			RELOAD " hook=kretprobe",
			"%lld since load: hook entries that the kernel skipped, probably because "
			"another tracer was at work",
			summary->missed);
	finding = found_warn(
		"",
		"%lld since load: hook entries that the kernel skipped, probably because "
		"more than %lld faults were in flight at once",
		summary->missed, summary->maxactive);
	remedy_double(&finding, "maxactive", summary->maxactive, MAXACTIVE_LIMIT);
	return finding;
}

struct finding check_dropped(const struct machine_facts *facts)
{
	const struct summary_stats *summary = &facts->summary;
	struct finding finding;

	if (facts->err)
		return omitted();
	if (!summary->dropped)
		return found_ok("0");
	finding = found_warn(
		"",
		"%lld since load: faults seen but not recorded, because the table of %lld "
		"threads was full or memory was short",
		summary->dropped, summary->max_threads);
	remedy_double(&finding, "max_threads", summary->max_threads, MAX_THREADS_LIMIT);
	return finding;
}

struct finding check_clock(const struct machine_facts *facts)
{
	if (facts->err)
		return omitted();
	if (facts->summary.clock_unstable)
		return found_warn("if you need times: " RELOAD,
				  "the kernel found the TSC unstable after the module was loaded: "
				  "counts are exact, no time is to be trusted");
	return found_ok("stable");
}

struct finding check_unobserved(const struct machine_facts *facts)
{
	struct error error;
	struct total_stats total;
	int err;

	if (facts->err)
		return omitted();
	err = source_total(&total, &error);
	if (err == -EACCES)
		return found_warn("run as root: sudo vmtrace doctor",
				  "not known: only root may read the sums over all users");
	if (err)
		return module_unreadable(&error);
	if (!total.unobserved)
		return found_ok("0");
	if (total.unobserved < 0)
		return found_fail("report this, with the text of /proc/vmtrace/total",
				  "%lld: vmtrace counted more than the kernel: a defect of vmtrace",
				  total.unobserved);
	if (total.missed)
		return found_warn(
			"see what to do about missed",
			"%lld since load: faults that the kernel counted and vmtrace did not, "
			"probably those missed",
			total.unobserved);
	return found_warn(
		"switch all three on; to count from 0 again: " RELOAD,
		"%lld since load: faults that the kernel counted and vmtrace did not; the hook "
		"was probably off for a time, by kprobes_enabled, ftrace_enabled or enabled",
		total.unobserved);
}

/* Whose files in /proc/vmtrace may this process read? See module/files/permission.c. */
struct finding check_access(const struct machine_facts *facts)
{
	const unsigned long long sys_ptrace = 1ULL << 19, perfmon = 1ULL << 38;
	int capable = machine_capable(sys_ptrace | perfmon);

	(void)facts;
	if (capable < 0)
		return unreadable(capable, "/proc/self/status");
	if (!capable)
		return found_ok("only to processes of this user; as root, to all");
	/* The uid_map of the initial user namespace covers every user id. */
	if (machine_find("/proc/self/uid_map", 3, "4294967295") == 0)
		return found_ok("only to processes of this user namespace");
	return found_ok("to the processes of all users");
}
