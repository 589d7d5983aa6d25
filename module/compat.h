/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only file that knows how kernels differ
 *
 * One signature on every kernel, one-line bodies; each block says what changed
 * and when it can be deleted. Features are tested rather than versions, because
 * distributions backport: what a header cannot tell, Kbuild looks up.
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

#include "classify.h"

#ifdef CONFIG_PREEMPT_RT
#error "vmtrace: PREEMPT_RT is not supported: probe handlers take spinlocks and allocate"
#endif
#if defined(CONFIG_PREEMPTION) && !defined(CONFIG_TASKS_RCU)
#error "vmtrace: a preemptible kernel needs TASKS_RCU (FUNCTION_TRACER=y), or unloading is unsafe"
#endif

/*
 * vmtrace_dumpable(): may its owner inspect this task? To be read after the
 * credentials (task_still_dumpable() in kernel/ptrace.c).
 * vmtrace_dumpable_at_exit(): the same, of a task that has been through
 * exit_mm(), or is about to; takes no lock.
 * vmtrace_user_ns(): where the reader needs the capability if it may not; a
 * reference.
 *
 * 7.2 moved dumpability and the namespace from the mm to task->exec_state. The
 * other half can go with 6.12 (VMTRACE_HAVE_USER_DUMPABLE with 6.1.192 and
 * 6.12.95: before these, a kernel forgot at exit, and we must say no).
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
 * VMTRACE_HAVE_FPROBE: whether <linux/fprobe.h> has an fprobe whose callbacks are
 *	int (*)(fprobe *, ip, ret_ip, struct vmtrace_fprobe_regs *, void *data).
 * VMTRACE_FPROBE_UNLIMITED: whether any number of its functions may be in flight.
 * vmtrace_fprobe_limit(): before it is registered: how many may.
 * vmtrace_fprobe_argument(), vmtrace_fprobe_return_value(): of the function.
 *
 * 6.14 rebuilt fprobe on fgraph, with a shadow stack for each task: another type
 * of registers, and no limit (4346ba160409). Before, it stood on rethook. The
 * second part can go with 6.12; VMTRACE_HAVE_FPROBE_RET_IP, which came in 6.5,
 * with 6.1.
 */
#ifdef CONFIG_FPROBE
#include <linux/fprobe.h>
#endif
#ifdef MAX_FPROBE_DATA_SIZE
#define VMTRACE_HAVE_FPROBE	 1
#define VMTRACE_FPROBE_UNLIMITED 1
#define vmtrace_fprobe_regs	 ftrace_regs
#define vmtrace_fprobe_limit(fp, n)
#define vmtrace_fprobe_argument(regs, n)  ftrace_regs_get_argument(regs, n)
#define vmtrace_fprobe_return_value(regs) ftrace_regs_get_return_value(regs)
#elif defined(CONFIG_FPROBE) && defined(VMTRACE_HAVE_FPROBE_RET_IP)
#define VMTRACE_HAVE_FPROBE		  1
#define VMTRACE_FPROBE_UNLIMITED	  0
#define vmtrace_fprobe_regs		  pt_regs
#define vmtrace_fprobe_limit(fp, n)	  ((fp)->nr_maxactive = (n))
#define vmtrace_fprobe_argument(regs, n)  regs_get_kernel_argument(regs, n)
#define vmtrace_fprobe_return_value(regs) regs_return_value(regs)
#else
#define VMTRACE_HAVE_FPROBE	 0
#define VMTRACE_FPROBE_UNLIMITED 0
#endif

/*
 * vmtrace_ftrace_argument(): of a function that ftrace calls back about, which has saved no
 *	more than its arguments. 6.2 has a name for it; the second part can go with 6.1.
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
 * vmtrace_clocksource_cycles(): what the clocksource of the kernel's clock reads now. 7.2 wants to
 * know of which clock. The second part can go with 6.12.
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

/* 6.4 lets faults begin with the lock of the vma alone. Can go with 6.1. */
#ifdef CONFIG_PER_VMA_LOCK
#define VMTRACE_FLAG_VMA_LOCK FAULT_FLAG_VMA_LOCK
#else
#define VMTRACE_FLAG_VMA_LOCK 0
#endif

/* Up to 6.1, a write to a protected page says so when it is done. Can go with 6.1. */
#ifdef VMTRACE_HAVE_FAULT_WRITE
#define VMTRACE_FAULT_WRITE VM_FAULT_WRITE
#else
#define VMTRACE_FAULT_WRITE ((__force vm_fault_t)0)
#endif

/* 6.8 maps larger folios of anonymous memory. Can go with 6.1. */
#ifdef THP_ORDERS_ALL_ANON
#define VMTRACE_HAVE_ANON_FOLIOS 1
#else
#define VMTRACE_HAVE_ANON_FOLIOS 0
#endif

/*
 * vmtrace_entry_kind(): what is in a page-table entry that is neither none nor present.
 * vmtrace_entry_kind_pmd(): the same of a pmd.
 * vmtrace_swap_entry(): where in swap, of an entry of that kind.
 *
 * 6.19 renamed the entries to leaves and moved the functions. The second part can
 * go with 6.12; in it, what 6.1 lacks are poisoned markers.
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
 * vmtrace_pte_uffd(): does a userfaultfd protect this page? vmtrace_pte_swp_uffd(): the same of
 *	a page in swap.
 * vmtrace_vma_uffd_rwp(): does it protect pages of this mapping against every access, and not
 *	only against writing?
 *
 * 7.3 has that second kind of protection, which uses the same bit, and so renamed the bit. Can go
 * with 7.2.
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
 * vmtrace_file_path(): what people call a mapped file.
 *
 * Since 6.7 a file on overlayfs is mapped through another one, which knows. Can go
 * with 6.1, as can VMTRACE_HAVE_USER_PATH.
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
 * vmtrace_page_mapcount(): entries that map this page of a folio, as in
 * /proc/kpagecount. Reads words only: the caller has no reference, and the kernel's
 * own functions stop a debug kernel when a folio is split under them.
 *
 * The first part can go with 6.1: 6.3 gave folios a field for what maps them as a
 * whole. If a kernel is built to forget about single pages, which came in 6.15, the
 * whole folio's count has to do.
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
 * vmtrace_mm_refuses_thp(): has the process said prctl(PR_SET_THP_DISABLE)?
 *
 * 6.18 made two kinds of it and moved the flags. The second part can go with 6.12.
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
 * vmtrace_mm_counter(): a counter of the mm, and vmtrace_thread_counter(): what a
 *	thread has yet to add to it.
 *
 * 6.2 took the second from threads to CPUs. Can go with 6.1.
 */
#ifdef SPLIT_RSS_COUNTING
static inline long vmtrace_mm_counter(struct mm_struct *mm, int member)
{
	return atomic_long_read(&mm->rss_stat.count[member]);
}

static inline long vmtrace_thread_counter(const struct task_struct *t, const struct mm_struct *mm,
					  int member)
{
	return t->mm == mm ? READ_ONCE(t->rss_stat.count[member]) : 0;
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
