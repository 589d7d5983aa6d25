// SPDX-License-Identifier: GPL-2.0
/* walk.c - debugfs vmtrace/walk; see walk.h */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/hugetlb_inline.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include "compat.h"
#include "debugfs.h"
#include "decode.h"
#include "ptwalk.h"
#include "vma.h"
#include "walk.h"

/**
 * struct walk - one finished walk
 * @pid: as written
 * @address: as written
 * @vma: VMTRACE_WALK_VMA_*
 * @vma_start: of the mapping, or of the one above that grows down
 * @vma_end: this
 * @vma_flags: its VM_*
 * @vma_offset: in its file, in bytes
 * @facts: set of enum vmtrace_walk_fact
 * @cache: whether the file's page is in the page cache
 * @path: all levels
 * @page: what is mapped
 * @hw_accessed: the CPU sets the accessed bit
 * @hw_dirty: the CPU sets the dirty bit
 * @name: of the mapping
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

/**
 * struct reader - an open file
 * @lock: protects @walk, and the order of write and read
 * @walk: what the last good write has found; NULL before it
 */
struct reader {
	struct mutex lock; /* @walk */
	struct walk *walk;
};

/* The longest that can mean something is a pid and an address of 20 digits each. */
#define REQUEST_MAX 64

static int parse_request(char *text, pid_t *pid, unsigned long *address)
{
	char *word = strim(text);
	char *rest = word + strcspn(word, " \t\n");
	int base = 10;

	if (!*rest)
		return -EINVAL;
	*rest++ = '\0';
	rest = skip_spaces(rest);
	/* kstrto*() would take a sign, and leave out a newline. */
	if (!isdigit(*word) || !isdigit(*rest))
		return -EINVAL;
	if (rest[0] == '0' && tolower(rest[1]) == 'x')
		base = 16;
	return kstrtoint(word, 10, pid) || kstrtoul(rest, base, address) ? -EINVAL : 0;
}

/* A reference to the memory of whoever has this number here. */
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

/* Asks the page cache, without a reference to what it says. */
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
	/* A value is the shadow of a page that was there, or a place in swap. */
	return entry && !xa_is_value(entry) ? "hit" : "miss";
}

static void look_at_vma(struct mm_struct *mm, struct vm_area_struct *vma, struct walk *w,
			char *buffer)
{
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
	strscpy(w->name, vmtrace_vma_name(vma, buffer, PATH_MAX), PATH_MAX);
}

/* One walk, and whether the page is still the one that was read. */
static bool look_at_entries(struct mm_struct *mm, const struct vm_area_struct *vma, struct walk *w)
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

static int look(struct mm_struct *mm, struct walk *w)
{
	struct vm_area_struct *vma;
	unsigned int tries = 10;
	char *buffer;
	int err;

	if (w->address >= mm->task_size)
		return -EFAULT;
	buffer = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	err = mmap_read_lock_killable(mm);
	if (err)
		goto free;
	vma = find_vma(mm, w->address);
	look_at_vma(mm, vma, w, buffer);
	if (vma && w->address < vma->vm_start)
		vma = NULL;
	while (!look_at_entries(mm, vma, w))
		if (!--tries) {
			w->page = (struct vmtrace_page){ .kind = VMTRACE_WALK_PAGE_UNKNOWN };
			break;
		}
	mmap_read_unlock(mm);
free:
	kfree(buffer);
	return err;
}

static struct walk *walk(pid_t pid, unsigned long address)
{
	struct mm_struct *mm = mm_of(pid);
	struct walk *w;
	int err;

	if (IS_ERR(mm))
		return ERR_CAST(mm);
	w = kzalloc(struct_size(w, name, PATH_MAX), GFP_KERNEL);
	err = w ? 0 : -ENOMEM;
	if (w) {
		w->pid = pid;
		w->address = address;
		err = look(mm, w);
	}
	mmput(mm);
	if (!err)
		return w;
	kfree(w);
	return ERR_PTR(err);
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

/* The longest list of words. */
#define LIST_MAX 192

static const char *list(char text[LIST_MAX], unsigned long set, const char *const *words)
{
	unsigned int i, n = 0;

	for_each_set_bit(i, &set, BITS_PER_LONG)
		n += scnprintf(text + n, LIST_MAX - n, "%s%s", n ? "," : "", words[i]);
	return set ? text : "-";
}

static const char *perms(char text[5], const struct walk *w)
{
	text[0] = w->vma_flags & VM_READ ? 'r' : '-';
	text[1] = w->vma_flags & VM_WRITE ? 'w' : '-';
	text[2] = w->vma_flags & VM_EXEC ? 'x' : '-';
	text[3] = w->vma_flags & VM_MAYSHARE ? 's' : w->vma_end ? 'p' : '-';
	text[4] = '\0';
	return text;
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

/* @end is what the walk ended at. */
static void show_lines(struct seq_file *m, const struct walk *w, const struct vmtrace_decoded *end)
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
		.vma_perms = perms(perms_text, w),
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

static void show_level(struct seq_file *m, const struct walk *w, unsigned int level, bool frames)
{
	const struct vmtrace_step *step = &w->path.steps[level - 1];
	struct vmtrace_decoded d;
	char text[LIST_MAX];

	vmtrace_decode(&w->path, level, &d);
	seq_printf(m, "%s\t", levels[level - 1]);
	if (step->kind == VMTRACE_STEP_TABLE || step->kind == VMTRACE_STEP_END)
		seq_printf(m, "%u\t", step->index);
	else
		seq_puts(m, "-\t");
	seq_printf(m, "0x%llx\t%s\t%s\t%lu\n", frames ? step->raw : 0, kinds[d.kind],
		   list(text, d.flags, flags), frames ? d.pfn : 0);
}

#define COLUMN(column, meaning) "\t" #column

static int walk_show(struct seq_file *m, void *v)
{
	const struct reader *r = m->private;
	bool frames = file_ns_capable(m->file, &init_user_ns, CAP_SYS_ADMIN);
	struct vmtrace_decoded end;
	unsigned int level;

	vmtrace_decode(&r->walk->path, r->walk->path.end.level, &end);
	seq_printf(m, "format:\t%d\n", VMTRACE_FORMAT);
	show_lines(m, r->walk, &end);
	/* Without the tabulator before the first. */
	seq_printf(m, "%s\n", &(VMTRACE_WALK_COLUMNS(COLUMN))[1]);
	for (level = VMTRACE_LEVELS; level; level--)
		show_level(m, r->walk, level, frames);
	return 0;
}

static int walk_open(struct inode *inode, struct file *file)
{
	struct reader *r;
	int err;

	err = vmtrace_debugfs_enter();
	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	err = r ? single_open(file, walk_show, r) : -ENOMEM;
	if (err) {
		kfree(r);
		vmtrace_debugfs_leave();
		return err;
	}
	mutex_init(&r->lock);
	return 0;
}

static int walk_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;

	kfree(r->walk);
	kfree(r);
	single_release(inode, file);
	vmtrace_debugfs_leave();
	return 0;
}

static ssize_t walk_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;
	char text[REQUEST_MAX + 1];
	unsigned long address;
	struct walk *w;
	pid_t pid;
	int err;

	/* Of who opened it, as /proc/<pid>/pagemap does: an open file can be handed on. */
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_PTRACE))
		return -EPERM;
	if (size > REQUEST_MAX)
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	text[size] = '\0';
	if (strlen(text) != size)
		return -EINVAL;
	err = parse_request(text, &pid, &address);
	if (err)
		return err;
	w = walk(pid, address);
	if (IS_ERR(w))
		return PTR_ERR(w);
	err = mutex_lock_killable(&r->lock);
	if (!err) {
		swap(r->walk, w);
		/* Nothing of the last one is left to be read, and the next read starts anew. */
		seq_lseek(file, 0, SEEK_SET);
		*pos = 0;
		mutex_unlock(&r->lock);
	}
	kfree(w);
	return err ?: size;
}

static ssize_t walk_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;
	ssize_t ret;

	ret = mutex_lock_killable(&r->lock);
	if (ret)
		return ret;
	ret = r->walk ? seq_read(file, to, size, pos) : -ENODATA;
	mutex_unlock(&r->lock);
	return ret;
}

/* Seeking shows the walk, too, to find out how long it is. */
static loff_t walk_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private_data;
	struct reader *r = m->private;
	loff_t ret;

	ret = mutex_lock_killable(&r->lock);
	if (ret)
		return ret;
	ret = r->walk || !offset ? seq_lseek(file, offset, whence) : -ENODATA;
	mutex_unlock(&r->lock);
	return ret;
}

const struct file_operations vmtrace_walk_fops = {
	.open = walk_open,
	.read = walk_read,
	.write = walk_write,
	.llseek = walk_lseek,
	.release = walk_release,
};
