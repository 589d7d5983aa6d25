// SPDX-License-Identifier: GPL-2.0
/* Where an address lies, while threads and processes come and go. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/event.h"
#include "sources/mappings.h"
#include "unit.h"

#define PARENT 41
#define PID    42
#define THREAD 43
#define PLACE  0x55550010

static char root[256];

static void start(void)
{
	char path[512];

	snprintf(root, sizeof(root), "%s/mappings.XXXXXX", getenv("TEST_TMP"));
	CHECK(mkdtemp(root) != NULL);
	setenv("VMTRACE_ROOT", root, 1);
	snprintf(path, sizeof(path), "%s/proc", root);
	mkdir(path, 0755);
}

static void end(void)
{
	mappings_free();
}

static void make_directory(const char *format, unsigned int pid)
{
	char path[512], name[64];

	snprintf(name, sizeof(name), format, pid);
	snprintf(path, sizeof(path), "%s/proc/%s", root, name);
	CHECK(mkdir(path, 0755) == 0);
}

/* A thread of PID, with its file maps. */
static void make_thread(unsigned int tid, const char *maps)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/%d/task/%u", root, PID, tid);
	CHECK(mkdir(path, 0755) == 0);
	strcat(path, "/maps");
	file = fopen(path, "w");
	CHECK(file && fputs(maps, file) >= 0);
	if (file)
		fclose(file);
}

static void remove_thread(unsigned int tid)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/proc/%d/task/%u/maps", root, PID, tid);
	CHECK(unlink(path) == 0);
	*strrchr(path, '/') = '\0';
	CHECK(rmdir(path) == 0);
}

static void happens(enum event_type type, unsigned int pid, unsigned int tid, unsigned int parent)
{
	mappings_follow(&(struct event){ .type = type, .pid = pid, .tid = tid, .parent = parent });
}

static void maps(unsigned int pid, const char *name)
{
	mappings_follow(
		&(struct event){ .type = EVENT_MAPPING,
				 .pid = pid,
				 .tid = pid,
				 .mapping = { 0x55550000, 0x55560000, 0, 12, 0, (char *)name } });
}

static bool is_at_place(const char *name)
{
	const struct mapping *found = mappings_find(PID, PLACE);

	return name ? found && strcmp(found->name, name) == 0 : !found;
}

static void names_stay_until_the_last_thread_exits(void)
{
	start();
	maps(PARENT, "/parent");
	happens(EVENT_FORK, PID, PID, PARENT);
	CHECK(is_at_place("/parent"));
	maps(PID, "/child");
	happens(EVENT_FORK, PID, THREAD, PID);
	happens(EVENT_FORK, PID, THREAD + 1, PID);
	happens(EVENT_EXIT, PID, PID, PARENT);
	CHECK(is_at_place("/child"));
	happens(EVENT_EXIT, PID, THREAD, PARENT);
	CHECK(is_at_place("/child"));
	happens(EVENT_EXIT, PID, THREAD + 1, PARENT);
	CHECK(is_at_place(NULL));
	end();
}

static void maps_are_those_of_a_living_thread(void)
{
	start();
	make_directory("%u", PID);
	make_directory("%u/task", PID);
	make_thread(PID, "");
	make_thread(THREAD, "55550000-55560000 rw-p 00000000 00:00 0                  [heap]\n");
	CHECK(is_at_place("[heap]"));
	/* What was there before the events is looked up, and an event may tell of it, too. */
	happens(EVENT_FORK, PID, THREAD, PID);
	happens(EVENT_EXIT, PID, PID, PARENT);
	CHECK(is_at_place("[heap]"));
	remove_thread(THREAD);
	happens(EVENT_EXIT, PID, THREAD, PARENT);
	CHECK(is_at_place(NULL));
	end();
}

/* The thread that calls execve() takes the number of the first one, which exits. */
static void a_thread_executes_a_program(void)
{
	start();
	maps(PARENT, "/parent");
	happens(EVENT_FORK, PID, PID, PARENT);
	happens(EVENT_FORK, PID, THREAD, PID);
	happens(EVENT_EXIT, PID, PID, PARENT);
	mappings_follow(&(struct event){
		.type = EVENT_NAME, .pid = PID, .tid = PID, .name = { "program", true } });
	CHECK(is_at_place(NULL));
	maps(PID, "/program");
	CHECK(is_at_place("/program"));
	happens(EVENT_EXIT, PID, PID, PARENT);
	CHECK(is_at_place(NULL));
	end();
}

int main(void)
{
	RUN(names_stay_until_the_last_thread_exits);
	RUN(maps_are_those_of_a_living_thread);
	RUN(a_thread_executes_a_program);
	return 0;
}
