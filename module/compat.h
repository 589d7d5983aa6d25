/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only file that depends on the version of the kernel
 *
 * Every function has one signature on all kernels. Features are tested instead of versions, because
 * distributions backport changes; Kbuild tests those that the preprocessor cannot. Debian's 6.1,
 * 6.12, 7.2 and 7.3 are supported. "Delete with 6.1": once 6.1 is not supported any more.
 */
#ifndef VMTRACE_COMPAT_H
#define VMTRACE_COMPAT_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "core/classify.h"

#ifndef CONFIG_64BIT
#error "vmtrace: 32-bit kernels are not supported: counters are read without locks"
#endif
#ifdef CONFIG_PREEMPT_RT
#error "vmtrace: PREEMPT_RT is not supported: probe handlers take spinlocks and allocate"
#endif
#if defined(CONFIG_PREEMPTION) && !defined(CONFIG_TASKS_RCU)
#error "vmtrace: a preemptible kernel needs TASKS_RCU (FUNCTION_TRACER=y), or unloading is unsafe"
#endif

/*
 * vmtrace_dumpable(): may the owner of @task inspect it? Must be read after its credentials
 *	(task_still_dumpable(), kernel/ptrace.c).
 * vmtrace_dumpable_at_exit(): vmtrace_dumpable() for a task in or after exit_mm(). Takes no lock.
 * vmtrace_user_ns(): the user namespace in which a reader needs CAP_SYS_PTRACE to inspect @task if
 *	it is not dumpable. Takes a reference.
 *
 * 7.2 moved both from the mm to task->exec_state. Delete the #else part with 6.12. Kernels before
 * 6.1.192 and 6.12.95 lack VMTRACE_HAVE_USER_DUMPABLE: an exited task counts as not dumpable.
 */
#ifdef VMTRACE_HAVE_EXEC_STATE
#include <linux/sched/exec_state.h>

static inline bool vmtrace_dumpable_at_exit(struct task_struct *task)
{
	bool yes;

	rcu_read_lock();
	yes = READ_ONCE(rcu_dereference(task->exec_state)->dumpable) == TASK_DUMPABLE_OWNER;
	rcu_read_unlock();
	return yes;
}

static inline bool vmtrace_dumpable(struct task_struct *task)
{
	return vmtrace_dumpable_at_exit(task);
}

static inline struct user_namespace *vmtrace_user_ns(struct task_struct *task)
{
	struct user_namespace *ns;

	rcu_read_lock();
	ns = get_user_ns(rcu_dereference(task->exec_state)->user_ns);
	rcu_read_unlock();
	return ns;
}
#else
static inline bool vmtrace_dumpable_at_exit(struct task_struct *task)
{
#ifdef VMTRACE_HAVE_USER_DUMPABLE
	return task->user_dumpable;
#else
	return false;
#endif
}

static inline bool vmtrace_dumpable(struct task_struct *task)
{
	bool yes;

	task_lock(task);
	yes = task->mm ? get_dumpable(task->mm) == SUID_DUMP_USER : vmtrace_dumpable_at_exit(task);
	task_unlock(task);
	return yes;
}

static inline struct user_namespace *vmtrace_user_ns(struct task_struct *task)
{
	struct user_namespace *ns;

	task_lock(task);
	ns = get_user_ns(task->mm ? task->mm->user_ns : &init_user_ns);
	task_unlock(task);
	return ns;
}
#endif

/*
 * vmtrace_ftrace_argument(): argument @n of the traced function, in an ftrace callback. 6.2
 * introduced ftrace_regs_get_argument(). Delete the first part with 6.1.
 */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#include <linux/ftrace.h>
#if defined(CONFIG_X86_64) && !defined(ftrace_regs_get_argument)
#define vmtrace_ftrace_argument(fregs, n) regs_get_kernel_argument(&(fregs)->regs, n)
#else
#define vmtrace_ftrace_argument(fregs, n) ftrace_regs_get_argument(fregs, n)
#endif
#endif

/*
 * Read the clocksource of CLOCK_MONOTONIC. 7.2 added the clock as an argument. Delete the #else
 * part with 6.12.
 */
static inline u64 vmtrace_clocksource_cycles(void)
{
	struct system_time_snapshot snapshot;

#ifdef VMTRACE_HAVE_SNAPSHOT_ID
	ktime_get_snapshot_id(CLOCK_MONOTONIC, &snapshot);
#else
	ktime_get_snapshot(&snapshot);
#endif
	return snapshot.cycles;
}

/* 6.17 renamed system_unbound_wq, and 7.2 warns of work on the old one. Delete with 6.1. */
#ifndef VMTRACE_HAVE_DFL_WQ
#define system_dfl_wq system_unbound_wq
#endif

/* The arguments of sched_process_exit; 6.16 added the second one. Delete with 6.12. */
#ifdef VMTRACE_HAVE_EXIT_GROUP_DEAD
#define VMTRACE_EXIT_ARGUMENTS struct task_struct *task, bool group_dead
#else
#define VMTRACE_EXIT_ARGUMENTS struct task_struct *task
#endif

/* Since 6.4 a fault may be handled under the VMA lock, without the mmap lock. Delete with 6.1. */
#ifdef CONFIG_PER_VMA_LOCK
#define VMTRACE_FLAG_VMA_LOCK FAULT_FLAG_VMA_LOCK
#else
#define VMTRACE_FLAG_VMA_LOCK 0
#endif

/* Up to 6.1 handle_mm_fault() returns VM_FAULT_WRITE if it made a PTE writable. Delete with 6.1. */
#ifdef VMTRACE_HAVE_FAULT_WRITE
#define VMTRACE_FAULT_WRITE VM_FAULT_WRITE
#else
#define VMTRACE_FAULT_WRITE ((__force vm_fault_t)0)
#endif

/* Since 6.8 an anonymous folio may be large but smaller than a huge page. Delete with 6.1. */
#ifdef THP_ORDERS_ALL_ANON
#define VMTRACE_HAVE_ANON_FOLIOS 1
#else
#define VMTRACE_HAVE_ANON_FOLIOS 0
#endif

/*
 * vmtrace_entry_kind(), vmtrace_entry_kind_pmd(): the kind of an entry that is neither none nor
 *	present.
 * vmtrace_swap_entry(): the swap entry of a PTE of the kind VMTRACE_ENTRY_SWAP.
 *
 * 6.19 replaced swp_entry_t by softleaf_t here. Delete the #else part with 6.12. 6.6 introduced
 * PTE_MARKER_POISONED, 6.13 PTE_MARKER_GUARD.
 */
#ifdef VMTRACE_HAVE_LEAFOPS
#include <linux/leafops.h>

static inline enum vmtrace_entry_kind vmtrace_leaf_kind(softleaf_t leaf)
{
	if (softleaf_is_swap(leaf))
		return VMTRACE_ENTRY_SWAP;
	if (softleaf_is_migration(leaf))
		return VMTRACE_ENTRY_MIGRATION;
	if (softleaf_is_device_private(leaf) || softleaf_is_device_exclusive(leaf))
		return VMTRACE_ENTRY_DEVICE;
	if (softleaf_is_hwpoison(leaf) || softleaf_is_poison_marker(leaf))
		return VMTRACE_ENTRY_HWPOISON;
	if (softleaf_is_guard_marker(leaf))
		return VMTRACE_ENTRY_GUARD;
	if (softleaf_is_uffd_wp_marker(leaf))
		return VMTRACE_ENTRY_UFFD_WP;
	return VMTRACE_ENTRY_UNKNOWN;
}

static inline enum vmtrace_entry_kind vmtrace_entry_kind(pte_t pte)
{
	return vmtrace_leaf_kind(softleaf_from_pte(pte));
}

static inline enum vmtrace_entry_kind vmtrace_entry_kind_pmd(pmd_t pmd)
{
	return vmtrace_leaf_kind(softleaf_from_pmd(pmd));
}

static inline swp_entry_t vmtrace_swap_entry(pte_t pte)
{
	return softleaf_from_pte(pte);
}
#else
static inline enum vmtrace_entry_kind vmtrace_entry_kind(pte_t pte)
{
	swp_entry_t entry = pte_to_swp_entry(pte);

	if (!non_swap_entry(entry))
		return VMTRACE_ENTRY_SWAP;
	if (is_migration_entry(entry))
		return VMTRACE_ENTRY_MIGRATION;
	if (is_device_private_entry(entry) || is_device_exclusive_entry(entry))
		return VMTRACE_ENTRY_DEVICE;
	if (is_hwpoison_entry(entry))
		return VMTRACE_ENTRY_HWPOISON;
	if (!is_pte_marker_entry(entry))
		return VMTRACE_ENTRY_UNKNOWN;
#ifdef PTE_MARKER_POISONED
	if (pte_marker_get(entry) & PTE_MARKER_POISONED)
		return VMTRACE_ENTRY_HWPOISON;
#endif
#ifdef PTE_MARKER_GUARD
	if (pte_marker_get(entry) & PTE_MARKER_GUARD)
		return VMTRACE_ENTRY_GUARD;
#endif
	return pte_marker_get(entry) & PTE_MARKER_UFFD_WP ? VMTRACE_ENTRY_UFFD_WP :
							    VMTRACE_ENTRY_UNKNOWN;
}

static inline enum vmtrace_entry_kind vmtrace_entry_kind_pmd(pmd_t pmd)
{
	return is_pmd_migration_entry(pmd) ? VMTRACE_ENTRY_MIGRATION : VMTRACE_ENTRY_UNKNOWN;
}

static inline swp_entry_t vmtrace_swap_entry(pte_t pte)
{
	return pte_to_swp_entry(pte);
}
#endif

/*
 * vmtrace_pte_uffd(), vmtrace_pte_swp_uffd(): does a userfaultfd protect the page of a present
 *	entry, of a swap entry?
 * vmtrace_vma_uffd_rwp(): may the userfaultfd protect pages of @vma against every access?
 *
 * 7.3 introduced that protection, which uses the bit of write protection, and renamed the bit.
 * Delete the #else parts with 7.2.
 */
#ifdef VMTRACE_HAVE_PTE_UFFD
#define vmtrace_pte_uffd(pte)	  pte_uffd(pte)
#define vmtrace_pte_swp_uffd(pte) pte_swp_uffd(pte)
#else
#define vmtrace_pte_uffd(pte)	  pte_uffd_wp(pte)
#define vmtrace_pte_swp_uffd(pte) pte_swp_uffd_wp(pte)
#endif

static inline bool vmtrace_vma_uffd_rwp(const struct vm_area_struct *vma)
{
#ifdef VM_UFFD_RWP
	return vma->vm_flags & VM_UFFD_RWP;
#else
	return false;
#endif
}

/*
 * The path of a mapped file as user space sees it. Since 6.7 vm_file of a file on overlayfs is the
 * backing file, and file_user_path() returns the path on overlayfs. Delete with 6.1.
 */
static inline const struct path *vmtrace_file_path(struct file *file)
{
#ifdef VMTRACE_HAVE_USER_PATH
	return file_user_path(file);
#else
	return &file->f_path;
#endif
}

/*
 * The number of page-table entries that map @page, as in /proc/kpagecount. The caller holds no
 * reference, so the folio may be split meanwhile: the kernel's own functions have VM_BUG_ON()s that
 * would trigger, so this reads single words.
 *
 * 6.3 introduced _entire_mapcount. Delete the first part with 6.1. With CONFIG_NO_PAGE_MAPCOUNT
 * (6.15) only the folio has a count.
 */
static inline int vmtrace_page_mapcount(struct page *page, struct folio *folio, bool hugetlb)
{
	int single = atomic_read(&page->_mapcount) + 1;

	if (!(READ_ONCE(*(unsigned long *)&folio->page.flags) & (1UL << PG_head)))
		return single;
#ifndef VMTRACE_HAVE_ENTIRE_MAPCOUNT
	if (!hugetlb && !folio_test_anon(folio))
		return single;
	return single + atomic_read(folio_mapcount_ptr(folio)) + 1 -
	       (!hugetlb && READ_ONCE((&folio->page)[1].flags) & (1UL << PG_double_map) ? 1 : 0);
#elif defined(CONFIG_NO_PAGE_MAPCOUNT)
	return atomic_read(&folio->_large_mapcount) + 1;
#else
	if (hugetlb)
		single = 0;
	return single + atomic_read(&folio->_entire_mapcount) + 1;
#endif
}

/*
 * Has the process disabled huge pages by prctl(PR_SET_THP_DISABLE), for mappings with MADV_HUGEPAGE
 * if @advised? 6.18 introduced PR_THP_DISABLE_EXCEPT_ADVISED and moved the flags. Delete the #else
 * part with 6.12.
 */
static inline bool vmtrace_mm_refuses_thp(const struct mm_struct *mm, bool advised)
{
#ifdef MMF_DISABLE_THP_COMPLETELY
	return mm_flags_test(MMF_DISABLE_THP_COMPLETELY, mm) ||
	       (!advised && mm_flags_test(MMF_DISABLE_THP_EXCEPT_ADVISED, mm));
#else
	return test_bit(MMF_DISABLE_THP, &mm->flags);
#endif
}

/*
 * vmtrace_mm_counter(): an rss counter of @mm.
 * vmtrace_thread_counter(): what thread @t has cached of it: nothing on a machine of few CPUs.
 *	Since 6.2 CPUs cache it, in the percpu_counter. Delete the first part with 6.1.
 */
#ifdef VMTRACE_HAVE_MM_RSS_STAT
static inline long vmtrace_mm_counter(struct mm_struct *mm, int member)
{
	return atomic_long_read(&mm->rss_stat.count[member]);
}

static inline long vmtrace_thread_counter(const struct task_struct *t, const struct mm_struct *mm,
					  int member)
{
#ifdef SPLIT_RSS_COUNTING
	return t->mm == mm ? READ_ONCE(t->rss_stat.count[member]) : 0;
#else
	return 0;
#endif
}
#else
static inline long vmtrace_mm_counter(struct mm_struct *mm, int member)
{
	return percpu_counter_sum(&mm->rss_stat[member]);
}

static inline long vmtrace_thread_counter(const struct task_struct *t, const struct mm_struct *mm,
					  int member)
{
	return 0;
}
#endif

#endif /* VMTRACE_COMPAT_H */
