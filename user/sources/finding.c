// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "sources/finding.h"
#include "sources/machine.h"

#define AS_ROOT "run as root: sudo vmtrace doctor"

struct finding finding_of(enum check_status status, const char *remedy, const char *format, ...)
{
	struct finding finding = { .status = status };
	va_list arguments;

	snprintf(finding.remedy, sizeof(finding.remedy), "%s", remedy);
	va_start(arguments, format);
	vsnprintf(finding.found, sizeof(finding.found), format, arguments);
	va_end(arguments);
	/* The text may quote a file. */
	make_printable(finding.found);
	return finding;
}

struct finding omitted(void)
{
	return (struct finding){ .status = CHECK_OMITTED };
}

struct finding unreadable(int err, const char *place)
{
	if (err == -EACCES)
		return found_warn(AS_ROOT, "only root may read %s", place);
	if (err == -EPERM)
		return found_warn("boot without lockdown to see it", "%s is hidden by lockdown",
				  place);
	if (err == -EPROTO)
		return found_warn("report this, with the text of that file",
				  "%s has unknown contents", place);
	return found_warn("see that /proc and /sys are mounted and not hidden", "%s: %s", place,
			  strerror(-err));
}

struct finding unreadable_debugfs(int err, const char *file)
{
	char place[64];

	if (err == -ENOENT && machine_mounted(DEBUGFS, "debugfs") == 0)
		return found_warn(MOUNT(DEBUGFS, "debugfs"),
				  "cannot be seen: debugfs is not mounted");
	snprintf(place, sizeof(place), "%s in debugfs", file);
	return unreadable(err, place);
}
