/* SPDX-License-Identifier: GPL-2.0 */
/* rwp.h - a userfaultfd that protects pages against every access: Linux 7.3 */
#ifndef RWP_H
#define RWP_H

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* Newer than this machine's headers. */
#ifndef UFFDIO_RWPROTECT
#define UFFD_FEATURE_RWP	  (1 << 17)
#define UFFD_FEATURE_RWP_ASYNC	  (1 << 18)
#define UFFDIO_REGISTER_MODE_RWP  ((__u64)1 << 3)
#define UFFDIO_RWPROTECT_MODE_RWP ((__u64)1 << 0)
struct uffdio_rwprotect {
	struct uffdio_range range;
	__u64 mode;
};
struct uffdio_set_mode {
	__u64 enable;
	__u64 disable;
};
#define UFFDIO_RWPROTECT _IOWR(UFFDIO, 0x09, struct uffdio_rwprotect)
#define UFFDIO_SET_MODE	 _IOW(UFFDIO, 0x0a, struct uffdio_set_mode)
#endif

/* Protect what is mapped in [p, p + size), or, if not @on, let go whoever waits there. */
static inline void rwp_protect(int fd, const char *p, size_t size, bool on)
{
	struct uffdio_rwprotect rwp = {
		.range = { (size_t)p, size },
		.mode = on ? UFFDIO_RWPROTECT_MODE_RWP : 0,
	};

	CHECK(!ioctl(fd, UFFDIO_RWPROTECT, &rwp));
}

/*
 * A userfaultfd on [p, p + size), all that is mapped there protected. Skips if there is none.
 * @async: the kernel allows an access at once, and tells nobody.
 */
static inline int rwp_open(char *p, size_t size, bool async)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_RWP | (async ? UFFD_FEATURE_RWP_ASYNC : 0),
	};
	struct uffdio_register reg = { .range = { (size_t)p, size },
				       .mode = UFFDIO_REGISTER_MODE_RWP };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		skip("no userfaultfd that protects against every access (errno %d)", errno);
	CHECK(!ioctl(fd, UFFDIO_REGISTER, &reg));
	rwp_protect(fd, p, size, true);
	return fd;
}

#endif /* RWP_H */
