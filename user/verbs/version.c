// SPDX-License-Identifier: GPL-2.0
/*
 * version - the versions of the tool and of the module
 */
#include <stdio.h>
#include <string.h>

#include "core/format.h"
#include "lib/error.h"
#include "lib/exit_code.h"
#include "lib/message.h"
#include "lib/output.h"
#include "sources/source.h"
#include "sources/stats.h"
#include "verbs/verbs.h"

int print_tool_version(void)
{
	printf("vmtrace %s, format %d\n", VMTRACE_VERSION, VMTRACE_FORMAT);
	return EXIT_DONE;
}

int verb_version(int argc, char **argv)
{
	struct summary_stats stats;
	struct error error;
	char text[4 * SOURCE_TEXT_MAX];

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: vmtrace version\n\n"
		       "Show the versions of this tool and of the loaded module.\n\noptions:\n"
		       "  --help    show this text\n");
		return EXIT_DONE;
	}
	if (argc > 1)
		return usage_error("version", "version: %s: unexpected argument", argv[1]);
	print_tool_version();
	if (source_summary(&stats, &error) != 0) {
		message("%s", error.text);
		return EXIT_FAILED;
	}
	snprintf(text, sizeof(text), "module %s, hook %s (%s)", stats.version, stats.hook,
		 stats.hook_reason);
	print_paragraph(0, text);
	return EXIT_DONE;
}
