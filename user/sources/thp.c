// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/number.h"
#include "sources/thp.h"

/* Read a mode: the selected word is in brackets, as in "always [madvise] never". */
static enum thp_mode read_mode(const char *path)
{
	char text[128];

	if (file_line(path, text, sizeof(text)) != 0)
		return THP_NEVER;
	return strstr(text, "[always]")	 ? THP_ALWAYS :
	       strstr(text, "[madvise]") ? THP_ADVISED :
	       strstr(text, "[inherit]") ? THP_INHERIT :
					   THP_NEVER;
}

enum thp_mode thp_enabled(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/enabled", dir);
	return read_mode(path);
}

static unsigned long order_bit(unsigned long long bytes, size_t page_size)
{
	for (int order = 1; order < 8 * (int)sizeof(unsigned long); order++)
		if (bytes >> order == page_size && bytes == (unsigned long long)page_size << order)
			return 1UL << order;
	return 0;
}

/*
 * The order bit of one size, for memory with MADV_HUGEPAGE; 0 if huge pages of that size are off.
 */
static unsigned long size_orders(const char *dir, const char *name, unsigned long kilobytes,
				 enum thp_mode global, size_t page_size)
{
	char path[PATH_MAX];
	enum thp_mode mode;

	if (snprintf(path, sizeof(path), "%s/%s/enabled", dir, name) >= (int)sizeof(path))
		return 0;
	mode = read_mode(path);
	if (mode == THP_INHERIT)
		mode = global;
	return mode == THP_NEVER ? 0 : order_bit(1024ULL * kilobytes, page_size);
}

/*
 * Since 6.8 there is a directory hugepages-<size>kB for each size, whose "enabled" may inherit the
 * global one. Older kernels have one size and only the global "enabled".
 */
unsigned long thp_orders(const char *dir, size_t page_size)
{
	enum thp_mode global = thp_enabled(dir);
	char path[PATH_MAX], text[32];
	unsigned long orders = 0;
	bool sizes_listed = false;
	unsigned long long bytes;
	struct dirent *entry;
	DIR *sizes;

	sizes = file_path(path, "%s", dir) == 0 ? opendir(path) : NULL;
	while (sizes && (entry = readdir(sizes))) {
		unsigned long kilobytes;
		char rest;

		if (sscanf(entry->d_name, "hugepages-%lukB%c", &kilobytes, &rest) != 1)
			continue;
		sizes_listed = true;
		orders |= size_orders(dir, entry->d_name, kilobytes, global, page_size);
	}
	if (sizes)
		closedir(sizes);
	if (sizes_listed || global == THP_NEVER)
		return orders;
	snprintf(path, sizeof(path), "%s/hpage_pmd_size", dir);
	if (file_line(path, text, sizeof(text)) == 0 && parse_number(text, ULLONG_MAX, &bytes) == 0)
		orders = order_bit(bytes, page_size);
	return orders;
}
