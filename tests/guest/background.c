// SPDX-License-Identifier: GPL-2.0
/* background.c - processes that load the machine meanwhile; see background.h */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "background.h"
#include "harness.h"

static void die_with_the_test(void)
{
	pid_t parent = getppid();

	CHECK(!prctl(PR_SET_PDEATHSIG, SIGKILL));
	/* The test may have ended before that. */
	if (getppid() != parent)
		_exit(1);
}

static bool has_file(void *pid)
{
	return !access(stats_path((long)pid), F_OK);
}

void background_start(struct background *b, void (*run)(struct background *b), int parts, void *arg)
{
	CHECK(parts > 0 && parts <= BACKGROUND_PARTS);
	b->parts = parts;
	b->arg = arg;
	b->rounds = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(b->rounds != MAP_FAILED);
	b->pid = fork();
	CHECK(b->pid >= 0);
	if (b->pid) {
		/* As spawn() does. */
		if (!access("/proc/" VMTRACE_DIR, F_OK))
			CHECK(wait_until(has_file, (void *)(long)b->pid));
		return;
	}
	die_with_the_test();
	run(b);
	CHECK(!"run() never returns");
}

void background_round(struct background *b, int part)
{
	__atomic_fetch_add(&b->rounds[part], 1, __ATOMIC_RELAXED);
}

static void check_alive(const struct background *b)
{
	int status;
	pid_t pid = waitpid(b->pid, &status, WNOHANG);

	if (pid)
		note("process %d in the background has ended, status %#x", b->pid, status);
	CHECK_EQ(pid, 0);
}

struct goal {
	const struct background *b;
	int part;
	long rounds;
};

static bool is_reached(void *arg)
{
	const struct goal *g = arg;

	check_alive(g->b);
	return __atomic_load_n(&g->b->rounds[g->part], __ATOMIC_RELAXED) >= g->rounds;
}

void background_goes_on(struct background *b, int n)
{
	struct goal goals[n * BACKGROUND_PARTS];
	int i, part, count = 0;

	for (i = 0; i < n; i++)
		for (part = 0; part < b[i].parts; part++)
			/* The first to end may have begun before. */
			goals[count++] = (struct goal){
				&b[i], part,
				__atomic_load_n(&b[i].rounds[part], __ATOMIC_RELAXED) + 2
			};
	CHECK(count > 0);
	for (i = 0; i < count; i++) {
		if (wait_until(is_reached, &goals[i]))
			continue;
		note("part %d of process %d in the background does nothing", goals[i].part,
		     goals[i].b->pid);
		CHECK(!"it goes on");
	}
}

void background_stop(struct background *b, int n)
{
	int i;

	background_goes_on(b, n);
	for (i = 0; i < n; i++) {
		CHECK(!kill(b[i].pid, SIGKILL));
		CHECK_EQ(waitpid(b[i].pid, NULL, 0), b[i].pid);
		CHECK(!munmap(b[i].rounds, page));
	}
}

bool read_to_end(int fd, size_t piece)
{
	bool some = false;
	char text[4096];

	CHECK(piece <= sizeof(text));
	if (fd < 0)
		return false;
	while (read(fd, text, piece) > 0)
		some = true;
	close(fd);
	return some;
}
