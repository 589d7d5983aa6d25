// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "core/format.h"
#include "core/record.h"
#include "sources/names.h"

#define NAME(symbol, name, meaning) name,
const char *const class_names[] = { VMTRACE_CLASSES(NAME) };
const char *const origin_names[] = { VMTRACE_ORIGINS(NAME) };
#undef NAME

enum vmtrace_class class_by_name(const char *name)
{
	int n = 0;

	while (n < VMTRACE_CLASS_COUNT && strcmp(class_names[n], name) != 0)
		n++;
	return n;
}
