// SPDX-License-Identifier: GPL-2.0
/*
 * The checks of doctor on a machine that refuses to be read, in ways that files cannot
 * show; doctor.sh tests the others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/checks.h"
#include "sources/finding.h"
#include "unit.h"

static int refusal; /* what reading anything returns */

/* The linker puts these in the place of those without __wrap_: see units. */
int __wrap_machine_access(const char *path)
{
	return path ? refusal : 0;
}

int __wrap_file_read(const char *path, char *text, size_t size)
{
	return path && text && size ? refusal : 0;
}

int __wrap_file_line(const char *path, char *text, size_t size)
{
	return __wrap_file_read(path, text, size);
}

int __wrap_machine_switch(const char *path)
{
	return __wrap_machine_access(path);
}

int __wrap_machine_find(const char *path, int first, const char *text)
{
	return path && first && text ? refusal : 0;
}

int __wrap_machine_mounted(const char *where, const char *type)
{
	return __wrap_machine_find(where, 1, type);
}

int __wrap_machine_architecture(char *text, size_t size)
{
	return __wrap_file_read("", text, size);
}

int __wrap_machine_capable(unsigned long long mask)
{
	return mask ? refusal : 0;
}

/* None is ok and none fails, whatever the reason. Returns how many say this. */
static int how_many_say(int err, const char *found, const char *remedy)
{
	struct machine_facts facts;
	int said = 0;

	refusal = err;
	checks_gather(&facts);
	for (size_t i = 0; i < checks_count; i++) {
		struct finding finding = checks[i].run(&facts);

		if (finding.status == CHECK_OMITTED)
			continue;
		CHECK_EQUAL(finding.status, CHECK_WARN);
		CHECK(finding.found[0] && finding.remedy[0]);
		said += strstr(finding.found, found) && strstr(finding.remedy, remedy);
	}
	return said;
}

static void what_is_refused_is_a_warning(void)
{
	setenv("VMTRACE_ROOT", "/nowhere", 1);
	CHECK(how_many_say(-EPERM, "hidden by lockdown", "boot without lockdown") >= 8);
	CHECK(how_many_say(-EACCES, "only root may read", "sudo vmtrace doctor") >= 8);
	CHECK(how_many_say(-EIO, "Input/output error", "mounted and not hidden") >= 8);
	CHECK(how_many_say(-EPROTO, "has unknown contents", "report this") >= 8);
}

int main(void)
{
	RUN(what_is_refused_is_a_warning);
	return 0;
}
