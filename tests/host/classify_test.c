// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/classify.h"
#include "core/format.h"
#include "core/record.h"
#include "lib/array.h"
#include "sources/names.h"
#include "unit.h"

/* Entries. */
#define NONE                                           \
	{                                              \
		.kind = VMTRACE_ENTRY_NONE, .level = 1 \
	}
#define NO_TABLE                                       \
	{                                              \
		.kind = VMTRACE_ENTRY_NONE, .level = 2 \
	}
#define SWAP                                           \
	{                                              \
		.kind = VMTRACE_ENTRY_SWAP, .level = 1 \
	}
#define MIGRATION                                           \
	{                                                   \
		.kind = VMTRACE_ENTRY_MIGRATION, .level = 1 \
	}
#define DEVICE                                           \
	{                                                \
		.kind = VMTRACE_ENTRY_DEVICE, .level = 1 \
	}
#define POISON                                             \
	{                                                  \
		.kind = VMTRACE_ENTRY_HWPOISON, .level = 1 \
	}
#define MARKER                                            \
	{                                                 \
		.kind = VMTRACE_ENTRY_UFFD_WP, .level = 1 \
	}
#define GUARD                                           \
	{                                               \
		.kind = VMTRACE_ENTRY_GUARD, .level = 1 \
	}
#define UNKNOWN                                           \
	{                                                 \
		.kind = VMTRACE_ENTRY_UNKNOWN, .level = 1 \
	}
#define NEW_KIND                                              \
	{                                                     \
		.kind = VMTRACE_ENTRY_UNKNOWN + 1, .level = 1 \
	}
#define PAGE(n, b)                                                                 \
	{                                                                          \
		.kind = VMTRACE_ENTRY_PRESENT, .level = 1, .pfn = (n), .bits = (b) \
	}
#define HUGE(n, b)                                                                 \
	{                                                                          \
		.kind = VMTRACE_ENTRY_PRESENT, .level = 2, .pfn = (n), .bits = (b) \
	}
/* What is not present has no page frame, whatever is in that field. */
#define NONE_OF(n)                                                 \
	{                                                          \
		.kind = VMTRACE_ENTRY_NONE, .level = 1, .pfn = (n) \
	}

/* Short for VMTRACE_ENTRY_*. */
#define WRITE	 VMTRACE_ENTRY_WRITE
#define YOUNG	 VMTRACE_ENTRY_YOUNG
#define DIRTY	 VMTRACE_ENTRY_DIRTY
#define ZERO	 VMTRACE_ENTRY_ZERO
#define PROTNONE VMTRACE_ENTRY_PROTNONE
#define WP	 VMTRACE_ENTRY_WP
#define RW	 (WRITE | YOUNG | DIRTY)

/* Mappings. */
#define ANON	   (VMTRACE_VMA_ANON | VMTRACE_VMA_ACCESSIBLE)
#define PRIVATE	   VMTRACE_VMA_ACCESSIBLE
#define SHARED	   (VMTRACE_VMA_SHARED | VMTRACE_VMA_ACCESSIBLE)
#define SHMEM	   (VMTRACE_VMA_SHMEM | SHARED)
#define SHMEM_PRIV (VMTRACE_VMA_SHMEM | VMTRACE_VMA_ACCESSIBLE)
#define HUGETLB	   (VMTRACE_VMA_HUGETLB | VMTRACE_VMA_ACCESSIBLE)
#define SPECIAL	   (VMTRACE_VMA_SPECIAL | VMTRACE_VMA_ACCESSIBLE)
#define UFFD	   VMTRACE_VMA_UFFD
#define RWP	   (UFFD | VMTRACE_VMA_UFFD_RWP)
#define NO_ACCESS  VMTRACE_VMA_ANON

/* How it ended. */
#define MAJOR	 VMTRACE_RESULT_MAJOR
#define RETRIED	 VMTRACE_RESULT_RETRIED
#define OOM	 VMTRACE_RESULT_OOM
#define SIGBUS_	 VMTRACE_RESULT_SIGBUS
#define SIGSEGV_ VMTRACE_RESULT_SIGSEGV
#define LOST	 VMTRACE_RESULT_HWPOISON

/* Where again is NONE, it is not looked at, or the same as before. */
/* cppcheck-suppress-begin unusedStructMember */
static const struct fault {
	const char *what;
	enum vmtrace_class class;
	unsigned int vma;
	bool write;
	unsigned int result;
	struct vmtrace_entry before, after, again;
} faults[] = {
	/* Failed: whatever else is known. */
	{ "oom", VMTRACE_CLASS_OOM, ANON, true, OOM, NONE, NONE, NONE },
	{ "oom first", VMTRACE_CLASS_OOM, ANON, true, OOM | LOST | SIGBUS_ | SIGSEGV_, NONE, NONE,
	  NONE },
	{ "lost page", VMTRACE_CLASS_HWPOISON, ANON, false, LOST, POISON, POISON, NONE },
	{ "lost page of a file", VMTRACE_CLASS_HWPOISON, SHARED, false, LOST, NONE, NONE, NONE },
	{ "lost page, SIGBUS", VMTRACE_CLASS_HWPOISON, ANON, false, LOST | SIGBUS_ | SIGSEGV_, NONE,
	  NONE, NONE },
	{ "beyond the end", VMTRACE_CLASS_SIGBUS, SHARED, false, SIGBUS_, NONE, NONE, NONE },
	{ "SIGBUS first", VMTRACE_CLASS_SIGBUS, SHARED, false, SIGBUS_ | SIGSEGV_, NONE, NONE,
	  NONE },
	{ "failed after I/O", VMTRACE_CLASS_SIGBUS, SHARED, false, SIGBUS_ | MAJOR, NONE, NONE,
	  NONE },
	{ "SIGSEGV", VMTRACE_CLASS_SIGSEGV, ANON, true, SIGSEGV_, NONE, NONE, NONE },
	{ "guard page", VMTRACE_CLASS_SIGSEGV, ANON, true, SIGSEGV_, GUARD, GUARD, NONE },
	{ "hugetlb without pages", VMTRACE_CLASS_SIGBUS, HUGETLB, true, SIGBUS_, NO_TABLE, NO_TABLE,
	  NONE },
	{ "userfaultfd that gave a SIGBUS", VMTRACE_CLASS_SIGBUS, ANON | UFFD, true,
	  SIGBUS_ | RETRIED, NONE, NONE, PAGE(1, RW) },

	/* Served by a userfaultfd, */
	{ "missing", VMTRACE_CLASS_USERFAULT, ANON | UFFD, true, RETRIED, NONE, PAGE(1, RW),
	  PAGE(1, RW) },
	{ "protected", VMTRACE_CLASS_USERFAULT, ANON | UFFD, true, RETRIED, PAGE(1, YOUNG | WP),
	  PAGE(1, RW), PAGE(1, YOUNG) },
	{ "in hugetlb", VMTRACE_CLASS_USERFAULT, HUGETLB | UFFD, true, RETRIED, NO_TABLE,
	  HUGE(512, RW), HUGE(512, RW) },
	{ "in shmem", VMTRACE_CLASS_USERFAULT, SHMEM | UFFD, true, RETRIED | MAJOR, NONE,
	  PAGE(1, RW), PAGE(1, RW) },
	/* and not, although it could have been. */
	{ "no userfaultfd", VMTRACE_CLASS_ANON, ANON, true, RETRIED, NONE, PAGE(1, RW),
	  PAGE(1, RW) },
	{ "no retry", VMTRACE_CLASS_SHMEM, SHMEM | UFFD, true, MAJOR, NONE, PAGE(1, RW),
	  PAGE(1, RW) },
	{ "retried and still missing", VMTRACE_CLASS_ANON, ANON | UFFD, true, RETRIED, NONE,
	  PAGE(1, RW), NONE },
	{ "still protected", VMTRACE_CLASS_COW_REUSE, ANON | UFFD, true, RETRIED,
	  PAGE(1, YOUNG | WP), PAGE(1, RW), PAGE(1, YOUNG | WP) },
	{ "never protected", VMTRACE_CLASS_COW_REUSE, ANON | UFFD, true, RETRIED, PAGE(1, YOUNG),
	  PAGE(1, RW), PAGE(1, YOUNG) },
	{ "no retry, was protected", VMTRACE_CLASS_COW_REUSE, ANON | UFFD, true, 0,
	  PAGE(1, YOUNG | WP), PAGE(1, RW), PAGE(1, YOUNG) },

	/* Protected by a userfaultfd against every access, */
	{ "protected, read", VMTRACE_CLASS_USERFAULT, ANON | RWP, false, RETRIED,
	  PAGE(1, YOUNG | PROTNONE | WP), PAGE(1, RW), PAGE(1, RW) },
	{ "protected, write", VMTRACE_CLASS_USERFAULT, ANON | RWP, true, RETRIED,
	  PAGE(1, PROTNONE | WP), PAGE(2, RW), PAGE(1, YOUNG) },
	{ "protected, asynchronous", VMTRACE_CLASS_USERFAULT, ANON | RWP, false, 0,
	  PAGE(1, PROTNONE | WP), PAGE(1, YOUNG), NONE },
	{ "protected, asynchronous in the end", VMTRACE_CLASS_USERFAULT, ANON | RWP, true, RETRIED,
	  PAGE(1, PROTNONE | WP), PAGE(1, RW), PAGE(1, PROTNONE | WP) },
	{ "protected, huge", VMTRACE_CLASS_USERFAULT, ANON | RWP, true, 0, HUGE(512, PROTNONE | WP),
	  HUGE(512, RW), NONE },
	{ "protected, shmem", VMTRACE_CLASS_USERFAULT, SHMEM | RWP, true, 0,
	  PAGE(1, YOUNG | DIRTY | PROTNONE | WP), PAGE(1, RW), NONE },
	{ "protected, hugetlb", VMTRACE_CLASS_USERFAULT, HUGETLB | RWP, false, 0,
	  HUGE(512, PROTNONE | WP), HUGE(512, YOUNG), NONE },
	/* and not, although it could have been. */
	{ "protected no more", VMTRACE_CLASS_COW_REUSE, ANON | RWP, true, 0, PAGE(1, YOUNG),
	  PAGE(1, RW), NONE },
	{ "not there, to be protected", VMTRACE_CLASS_ANON, ANON | RWP, true, 0, NONE, PAGE(1, RW),
	  NONE },
	{ "NUMA hint, not protected", VMTRACE_CLASS_NUMA, ANON | RWP, false, 0, PAGE(1, PROTNONE),
	  PAGE(1, YOUNG), NONE },
	{ "NUMA hint, protected against writing", VMTRACE_CLASS_NUMA, ANON | UFFD, false, 0,
	  PAGE(1, PROTNONE | WP), PAGE(1, YOUNG | WP), NONE },
	{ "hugetlb, protected no more", VMTRACE_CLASS_HUGETLB, HUGETLB | RWP, true, 0,
	  HUGE(512, YOUNG), HUGE(512, RW), NONE },
	{ "PROT_NONE and protected, written by a debugger", VMTRACE_CLASS_COW_COPY, NO_ACCESS | RWP,
	  true, 0, PAGE(1, PROTNONE | WP), PAGE(2, PROTNONE | DIRTY), NONE },

	/* hugetlb and memory without struct page. */
	{ "hugetlb", VMTRACE_CLASS_HUGETLB, HUGETLB, true, 0, NO_TABLE, HUGE(512, RW), NONE },
	{ "hugetlb, shared", VMTRACE_CLASS_HUGETLB, HUGETLB | VMTRACE_VMA_SHARED, false, 0,
	  NO_TABLE, HUGE(512, YOUNG), NONE },
	{ "hugetlb, copied", VMTRACE_CLASS_HUGETLB, HUGETLB, true, 0, HUGE(512, YOUNG),
	  HUGE(1024, RW), NONE },
	{ "page frames", VMTRACE_CLASS_SPECIAL, SPECIAL | SHARED, false, 0, NONE, PAGE(1, YOUNG),
	  NONE },
	{ "DAX, huge", VMTRACE_CLASS_SPECIAL, SPECIAL | SHARED, true, 0, NO_TABLE, HUGE(512, RW),
	  NONE },
	{ "DAX, private", VMTRACE_CLASS_SPECIAL, SPECIAL, true, 0, NONE, PAGE(1, RW), NONE },
	{ "DAX, there and private", VMTRACE_CLASS_COW_COPY, SPECIAL, true, 0, PAGE(1, YOUNG),
	  PAGE(2, RW), NONE },
	{ "DAX, there and shared", VMTRACE_CLASS_MKWRITE, SPECIAL | SHARED, true, 0, PAGE(1, YOUNG),
	  PAGE(1, RW), NONE },
	{ "page frames, there", VMTRACE_CLASS_SPURIOUS, SPECIAL | SHARED, false, 0, PAGE(1, 0),
	  PAGE(1, YOUNG), NONE },
	{ "memory of a device", VMTRACE_CLASS_SPECIAL, ANON, false, 0, DEVICE, PAGE(1, YOUNG),
	  NONE },

	/* First touch of anonymous memory. */
	{ "write", VMTRACE_CLASS_ANON, ANON, true, 0, NONE, PAGE(1, RW), NONE },
	{ "write, no table yet", VMTRACE_CLASS_ANON, ANON, true, 0, NO_TABLE, PAGE(1, RW), NONE },
	{ "write, page gone again", VMTRACE_CLASS_ANON, ANON, true, 0, NONE, NONE, NONE },
	{ "write, after is unknown", VMTRACE_CLASS_ANON, ANON, true, 0, NONE, UNKNOWN, NONE },
	{ "write, place of the zero page", VMTRACE_CLASS_ANON, ANON, true, 0, NONE,
	  PAGE(1, YOUNG | ZERO), NONE },
	{ "write, place protected", VMTRACE_CLASS_ANON, ANON | UFFD, true, 0, MARKER, PAGE(1, RW),
	  NONE },
	{ "read", VMTRACE_CLASS_ZERO, ANON, false, 0, NONE, PAGE(7, YOUNG | ZERO), NONE },
	{ "read, page gone again", VMTRACE_CLASS_ZERO, ANON, false, 0, NONE, NONE, NONE },
	{ "read, after is unknown", VMTRACE_CLASS_ZERO, ANON, false, 0, NONE, UNKNOWN, NONE },
	{ "read of a page of its own", VMTRACE_CLASS_ANON, ANON, false, 0, NONE, PAGE(1, YOUNG),
	  NONE },
	{ "huge, write", VMTRACE_CLASS_THP, ANON, true, 0, NO_TABLE, HUGE(512, RW), NONE },
	{ "huge, read", VMTRACE_CLASS_THP, ANON, false, 0, NO_TABLE, HUGE(512, YOUNG), NONE },
	{ "huge and no more", VMTRACE_CLASS_ANON, ANON, true, 0, NO_TABLE, NO_TABLE, NONE },

	/* First touch of file pages. */
	{ "in the cache", VMTRACE_CLASS_FILE_HIT, PRIVATE, false, 0, NONE, PAGE(1, YOUNG), NONE },
	{ "in the cache, shared", VMTRACE_CLASS_FILE_HIT, SHARED, false, 0, NONE, PAGE(1, YOUNG),
	  NONE },
	{ "in the cache, shared, write", VMTRACE_CLASS_FILE_HIT, SHARED, true, 0, NONE, PAGE(1, RW),
	  NONE },
	{ "in the cache, retried", VMTRACE_CLASS_FILE_HIT, SHARED, false, RETRIED, NONE,
	  PAGE(1, YOUNG), NONE },
	{ "read from disk", VMTRACE_CLASS_FILE_MISS, PRIVATE, false, MAJOR | RETRIED, NONE,
	  PAGE(1, YOUNG), NONE },
	{ "read from disk, shared, write", VMTRACE_CLASS_FILE_MISS, SHARED, true, MAJOR, NONE,
	  PAGE(1, RW), NONE },
	{ "copied", VMTRACE_CLASS_FILE_COW, PRIVATE, true, 0, NONE, PAGE(1, RW), NONE },
	{ "read from disk and copied", VMTRACE_CLASS_FILE_COW, PRIVATE, true, MAJOR, NONE,
	  PAGE(1, RW), NONE },
	{ "huge", VMTRACE_CLASS_THP, PRIVATE, false, 0, NO_TABLE, HUGE(512, YOUNG), NONE },
	{ "shmem", VMTRACE_CLASS_SHMEM, SHMEM, true, 0, NONE, PAGE(1, RW), NONE },
	{ "shmem, read", VMTRACE_CLASS_SHMEM, SHMEM, false, 0, NONE, PAGE(1, YOUNG), NONE },
	{ "shmem, from swap", VMTRACE_CLASS_SHMEM, SHMEM, false, MAJOR, NONE, PAGE(1, YOUNG),
	  NONE },
	{ "shmem, private, read", VMTRACE_CLASS_SHMEM, SHMEM_PRIV, false, 0, NONE, PAGE(1, YOUNG),
	  NONE },
	{ "shmem, private, write", VMTRACE_CLASS_FILE_COW, SHMEM_PRIV, true, 0, NONE, PAGE(1, RW),
	  NONE },
	{ "shmem, huge", VMTRACE_CLASS_THP, SHMEM, true, 0, NO_TABLE, HUGE(512, RW), NONE },

	/* Not there, but somewhere. */
	{ "swap cache", VMTRACE_CLASS_SWAP_CACHE, ANON, false, 0, SWAP, PAGE(1, YOUNG), NONE },
	{ "swap cache, retried", VMTRACE_CLASS_SWAP_CACHE, ANON, true, RETRIED, SWAP, PAGE(1, RW),
	  NONE },
	{ "swap", VMTRACE_CLASS_SWAP_READ, ANON, true, MAJOR, SWAP, PAGE(1, RW), NONE },
	{ "migration", VMTRACE_CLASS_MIGRATION, ANON, true, 0, MIGRATION, PAGE(1, RW), NONE },
	{ "migration of a file page", VMTRACE_CLASS_MIGRATION, SHARED, false, MAJOR, MIGRATION,
	  PAGE(1, YOUNG), NONE },
	/* Failures, had the entry not gone when the fault had begun. */
	{ "lost page, given back meanwhile", VMTRACE_CLASS_ANON, ANON, true, 0, POISON, PAGE(1, RW),
	  NONE },
	{ "guard page, removed meanwhile", VMTRACE_CLASS_ZERO, ANON, false, 0, GUARD,
	  PAGE(7, YOUNG | ZERO), NONE },

	/* There. */
	{ "NUMA hint", VMTRACE_CLASS_NUMA, ANON, false, 0, PAGE(1, PROTNONE), PAGE(1, YOUNG),
	  NONE },
	{ "NUMA hint, write", VMTRACE_CLASS_NUMA, ANON, true, 0, PAGE(1, PROTNONE), PAGE(2, RW),
	  NONE },
	{ "NUMA hint, huge", VMTRACE_CLASS_NUMA, SHARED, false, 0, HUGE(512, PROTNONE),
	  HUGE(512, YOUNG), NONE },
	{ "PROT_NONE, read by a debugger", VMTRACE_CLASS_SPURIOUS, NO_ACCESS, false, 0,
	  PAGE(1, PROTNONE), PAGE(1, PROTNONE), NONE },
	{ "PROT_NONE, written by a debugger", VMTRACE_CLASS_COW_COPY, NO_ACCESS, true, 0,
	  PAGE(1, PROTNONE), PAGE(2, PROTNONE | DIRTY), NONE },
	{ "copied after fork", VMTRACE_CLASS_COW_COPY, ANON, true, 0, PAGE(1, YOUNG), PAGE(2, RW),
	  NONE },
	{ "copied, page gone again", VMTRACE_CLASS_COW_COPY, ANON, true, 0, PAGE(1, YOUNG),
	  NONE_OF(1), NONE },
	{ "copied from the zero page", VMTRACE_CLASS_COW_COPY, ANON, true, 0, PAGE(7, YOUNG | ZERO),
	  PAGE(2, RW), NONE },
	{ "copied file page", VMTRACE_CLASS_COW_COPY, PRIVATE, true, 0, PAGE(1, YOUNG), PAGE(2, RW),
	  NONE },
	{ "huge, split and copied", VMTRACE_CLASS_COW_COPY, ANON, true, 0, HUGE(512, YOUNG),
	  PAGE(2, RW), NONE },
	{ "reused", VMTRACE_CLASS_COW_REUSE, ANON, true, 0, PAGE(1, YOUNG), PAGE(1, RW), NONE },
	{ "huge, reused", VMTRACE_CLASS_COW_REUSE, ANON, true, 0, HUGE(512, YOUNG), HUGE(512, RW),
	  NONE },
	{ "page_mkwrite", VMTRACE_CLASS_MKWRITE, SHARED, true, 0, PAGE(1, YOUNG), PAGE(1, RW),
	  NONE },
	{ "page_mkwrite, other page", VMTRACE_CLASS_MKWRITE, SHARED, true, 0, PAGE(1, YOUNG),
	  PAGE(2, RW), NONE },
	{ "another thread was faster", VMTRACE_CLASS_SPURIOUS, ANON, true, 0, PAGE(1, RW),
	  PAGE(1, RW), NONE },
	{ "dirty bit", VMTRACE_CLASS_SPURIOUS, ANON, true, 0, PAGE(1, WRITE), PAGE(1, RW), NONE },
	{ "young bit", VMTRACE_CLASS_SPURIOUS, SHARED, false, 0, PAGE(1, 0), PAGE(1, YOUNG), NONE },

	/* Nothing that is known. */
	{ "could not be read", VMTRACE_CLASS_OTHER, ANON, true, 0, UNKNOWN, PAGE(1, RW), NONE },
	{ "a later kind", VMTRACE_CLASS_OTHER, SHARED, false, MAJOR, NEW_KIND, PAGE(1, YOUNG),
	  NONE },
};
/* cppcheck-suppress-end unusedStructMember */

static enum vmtrace_class classify(const struct fault *fault)
{
	const struct vmtrace_class_input facts = {
		.vma = (__u8)fault->vma,
		.result = (__u8)fault->result,
		.write = fault->write,
		.before = fault->before,
		.again = fault->again,
		.after = fault->after,
	};

	return vmtrace_classify(&facts);
}

static void every_fault_has_its_class(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		enum vmtrace_class class = classify(&faults[i]);

		if (class != faults[i].class) {
			printf("# %s: %s, not %s\n", faults[i].what, class_names[class],
			       class_names[faults[i].class]);
			unit_failures++;
		}
	}
}

static void every_class_has_a_fault(void)
{
	bool seen[VMTRACE_CLASS_COUNT] = { false };

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		seen[faults[i].class] = true;
	for (size_t i = 0; i < VMTRACE_CLASS_COUNT; i++)
		if (!seen[i]) {
			printf("# no fault of class %s\n", class_names[i]);
			unit_failures++;
		}
}

/* The names end up in /proc, JSON and the manual, see format.h. */
static void names_are_words_of_their_own(void)
{
	for (size_t i = 0; i < VMTRACE_CLASS_COUNT; i++) {
		const char *name = class_names[i];

		CHECK(*name &&
		      strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name));
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(name, class_names[k]) != 0);
	}
}

static uint64_t pick(uint64_t limit)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

static struct vmtrace_entry any_entry(void)
{
	return (struct vmtrace_entry){
		.pfn = pick(3),
		.kind = (__u8)pick(VMTRACE_ENTRY_UNKNOWN + 2),
		.level = (__u8)(1 + pick(5)),
		.bits = (__u16)pick(0x40),
	};
}

/* On this the sums in /proc rest: minor + major, and failed. */
static void only_failures_are_of_the_failed_classes(void)
{
	for (int i = 0; i < 1000000; i++) {
		const struct vmtrace_class_input facts = {
			.vma = (__u8)pick(0x80),
			.result = (__u8)(pick(2) ? pick(0x40) : pick(4)),
			.write = pick(2),
			.before = any_entry(),
			.again = any_entry(),
			.after = any_entry(),
		};
		bool failed = facts.result & (OOM | SIGBUS_ | SIGSEGV_ | LOST);
		enum vmtrace_class class = vmtrace_classify(&facts);

		CHECK(class < VMTRACE_CLASS_COUNT);
		CHECK_EQUAL(class >= VMTRACE_CLASS_SIGSEGV, failed);
	}
}

int main(void)
{
	RUN(every_fault_has_its_class);
	RUN(every_class_has_a_fault);
	RUN(names_are_words_of_their_own);
	RUN(only_failures_are_of_the_failed_classes);
	return 0;
}
