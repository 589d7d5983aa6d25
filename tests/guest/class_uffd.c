// SPDX-License-Identifier: GPL-2.0
/* class_uffd.c - what each fault was, where a userfaultfd has a say */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "rwp.h"

#define N 61

/* Newer than this machine's headers. */
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFDIO_POISON
#define UFFD_FEATURE_POISON (1 << 14)
struct uffdio_poison {
	struct uffdio_range range;
	__u64 mode;
	__s64 updated;
};
#define UFFDIO_POISON _IOWR(UFFDIO, 0x08, struct uffdio_poison)
#endif

/* A userfaultfd on [p, p + n * size), and the thread that answers it n times. */
struct watch {
	int fd;
	char *p;
	size_t n, size;
	__u64 mode;
	pthread_t thread;
};

static void watch(struct watch *w, char *p, size_t n, size_t size, __u64 mode, __u64 features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = { .range = { (size_t)p, n * size }, .mode = mode };

	*w = (struct watch){ .p = p, .n = n, .size = size, .mode = mode };
	w->fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (w->fd < 0 || ioctl(w->fd, UFFDIO_API, &api))
		skip("no userfaultfd that does this (errno %d)", errno);
	CHECK(!ioctl(w->fd, UFFDIO_REGISTER, &reg));
}

static int protect(const struct watch *w, __u64 start, size_t size, __u64 mode)
{
	struct uffdio_writeprotect wp = { .range = { start, size }, .mode = mode };

	return ioctl(w->fd, UFFDIO_WRITEPROTECT, &wp);
}

static void *answer(void *arg)
{
	const struct watch *w = arg;
	struct uffd_msg m;
	size_t i;

	for (i = 0; i < w->n; i++) {
		CHECK_EQ(read(w->fd, &m, sizeof(m)), (long long)sizeof(m));
		CHECK_EQ(m.event, UFFD_EVENT_PAGEFAULT);
		m.arg.pagefault.address &= -w->size;
		if (w->mode == UFFDIO_REGISTER_MODE_WP) {
			CHECK(!protect(w, m.arg.pagefault.address, w->size, 0));
		} else if (w->mode == UFFDIO_REGISTER_MODE_RWP) {
			rwp_protect(w->fd, (char *)m.arg.pagefault.address, w->size, false);
		} else {
			struct uffdio_continue c = {
				.range = { m.arg.pagefault.address, w->size },
			};

			CHECK(!ioctl(w->fd, UFFDIO_CONTINUE, &c));
		}
	}
	return NULL;
}

static void start(struct watch *w)
{
	warm_up();
	CHECK(!pthread_create(&w->thread, NULL, answer, w));
}

static void touch(const struct watch *w, bool write)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (write)
			*(volatile char *)(w->p + i * w->size) = 1;
		else
			(void)*(volatile char *)(w->p + i * w->size);
}

static char *map_shared(int fd, size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/*
 * Protected before there is a page: the first attempt to write maps one, still
 * protected (do_pte_missing() by pte_marker_handle_uffd_wp()), the second asks.
 */
static void protected_untouched(char *p, size_t n, size_t size, __u64 feature,
				enum vmtrace_class class)
{
	struct watch w;
	struct delta d;

	watch(&w, p, n, size, UFFDIO_REGISTER_MODE_WP, feature);
	CHECK(!protect(&w, (size_t)p, n * size, UFFDIO_WRITEPROTECT_MODE_WP));
	start(&w);
	touch(&w, true);
	CHECK(!pthread_join(w.thread, NULL));
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], n);
	/* More of them: the stack and the text of the thread that answers. */
	CHECK(d.class[class] >= (long long)n && d.class[class] <= (long long)n + 16);
	check_exact();
}

static void wp_anonymous(void)
{
	protected_untouched(fresh(N), N, page, UFFD_FEATURE_WP_UNPOPULATED, VMTRACE_CLASS_ANON);
}

static void wp_shmem(void)
{
	int fd = memfd_create("uffd", 0);

	CHECK(fd >= 0 && !ftruncate(fd, N * page));
	protected_untouched(map_shared(fd, N * page), N, page, UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
			    VMTRACE_CLASS_SHMEM);
}

static void wp_hugetlb(void)
{
	size_t size;
	int fd = hugetlb_file(3, &size);

	protected_untouched(map_shared(fd, 3 * size), 3, size, UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
			    VMTRACE_CLASS_HUGETLB);
}

/* The page is there, but not mapped here: somebody else says when it is ready. */
static void minor(int fd, size_t n, size_t size, __u64 feature)
{
	char *p = map_shared(fd, n * size), *other = map_shared(fd, n * size);
	struct watch w;
	struct delta d;
	size_t i;

	for (i = 0; i < n; i++)
		other[i * size] = 1;
	watch(&w, p, n, size, UFFDIO_REGISTER_MODE_MINOR, feature);
	start(&w);
	touch(&w, false);
	CHECK(!pthread_join(w.thread, NULL));
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], n);
	CHECK(d.retried >= (long long)n);
	check_exact();
}

static void minor_shmem(void)
{
	int fd = memfd_create("uffd", 0);

	CHECK(fd >= 0 && !ftruncate(fd, N * page));
	minor(fd, N, page, UFFD_FEATURE_MINOR_SHMEM);
}

static void minor_hugetlb(void)
{
	size_t size;
	int fd = hugetlb_file(3, &size);

	minor(fd, 3, size, UFFD_FEATURE_MINOR_HUGETLBFS);
}

/* Pages that are there, and that somebody else has to allow to be read, or written. */
static void rwp(char *p, size_t n, size_t size, bool write)
{
	struct watch w = { .p = p, .n = n, .size = size, .mode = UFFDIO_REGISTER_MODE_RWP };
	struct delta d;

	touch(&w, true);
	w.fd = rwp_open(p, n * size, false);
	start(&w);
	touch(&w, write);
	CHECK(!pthread_join(w.thread, NULL));
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], n);
	CHECK_EQ(d.class[VMTRACE_CLASS_NUMA], 0);
	CHECK(d.retried >= (long long)n);
	/* They may be accessed now, and written without being copied. */
	touch(&w, write);
	d = since_last();
	CHECK_EQ(d.minor, 0);
	check_exact();
	CHECK(!close(w.fd));
}

/* The same, but that the kernel allows it, as it would after a NUMA hint. */
static void rwp_async(char *p, size_t n, size_t size, bool write)
{
	struct watch w = { .p = p, .n = n, .size = size };
	struct delta d;

	touch(&w, true);
	w.fd = rwp_open(p, n * size, true);
	warm_up();
	touch(&w, write);
	d = since_last();
	CHECK_EQ(d.minor, n);
	CHECK_EQ(d.pages, 0);
	CHECK_ALL(&d, USERFAULT);
	touch(&w, write);
	d = since_last();
	CHECK_EQ(d.minor, 0);
	check_exact();
	CHECK(!close(w.fd));
}

static void rwp_all(char *p, size_t n, size_t size)
{
	rwp(p, n, size, false);
	rwp(p, n, size, true);
	rwp_async(p, n, size, false);
	rwp_async(p, n, size, true);
}

static void rwp_anonymous(void)
{
	rwp_all(fresh(N), N, page);
}

static void rwp_shmem(void)
{
	int fd = memfd_create("uffd", 0);

	CHECK(fd >= 0 && !ftruncate(fd, N * page));
	rwp_all(map_shared(fd, N * page), N, page);
}

static void rwp_huge(void)
{
	size_t size = huge_size();
	char *p = fresh_huge(3);

	rwp_all(p, 3, size);
}

static void rwp_hugetlb(void)
{
	size_t size;
	int fd = hugetlb_file(3, &size);

	rwp_all(map_shared(fd, 3 * size), 3, size);
}

static void *let_the_kernel(void *arg)
{
	struct uffdio_set_mode mode = { .enable = UFFD_FEATURE_RWP_ASYNC };
	const struct watch *w = arg;
	struct uffd_msg m;

	CHECK_EQ(read(w->fd, &m, sizeof(m)), (long long)sizeof(m));
	CHECK_EQ(m.event, UFFD_EVENT_PAGEFAULT);
	CHECK(!ioctl(w->fd, UFFDIO_SET_MODE, &mode));
	return NULL;
}

/* Whoever waits tries again then, and finds the page still protected. */
static void rwp_becomes_async(void)
{
	struct watch w = { .p = fresh(N), .n = N, .size = page };
	struct delta d;

	touch(&w, true);
	w.fd = rwp_open(w.p, N * page, false);
	warm_up();
	CHECK(!pthread_create(&w.thread, NULL, let_the_kernel, &w));
	touch(&w, false);
	CHECK(!pthread_join(w.thread, NULL));
	d = since_last();
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], N);
	CHECK_EQ(d.class[VMTRACE_CLASS_NUMA], 0);
	CHECK(d.retried >= 1);
	check_exact();
}

/* Swapped out while they are protected, and so when they come back: two faults for each. */
static void rwp_swapped(void)
{
	struct watch w = { .p = fresh(N), .n = N, .size = page };
	struct range r = { w.p, N };
	struct delta d;

	touch(&w, true);
	w.fd = rwp_open(w.p, N * page, true);
	swap_on(4 * N);
	CHECK(wait_until(swapped_out, &r));
	warm_up();
	touch(&w, false);
	d = since_last();
	CHECK_EQ(d.minor + d.major, 2 * N);
	CHECK_EQ(d.class[VMTRACE_CLASS_USERFAULT], N);
	CHECK_EQ(d.class[VMTRACE_CLASS_SWAP_READ] + d.class[VMTRACE_CLASS_SWAP_CACHE], N);
	check_exact();
	swap_off();
}

static void poisoned(void)
{
	char *p = fresh(N);
	struct uffdio_poison poison = { .range = { (size_t)p, N * page } };
	struct watch w;
	struct delta d;
	int i;

	watch(&w, p, N, page, UFFDIO_REGISTER_MODE_MISSING, UFFD_FEATURE_POISON);
	CHECK(!ioctl(w.fd, UFFDIO_POISON, &poison));
	CHECK_EQ(signal_at(p), SIGBUS);
	warm_up();
	for (i = 0; i < N; i++)
		CHECK_EQ(signal_at(p + i * page), SIGBUS);
	d = since_last();
	CHECK_EQ(d.failed, N);
	CHECK_ALL(&d, HWPOISON);
	check_exact();
}

/* Who waits for a page that nobody brings, until a signal comes; how often that came. */
struct waiter {
	struct watch w;
	pthread_t thread;
	atomic_int gave_up;
	int n;
};

static sigjmp_buf back;

static void jump_back(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static bool has_given_up(void *p)
{
	const struct waiter *x = p;

	return x->gave_up > x->n;
}

/* Once it waits, and not before. */
static void *interrupt(void *arg)
{
	struct waiter *x = arg;
	struct pollfd pending = { .fd = x->w.fd, .events = POLLIN };

	for (x->n = 0; x->n < N; x->n++) {
		CHECK_EQ(poll(&pending, 1, 10000), 1);
		CHECK_EQ(pending.revents, POLLIN);
		CHECK(!pthread_kill(x->thread, SIGUSR1));
		CHECK(wait_until(has_given_up, x));
	}
	return NULL;
}

/* The last one is over when another one comes, to @next. */
static void give_up(struct waiter *x, char *p, char *next)
{
	pthread_t other;

	x->thread = pthread_self();
	x->gave_up = 0;
	CHECK(!pthread_create(&other, NULL, interrupt, x));
	while (x->gave_up < N) {
		if (!sigsetjmp(back, 1))
			*(volatile char *)(p + x->gave_up * page) = 1;
		x->gave_up++;
	}
	write_pages(next, 1);
	CHECK(!pthread_join(other, NULL));
}

/* Faults without an end. */
static void check_given_up(struct waiter *x, char *p)
{
	char *next = fresh(1);
	struct delta d;

	since_last();
	give_up(x, p, next);
	d = since_last();
	CHECK(d.minor >= 1);
	CHECK(d.retried >= N);
	CHECK_EQ(d.failed, 0);
	CHECK_EQ(d.class[VMTRACE_CLASS_OTHER], 0);
}

static void given_up(void)
{
	char *p = fresh(N);
	struct waiter x;

	watch(&x.w, p, N, page, UFFDIO_REGISTER_MODE_MISSING, 0);
	CHECK(!fcntl(x.w.fd, F_SETFL, O_NONBLOCK)); /* else it cannot be polled */
	signal(SIGUSR1, jump_back);
	warm_up();
	check_given_up(&x, p);
}

const struct test class_uffd_tests[] = {
	{ "class: userfault, protected before it was touched", wp_anonymous, "" },
	{ "class: userfault, write protection of shmem", wp_shmem, "" },
	{ "class: userfault, write protection of hugetlb", wp_hugetlb, "" },
	{ "class: userfault, a page of shmem that is not mapped", minor_shmem, "" },
	{ "class: userfault, a page of hugetlb that is not mapped", minor_hugetlb, "" },
	{ "class: userfault, protected against every access", rwp_anonymous, "" },
	{ "class: userfault, shmem protected against every access", rwp_shmem, "" },
	{ "class: userfault, huge pages protected against every access", rwp_huge, "" },
	{ "class: userfault, hugetlb protected against every access", rwp_hugetlb, "" },
	{ "class: userfault, protection that becomes asynchronous", rwp_becomes_async, "" },
	{ "class: userfault, swapped pages protected against every access", rwp_swapped, "" },
	{ "class: userfault, given up", given_up, "" },
	{ "class: hwpoison by UFFDIO_POISON", poisoned, "" },
	{ 0 },
};
