// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "lib/file.h"
#include "sources/checks.h"
#include "sources/finding.h"
#include "sources/machine.h"
#include "sources/source.h"

#define CHECK(name) { #name, check_##name },

const struct check checks[] = { CHECKS(CHECK) };

const size_t checks_count = ARRAY_SIZE(checks);

void checks_gather(struct machine_facts *facts)
{
	*facts = (struct machine_facts){ 0 };
	if (file_line("/proc/sys/kernel/osrelease", facts->release, sizeof(facts->release)))
		facts->release[0] = '\0';
	if (machine_architecture(facts->architecture, sizeof(facts->architecture)))
		facts->architecture[0] = '\0';
	facts->err = source_summary(&facts->summary, &facts->error);
	facts->loaded = facts->err != -ENODEV || machine_access("/sys/module/vmtrace") == 0;
}
