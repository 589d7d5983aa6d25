// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/text.h"

static void vmessage(const char *format, va_list arguments, const char *verb)
{
	char text[4096], see[64] = "";

	vsnprintf(text, sizeof(text), format, arguments);
	make_printable(text);
	if (verb)
		snprintf(see, sizeof(see), ": see 'vmtrace %s%s--help'", verb, *verb ? " " : "");
	fprintf(stderr, "vmtrace: %s%s\n", text, see);
}

void message(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vmessage(format, arguments, NULL);
	va_end(arguments);
}

int usage_error(const char *verb, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vmessage(format, arguments, verb);
	va_end(arguments);
	return EXIT_USAGE;
}
