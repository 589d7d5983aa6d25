// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labs/lib/cgroup.h"
#include "labs/lib/kernel_state.h"
#include "labs/lib/lab.h"
#include "labs/lib/steps.h"

/* The cgroup, and what cgroup_remove() has to undo. */
static struct {
	char path[PATH_MAX];
	char parent[PATH_MAX / 2];
	bool made;
	bool enabled; /* the lab has enabled the memory controller */
} group;

static bool set_in(const char *directory, const char *file, const char *text)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return memory_set(path, text);
}

static bool has_word(const char *directory, const char *file, const char *word)
{
	char path[PATH_MAX], line[512] = " ";
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	stream = fopen(path, "re");
	if (!stream)
		return false;
	if (!fgets(line, sizeof(line), stream))
		line[0] = '\0';
	fclose(stream);
	for (char *each = strtok(line, "\n "); each; each = strtok(NULL, "\n "))
		if (strcmp(each, word) == 0)
			return true;
	return false;
}

/* Find where cgroup v2 is mounted. */
static bool find_parent(void)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[PATH_MAX], where[PATH_MAX / 2], type[32];
	bool found = false;

	while (mounts && !found && fgets(line, sizeof(line), mounts))
		found = sscanf(line, "%*s %2047s %31s", where, type) == 2 &&
			strcmp(type, "cgroup2") == 0;
	if (mounts)
		fclose(mounts);
	if (found)
		snprintf(group.parent, sizeof(group.parent), "%s", where);
	return found;
}

int cgroup_make(struct lab *lab, long long bytes)
{
	char limit[32];

	if (!find_parent() || !has_word(group.parent, "cgroup.controllers", "memory"))
		return lab_skip(lab, "there is no cgroup v2 that limits memory: boot with "
				     "cgroup_enable=memory systemd.unified_cgroup_hierarchy=1");
	if (!has_word(group.parent, "cgroup.subtree_control", "memory"))
		group.enabled = set_in(group.parent, "cgroup.subtree_control", "+memory");
	snprintf(group.path, sizeof(group.path), "%s/vmtrace-lab-%d", group.parent, getpid());
	group.made = mkdir(group.path, 0755) == 0;
	snprintf(limit, sizeof(limit), "%lld", bytes);
	if (!group.made || !set_in(group.path, "memory.max", limit))
		return lab_skip(lab,
				"%s: no limit can be set below it: run this outside of a container",
				group.parent);
	return 0;
}

int cgroup_enter(void)
{
	return set_in(group.path, "cgroup.procs", "0") ? 0 : -errno;
}

void cgroup_remove(void)
{
	/* A process that has just exited may still be in it. */
	for (int tries = 0; group.made && tries < 100 && rmdir(group.path) != 0; tries++)
		usleep(10000);
	if (group.enabled)
		set_in(group.parent, "cgroup.subtree_control", "-memory");
}
