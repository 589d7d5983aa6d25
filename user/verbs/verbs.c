// SPDX-License-Identifier: GPL-2.0
#include "lib/array.h"
#include "lib/message.h"
#include "lib/options.h"
#include "verbs/verbs.h"

const struct verb verbs[] = {
	{ "show", verb_show, "show the page faults of one process, beside the kernel's count" },
	{ "stat", verb_stat, "count the page faults of a command, or of running processes" },
	{ "trace", verb_trace, "show page faults as they happen, one per line" },
	{ "maps", verb_maps, "show how much each mapping reserves, and how much has a page" },
	{ "walk", verb_walk, "walk the page tables to an address, and predict the next access" },
	{ "lab", verb_lab, "run a measured experiment that explains itself" },
	{ "doctor", verb_doctor,
	  "check whether vmtrace works on this machine, and counts exactly" },
	{ "help", verb_help, "show this list, or the help of one verb" },
	{ "version", verb_version, "show the versions of this tool and of the loaded module" },
};

const size_t verbs_count = ARRAY_SIZE(verbs);

const struct verb *verb_find(const char *word)
{
	int i = find_word(word, verbs, verbs_count, sizeof(verbs[0]));

	if (i == WORD_UNKNOWN)
		usage_error("", "%s: unknown verb", word);
	else if (i == WORD_AMBIGUOUS)
		usage_error("", "%s: ambiguous: more than one verb begins with this", word);
	return i < 0 ? NULL : &verbs[i];
}
