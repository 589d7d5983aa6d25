// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "thp.h"
#include "util.h"

/* The text of dir/name/file (name may be empty), "" if it cannot be read. */
static void read_text(const char *dir, const char *name, const char *file, char *text, size_t size)
{
	char path[PATH_MAX];
	FILE *stream = NULL;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file) < (int)sizeof(path))
		stream = fopen(path, "re");
	if (!stream)
		return;
	if (!fgets(text, (int)size, stream))
		text[0] = '\0';
	fclose(stream);
	text[strcspn(text, "\n")] = '\0';
}

/* Memory with MADV_HUGEPAGE gets huge pages in the modes "always" and "madvise". */
static bool is_on(const char *text)
{
	return strstr(text, "[always]") || strstr(text, "[madvise]");
}

static unsigned long order_bit(unsigned long long bytes, size_t page_size)
{
	for (int order = 1; order < 8 * (int)sizeof(unsigned long); order++)
		if (bytes >> order == page_size && bytes == (unsigned long long)page_size << order)
			return 1UL << order;
	return 0;
}

/*
 * Since 6.8 there is a directory hugepages-<size>kB for each size, whose
 * "enabled" may defer to the global one; before, the global one rules the one size.
 */
unsigned long thp_orders(const char *dir, size_t page_size)
{
	unsigned long orders = 0;
	bool sizes_listed = false;
	unsigned long long bytes;
	struct dirent *entry;
	char text[128];
	bool global;
	DIR *sizes;

	read_text(dir, "", "enabled", text, sizeof(text));
	global = is_on(text);
	sizes = opendir(dir);
	while (sizes && (entry = readdir(sizes))) {
		unsigned long kilobytes;
		char rest;

		if (sscanf(entry->d_name, "hugepages-%lukB%c", &kilobytes, &rest) != 1)
			continue;
		sizes_listed = true;
		read_text(dir, entry->d_name, "enabled", text, sizeof(text));
		if (is_on(text) || (global && strstr(text, "[inherit]")))
			orders |= order_bit(1024ULL * kilobytes, page_size);
	}
	if (sizes)
		closedir(sizes);
	if (sizes_listed)
		return orders;
	read_text(dir, "", "hpage_pmd_size", text, sizeof(text));
	if (global && parse_number(text, ULLONG_MAX, &bytes) == 0)
		orders = order_bit(bytes, page_size);
	return orders;
}
