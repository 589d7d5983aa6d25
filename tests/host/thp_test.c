// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sources/thp.h"
#include "unit.h"

static char dir[256];

static void put(const char *file, const char *text)
{
	char path[512];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (strchr(file, '/')) {
		*strrchr(path, '/') = '\0';
		mkdir(path, 0755);
		path[strlen(path)] = '/';
	}
	stream = fopen(path, "w");
	CHECK(stream != NULL);
	if (stream) {
		fputs(text, stream);
		fclose(stream);
	}
}

static void start(void)
{
	snprintf(dir, sizeof(dir), "%s/thp.XXXXXX", getenv("TEST_TMP"));
	CHECK(mkdtemp(dir) != NULL);
}

static void no_thp_no_orders(void)
{
	start();
	CHECK_EQUAL(thp_orders(dir, 4096), 0);
}

static void one_size_by_the_global_mode(void)
{
	start();
	put("hpage_pmd_size", "2097152\n");
	put("enabled", "always [madvise] never\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 1 << 9);
	put("enabled", "[always] madvise never\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 1 << 9);
	put("enabled", "always madvise [never]\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 0);
	put("enabled", "[always] madvise never\n");
	put("hpage_pmd_size", "536870912\n");
	CHECK_EQUAL(thp_orders(dir, 65536), 1 << 13);
	put("hpage_pmd_size", "nonsense\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 0);
}

static void each_size_by_its_own_mode(void)
{
	start();
	put("hpage_pmd_size", "2097152\n");
	put("enabled", "always [madvise] never\n");
	put("hugepages-2048kB/enabled", "always [inherit] madvise never\n");
	put("hugepages-64kB/enabled", "[always] inherit madvise never\n");
	put("hugepages-32kB/enabled", "always inherit madvise [never]\n");
	put("hugepages-8kB/shmem_enabled", "[always]\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 1 << 9 | 1 << 4);
	put("enabled", "always madvise [never]\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 1 << 4);
	put("hugepages-64kB/enabled", "always inherit madvise [never]\n");
	CHECK_EQUAL(thp_orders(dir, 4096), 0);
}

int main(void)
{
	RUN(no_thp_no_orders);
	RUN(one_size_by_the_global_mode);
	RUN(each_size_by_its_own_mode);
	return 0;
}
