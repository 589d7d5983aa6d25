// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "labs/lib/kernel_state.h"

/* Parse a line "key: NUMBER kB". */
static bool read_kilobytes(const char *line, const char *key, long long *bytes)
{
	size_t length = strlen(key);

	if (strncmp(line, key, length) != 0 || line[length] != ':')
		return false;
	*bytes = 1024 * strtoll(line + length + 1, NULL, 10);
	return true;
}

long long memory_of_mapping(int pid, const void *address, const char *key)
{
	unsigned long start, end;
	bool inside = false;
	long long bytes = -1;
	char path[32], *line = NULL;
	size_t room = 0;
	FILE *smaps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid ? pid : getpid());
	smaps = fopen(path, "re");
	while (smaps && bytes < 0 && getline(&line, &room, smaps) > 0) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (uintptr_t)address >= start && (uintptr_t)address < end;
		else if (inside)
			read_kilobytes(line, key, &bytes);
	}
	free(line);
	if (smaps)
		fclose(smaps);
	return bytes;
}

static long long read_key(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	long long bytes = -1;
	char line[256];

	while (file && bytes < 0 && fgets(line, sizeof(line), file))
		read_kilobytes(line, key, &bytes);
	if (file)
		fclose(file);
	return bytes;
}

long long memory_of_process(const char *key)
{
	return read_key("/proc/self/status", key);
}

long long memory_of_machine(const char *key)
{
	return read_key("/proc/meminfo", key);
}

long long memory_setting(const char *path)
{
	FILE *file = fopen(path, "re");
	long long number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%lld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

bool memory_set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

long long memory_events(const char *key)
{
	FILE *vmstat = fopen("/proc/vmstat", "re");
	long long events = 0, number;
	char name[64];

	while (vmstat && fscanf(vmstat, "%63s %lld", name, &number) == 2)
		if (strcmp(name, key) == 0)
			events = number;
	if (vmstat)
		fclose(vmstat);
	return events;
}

long long memory_moved(void)
{
	return memory_events("pgmigrate_success") + memory_events("pgmigrate_fail");
}

bool memory_kernel_is(int major, int minor)
{
	struct utsname name;
	int is_major, is_minor;

	if (uname(&name) != 0 || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

bool memory_stay_on_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}
