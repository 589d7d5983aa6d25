// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"

#define DROP_SECONDS 10 /* until a file that is not dropped is given up */
#define READ_SECONDS 20 /* likewise one that is read ahead */

const struct walk_stats *memory_walk(int pid, const void *address)
{
	static struct walk_stats walk;
	struct source_error error = { "" };

	if (source_walk(pid ? pid : getpid(), (uintptr_t)address, &walk, &error) != 0)
		return NULL;
	/* Without CAP_SYS_ADMIN the module prints zeros. */
	return walk.level[WALK_LEVELS - 1].kind == VMTRACE_WALK_KIND_TABLE &&
			       walk.level[WALK_LEVELS - 1].entry == 0 ?
		       NULL :
		       &walk;
}

bool memory_entries_visible(void)
{
	const char here = 0;

	return memory_walk(0, &here) != NULL;
}

static const char *entry_text(char text[LAB_WORDS], const struct walk_stats *walk)
{
	const struct walk_level *end = walk_end(walk);
	const char *kind = walk_kinds[end->kind];

	if (end->kind != VMTRACE_WALK_KIND_PRESENT && end->kind != VMTRACE_WALK_KIND_HUGE)
		return kind;
	if (end->kind == VMTRACE_WALK_KIND_HUGE)
		kind = "huge page";
	if (walk->page_kind == VMTRACE_WALK_PAGE_ZERO)
		kind = "zero page";
	snprintf(text, LAB_WORDS, "%s, %s", kind,
		 end->flags & 1U << VMTRACE_WALK_FLAG_WRITE ? "writable" : "read-only");
	return text;
}

void memory_entry(struct lab *lab, const char *name, int pid, const void *address,
		  const char *predicted)
{
	const struct walk_stats *walk = memory_walk(pid, address);
	char text[LAB_WORDS];

	if (walk)
		lab_fact(lab, name, predicted, entry_text(text, walk));
	else
		lab_note(lab, name, "not shown: that takes root, and debugfs");
}

unsigned long long memory_frame(int pid, const void *address)
{
	const struct walk_stats *walk = memory_walk(pid, address);

	return walk && walk_end(walk)->pfn > 0 ? (unsigned long long)walk_end(walk)->pfn : 0;
}

void memory_frame_is(struct lab *lab, const char *name, int pid, const void *address,
		     unsigned long long frame, bool predicted)
{
	static const char *const words[] = { "another one", "the same" };
	unsigned long long is = memory_frame(pid, address);

	if (is && frame)
		lab_fact(lab, name, words[predicted], words[is == frame]);
	else
		lab_note(lab, name, "not shown: that takes root, and debugfs");
}

/* Does it take a fault to touch a page that was written, and for which that was advised? */
static bool advised_faults(struct lab *lab, int advice,
			   void (*touch)(char *block, size_t pages, size_t stride))
{
	char *page = lab_block(lab, 1, 0);
	long long faults;

	if (!page)
		return false;
	lab_write(page, 1, lab->page_size);
	if (madvise(page, lab->page_size, advice) != 0)
		return false;
	faults = lab_faults();
	touch(page, 1, lab->page_size);
	return lab_faults() != faults;
}

static void just_read(char *block, size_t pages, size_t stride)
{
	lab_read(block, pages, stride);
}

bool memory_access_faults(struct lab *lab)
{
	/* The entry becomes old, but stays (madvise_cold_or_pageout_pte_range(), mm/madvise.c). */
	return advised_faults(lab, MADV_COLD, just_read);
}

bool memory_dirty_faults(struct lab *lab)
{
	/* It becomes clean, but stays writable (madvise_free_pte_range(), mm/madvise.c). */
	return advised_faults(lab, MADV_FREE, lab_write);
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

/* The number of kB behind "key:" in a line. */
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

size_t memory_windows(const void *block, size_t pages)
{
	const size_t page = sysconf(_SC_PAGESIZE), in_table = page / sizeof(uint64_t);
	long long bytes = memory_setting("/sys/kernel/debug/fault_around_bytes");
	size_t around, faults = 0, next = 0;

	/* Only root may read it; this is what every kernel begins with. */
	if (bytes <= 0)
		bytes = 65536;
	around = (size_t)bytes > page ? (size_t)bytes / page : 1;
	while (next < pages) {
		size_t index = ((uintptr_t)block / page + next) % in_table; /* in its page table */
		size_t before = index % around;
		size_t from = index - (before < next ? before : next), end = from + around;

		/* Not aligned if the mapping began in between: it is no shorter for that. */
		if (end > in_table)
			end = in_table;
		next += end - index;
		faults++;
	}
	return faults;
}

/* Page by page, for a larger write may bring larger folios, and random: nothing to compress. */
static int fill(int fd, size_t pages)
{
	size_t bytes = sysconf(_SC_PAGESIZE);
	char *page = malloc(bytes);
	int err = page ? 0 : ENOMEM;

	for (size_t i = 0; !err && i < pages; i++) {
		if (getrandom(page, bytes, 0) < 0)
			err = errno;
		page[0] = 0;
		if (!err && pwrite(fd, page, bytes, (off_t)(i * bytes)) != (ssize_t)bytes)
			err = ENOSPC;
	}
	free(page);
	if (!err && fsync(fd) != 0)
		err = errno;
	return err;
}

int memory_disk_file(struct lab *lab, size_t pages)
{
	const char *dir = getenv("TMPDIR");
	struct statfs fs;
	char path[PATH_MAX];
	int fd, err;

	if (!dir || !dir[0])
		dir = "/var/tmp";
	snprintf(path, sizeof(path), "%s/vmtrace-lab-XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0) {
		lab_skip(lab, "no file can be made in %s (%s): set TMPDIR to a directory on a disk",
			 dir, strerror(errno));
		return -1;
	}
	unlink(path);
	if (fstatfs(fd, &fs) != 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ||
	    fs.f_type == OVERLAYFS_SUPER_MAGIC) {
		lab_skip(lab,
			 "%s is in memory, or on an overlay: set TMPDIR to a directory on a disk",
			 dir);
		close(fd);
		return -1;
	}
	err = fill(fd, pages);
	if (err) {
		lab_skip(
			lab,
			"%s cannot be filled in %s (%s): set TMPDIR to a directory on another disk",
			lab_count_of(pages, "page", "pages"), dir, strerror(err));
		close(fd);
		return -1;
	}
	return fd;
}

char *memory_map_file(struct lab *lab, int fd, size_t pages, int protection, int flags)
{
	size_t bytes = pages * lab->page_size;
	char *file = mmap(NULL, bytes, protection, flags, fd, 0);

	if (file == MAP_FAILED)
		return NULL;
	lab_own(lab, file, bytes);
	return file;
}

long long memory_read_around(int fd)
{
	static const char *const places[] = { "queue", "../queue" }; /* of a disk, a partition */
	long long kilobytes = -1;
	struct stat st;
	char path[96];

	if (fstat(fd, &st) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(places) && kilobytes < 0; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s/read_ahead_kb",
			 major(st.st_dev), minor(st.st_dev), places[i]);
		kilobytes = memory_setting(path);
	}
	return kilobytes < 0 ? -1 : kilobytes * 1024;
}

long long memory_cached(const void *file, size_t pages)
{
	unsigned char *present = malloc(pages);
	long long count = 0;

	if (!present || mincore((void *)file, pages * sysconf(_SC_PAGESIZE), present) != 0)
		count = -1;
	for (size_t i = 0; count >= 0 && i < pages; i++)
		count += present[i] & 1;
	free(present);
	return count;
}

void memory_await_unlocked(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

long long memory_await_cached(const void *file, size_t pages)
{
	time_t end = time(NULL) + READ_SECONDS;

	while (memory_cached(file, pages) != (long long)pages && time(NULL) < end)
		usleep(1000);
	memory_await_unlocked();
	return memory_cached(file, pages);
}

bool memory_drop_file(int fd, const void *file, size_t pages)
{
	time_t end = time(NULL) + DROP_SECONDS;

	do {
		if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
			return false;
		if (memory_cached(file, pages) == 0)
			return true;
	} while (time(NULL) < end);
	return false;
}

static sigjmp_buf back;
static volatile int signal_number, signal_code;

static void go_back(int number, siginfo_t *info, void *context)
{
	(void)context;
	signal_number = number;
	signal_code = info->si_code;
	siglongjmp(back, 1);
}

static const char *signal_text(void)
{
	if (signal_number == SIGSEGV)
		return signal_code == SEGV_MAPERR ? "SIGSEGV (SEGV_MAPERR)" :
		       signal_code == SEGV_ACCERR ? "SIGSEGV (SEGV_ACCERR)" :
						    "SIGSEGV of another kind";
	return signal_code == BUS_ADRERR ? "SIGBUS (BUS_ADRERR)" : "SIGBUS of another kind";
}

static const char *try_access(volatile char *address, bool write)
{
	const struct sigaction action = { .sa_sigaction = go_back, .sa_flags = SA_SIGINFO };
	const char *text = "no signal";
	struct sigaction segv, bus;

	sigaction(SIGSEGV, &action, &segv);
	sigaction(SIGBUS, &action, &bus);
	if (sigsetjmp(back, 1) == 0) {
		char value = *address;

		if (write)
			*address = value;
	} else {
		text = signal_text();
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return text;
}

const char *memory_try_read(char *address)
{
	return try_access(address, false);
}

const char *memory_try_write(char *address)
{
	return try_access(address, true);
}
