// SPDX-License-Identifier: GPL-2.0
/*
 * walk.c - the file walk of debugfs: the page-table walk of one address; core/format_walk.h
 *
 * The question is "PID ADDRESS", of a process or thread; ADDRESS is decimal, or hexadecimal with
 * 0x. The page tables are walked when it is written. Besides the errors of query.h, the write fails
 * with
 * - EPERM: the file was opened without CAP_SYS_PTRACE;
 * - EFAULT: ADDRESS is not below the task_size of the process;
 * - ENXIO: the task is a kernel thread, which has no mm.
 */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include "compat.h"
#include "files/query.h"
#include "mm/pte_decode.h"
#include "mm/ptwalk.h"
#include "mm/vma.h"

/**
 * struct walk - the result of a walk
 * @pid: as written
 * @address: as written
 * @vma: VMTRACE_WALK_VMA_*
 * @vma_start: first address of the mapping, or of the stack above
 * @vma_end: first address after that mapping
 * @vma_flags: VM_* of that mapping
 * @vma_offset: of @vma_start in the file, in bytes
 * @facts: set of enum vmtrace_walk_fact
 * @cache: is the file's page in the page cache? hit, miss, end or -
 * @path: the entries of all levels
 * @page: what is mapped
 * @hw_accessed: the CPU sets the accessed bit
 * @hw_dirty: the CPU sets the dirty bit
 * @name: vmtrace_vma_name(), PATH_MAX bytes
 */
struct walk {
	pid_t pid;
	unsigned long address;
	const char *vma;
	unsigned long vma_start;
	unsigned long vma_end;
	vm_flags_t vma_flags;
	loff_t vma_offset;
	unsigned long facts;
	const char *cache;
	struct vmtrace_path path;
	struct vmtrace_page page;
	bool hw_accessed;
	bool hw_dirty;
	char name[];
};

static int parse_address(const char *text, unsigned long *address)
{
	int base = 10;

	/* kstrtoul() would take a sign. */
	if (!isdigit(*text))
		return -EINVAL;
	if (text[0] == '0' && tolower(text[1]) == 'x')
		base = 16;
	return kstrtoul(text, base, address) ? -EINVAL : 0;
}

/* The mm of task @nr of current's pid namespace; takes a reference. */
static struct mm_struct *mm_of(pid_t nr)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm;
	bool kthread;

	put_pid(pid);
	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	kthread = task->flags & PF_KTHREAD;
	put_task_struct(task);
	return mm ?: ERR_PTR(kthread ? -ENXIO : -ESRCH);
}

#define FACT(symbol, is) ((is) ? BIT(VMTRACE_WALK_FACT_##symbol) : 0)

static unsigned long facts_of(struct vm_area_struct *vma, unsigned long address)
{
	const unsigned int known = vmtrace_vma_facts(vma);
	const unsigned long flags = vma->vm_flags;
	const unsigned long huge = address & PMD_MASK;
	const bool refuses = vmtrace_mm_refuses_thp(vma->vm_mm, flags & VM_HUGEPAGE);

	return FACT(ANON, known & VMTRACE_VMA_ANON) | FACT(SHARED, known & VMTRACE_VMA_SHARED) |
	       FACT(SHMEM, known & VMTRACE_VMA_SHMEM) | FACT(HUGETLB, known & VMTRACE_VMA_HUGETLB) |
	       FACT(SPECIAL, known & VMTRACE_VMA_SPECIAL) |
	       FACT(UFFD_MISSING, flags & VM_UFFD_MISSING) | FACT(UFFD_WP, flags & VM_UFFD_WP) |
	       FACT(UFFD_MINOR, flags & VM_UFFD_MINOR) | FACT(GROWS_DOWN, flags & VM_GROWSDOWN) |
	       FACT(LOCKED, flags & VM_LOCKED) | FACT(HUGEPAGE, flags & VM_HUGEPAGE) |
	       FACT(NOHUGEPAGE, refuses || flags & VM_NOHUGEPAGE) |
	       FACT(HUGE_FITS, huge >= vma->vm_start && huge + PMD_SIZE <= vma->vm_end) |
	       FACT(UFFD_RWP, known & VMTRACE_VMA_UFFD_RWP);
}

/* Is the page of the file in the page cache? Takes no reference. */
static const char *cache_of(struct vm_area_struct *vma, unsigned long address)
{
	pgoff_t index = vma->vm_pgoff + ((address - vma->vm_start) >> PAGE_SHIFT);
	const struct inode *inode;
	void *entry;

	if (!vma->vm_file || is_vm_hugetlb_page(vma))
		return "-";
	inode = vma->vm_file->f_mapping->host;
	if (!S_ISREG(inode->i_mode) || IS_DAX(inode))
		return "-";
	if (index >= DIV_ROUND_UP_ULL(i_size_read(inode), PAGE_SIZE))
		return "end";
	entry = xa_load(&vma->vm_file->f_mapping->i_pages, index);
	/* A value entry is the shadow entry of an evicted page, or a swap entry. */
	return entry && !xa_is_value(entry) ? "hit" : "miss";
}

static void read_vma(struct vm_area_struct *vma, struct walk *w)
{
	const char *name;

	w->vma = VMTRACE_WALK_VMA_NONE;
	w->cache = "-";
	if (!vma || w->address < vma->vm_start) {
		if (!vma || !(vma->vm_flags & VM_GROWSDOWN))
			return;
		w->vma = VMTRACE_WALK_VMA_BELOW;
	} else {
		w->vma = VMTRACE_WALK_VMA_MAPPED;
		w->cache = cache_of(vma, w->address);
	}
	w->vma_start = vma->vm_start;
	w->vma_end = vma->vm_end;
	w->vma_flags = vma->vm_flags;
	w->vma_offset = vma->vm_file ? (loff_t)vma->vm_pgoff << PAGE_SHIFT : 0;
	w->facts = facts_of(vma, w->address);
	name = vmtrace_vma_name(vma, w->name, PATH_MAX);
	memmove(w->name, name, strlen(name) + 1);
}

/* Walk the page tables and read the page. False if the entry changed meanwhile. */
static bool read_entries(struct mm_struct *mm, const struct vm_area_struct *vma, struct walk *w)
{
	struct vmtrace_entry again;
	unsigned long irq;
	bool same = true;

	local_irq_save(irq);
	w->hw_accessed = vmtrace_cpu_sets_accessed();
	w->hw_dirty = vmtrace_cpu_sets_dirty();
	vmtrace_ptwalk_path(mm, w->address, &w->path);
	if (vma) {
		vmtrace_page_read(vma, &w->path, &w->page);
		vmtrace_ptwalk(mm, w->address, &again);
		same = again.kind == w->path.end.kind && again.pfn == w->path.end.pfn;
	}
	local_irq_restore(irq);
	return same;
}

static int read_all(struct mm_struct *mm, struct walk *w)
{
	struct vm_area_struct *vma;
	unsigned int tries = 10;

	if (w->address >= mm->task_size)
		return -EFAULT;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vma = find_vma(mm, w->address);
	read_vma(vma, w);
	if (vma && w->address < vma->vm_start)
		vma = NULL;
	while (!read_entries(mm, vma, w))
		if (!--tries) {
			w->page = (struct vmtrace_page){ .kind = VMTRACE_WALK_PAGE_UNKNOWN };
			break;
		}
	mmap_read_unlock(mm);
	return 0;
}

#define WORD(symbol, name, meaning) name,
#define LEVEL(name)		    #name,
static const char *const facts[] = { VMTRACE_WALK_FACTS(WORD) };
static const char *const pages[] = { VMTRACE_WALK_PAGES(WORD) };
static const char *const page_flags[] = { VMTRACE_WALK_PAGE_FLAGS(WORD) };
static const char *const kinds[] = { VMTRACE_WALK_KINDS(WORD) };
static const char *const flags[] = { VMTRACE_WALK_FLAGS(WORD) };
static const char *const levels[] = { VMTRACE_WALK_LEVELS(LEVEL) };

static_assert(ARRAY_SIZE(levels) == VMTRACE_LEVELS);

/* Enough for the longest list of words. */
#define LIST_MAX 192

static const char *list(char text[LIST_MAX], unsigned long set, const char *const *words)
{
	unsigned int i, n = 0;

	for_each_set_bit(i, &set, BITS_PER_LONG)
		n += scnprintf(text + n, LIST_MAX - n, "%s%s", n ? "," : "", words[i]);
	return set ? text : "-";
}

static void print_text(struct seq_file *m, const char *key, const char *text)
{
	seq_printf(m, "%s:\t", key);
	seq_escape(m, text, "\n\\");
	seq_putc(m, '\n');
}

#define DECLARE_NUMBER(key, meaning) long long key;
#define DECLARE_HEX(key, meaning)    unsigned long long key;
#define DECLARE_TEXT(key, meaning)   const char *(key);
#define PRINT_NUMBER(key, meaning)   seq_printf(m, #key ":\t%lld\n", lines.key);
#define PRINT_HEX(key, meaning)	     seq_printf(m, #key ":\t0x%llx\n", lines.key);
#define PRINT_TEXT(key, meaning)     print_text(m, #key, lines.key);

/* @end: the decoded entry at which the walk ended. */
static void print_lines(struct seq_file *m, const struct walk *w,
			const struct vmtrace_pte_decoded *end)
{
	const struct vmtrace_page *page = &w->page;
	char facts_text[LIST_MAX], page_flags_text[LIST_MAX], perms_text[5];
	const struct {
		VMTRACE_WALK_LINES(DECLARE_NUMBER, DECLARE_HEX, DECLARE_TEXT)
	} lines = {
		.pid = w->pid,
		.address = w->address,
		.page_size = PAGE_SIZE,
		.levels = w->path.levels,
		.vma = w->vma,
		.vma_start = w->vma_start,
		.vma_end = w->vma_end,
		.vma_perms = w->vma_end ? vmtrace_vma_perms(w->vma_flags, perms_text) : "----",
		.vma_facts = list(facts_text, w->facts, facts),
		.vma_offset = w->vma_offset,
		.vma_name = w->name,
		.cache = w->cache,
		.page = pages[page->kind],
		.page_pages = page->pages,
		.mapcount = page->mapcount,
		.refcount = page->refcount,
		.page_flags = list(page_flags_text, page->flags, page_flags),
		.swap_type = end->swap_type,
		.swap_offset = end->swap_offset,
		.hw_accessed = w->hw_accessed,
		.hw_dirty = w->hw_dirty,
	};

	VMTRACE_WALK_LINES(PRINT_NUMBER, PRINT_HEX, PRINT_TEXT)
}

static void print_level(struct seq_file *m, const struct walk *w, unsigned int level, bool frames)
{
	const struct vmtrace_step *step = &w->path.steps[level - 1];
	struct vmtrace_pte_decoded d;
	char text[LIST_MAX];

	vmtrace_pte_decode(&w->path, level, &d);
	seq_printf(m, "%s\t", levels[level - 1]);
	if (step->kind == VMTRACE_STEP_TABLE || step->kind == VMTRACE_STEP_END)
		seq_printf(m, "%u\t", step->index);
	else
		seq_puts(m, "-\t");
	seq_printf(m, "0x%llx\t%s\t%s\t%lu\n", frames ? step->raw : 0, kinds[d.kind],
		   list(text, d.flags, flags), frames ? d.pfn : 0);
}

#define COLUMN(column, meaning) "\t" #column

static void print(struct seq_file *m, const struct walk *w)
{
	bool frames = file_ns_capable(m->file, &init_user_ns, CAP_SYS_ADMIN);
	struct vmtrace_pte_decoded end;
	unsigned int level;

	vmtrace_pte_decode(&w->path, w->path.end.level, &end);
	seq_printf(m, "format:\t%d\n", VMTRACE_FORMAT);
	print_lines(m, w, &end);
	seq_printf(m, "%s\n", &(VMTRACE_WALK_COLUMNS(COLUMN))[1]);
	for (level = VMTRACE_LEVELS; level; level--)
		print_level(m, w, level, frames);
}

static int print_walk(struct seq_file *m, char *question)
{
	struct mm_struct *mm;
	struct walk *w;
	int pid, err;

	/* Check the opener, as for /proc/<pid>/pagemap: a file can be passed to another process. */
	if (!file_ns_capable(m->file, &init_user_ns, CAP_SYS_PTRACE))
		return -EPERM;
	pid = vmtrace_query_pid(&question);
	if (pid < 0)
		return pid;
	w = kzalloc(struct_size(w, name, PATH_MAX), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->pid = pid;
	err = parse_address(question, &w->address);
	mm = err ? ERR_PTR(err) : mm_of(pid);
	err = PTR_ERR_OR_ZERO(mm);
	if (!err) {
		err = read_all(mm, w);
		mmput(mm);
	}
	if (!err)
		print(m, w);
	kfree(w);
	return err;
}

const struct vmtrace_topic vmtrace_topic_walk = { .print_walk = print_walk };
