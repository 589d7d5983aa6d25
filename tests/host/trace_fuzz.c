// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel sends to "vmtrace trace", and what is read in /proc besides, almost good:
 * it is decoded, followed and printed.
 */
#include <stddef.h>
#include <sys/stat.h>

#include "bpf/message.h"
#include "lib/message.h"
#include "lib/text.h"
#include "mutate.h"
#include "report/trace.h"
#include "sources/decode.h"
#include "sources/event.h"
#include "sources/mappings.h"
#include "sources/resolve.h"
#include "sources/symbols.h"
#include "unit.h"

#define PID    4242
#define KERNEL 0xffffffff81000040ULL

static const char maps[] =
	"00400000-00401000 r-xp 00001000 08:01 13                 /bin/program\n"
	"55550000-55560000 rw-p 00000000 00:00 0                  [heap]\n"
	"70000000-70010000 r--p 00002000 08:01 12                 /lib/lib with\ttab.so (deleted)\n"
	"80000000-80010000 rw-p 00000000 00:00 0 "
	"\n"
	"7ffe0000-80000000 rw-p 00000000 00:00 0                  [stack]\n";
static const char kallsyms[] = "ffffffff81000000 T do_it\n"
			       "ffffffff81001000 t next\t[module]\n"
			       "ffffffff81002000 D data\n"
			       "ffffffff81003000 w weak\n"
			       "0000000000000000 T hidden\n";

/* A seed: words that perf or the BPF program would write, and a name among them or none. */
struct seed {
	char bytes[512];
	size_t length;
};

static struct seed seeds[16];
static size_t seed_count, side_count; /* those of the side-band come first */

static void add_bytes(struct seed *seed, const void *bytes, size_t length)
{
	memcpy(seed->bytes + seed->length, bytes, length);
	seed->length += length;
}

/* Numbers of 8 bytes, a text of a multiple of them, and what ends every record. */
static void add_side(unsigned int type, const uint64_t *words, size_t count, const char *text)
{
	struct seed *seed = &seeds[seed_count++];
	struct perf_event_header header = { .type = type, .misc = PERF_RECORD_MISC_COMM_EXEC };
	const uint64_t id[] = { (uint64_t)PID << 32 | PID, 0x1122334455667788 };
	char padded[64] = "";

	strncpy(padded, text, sizeof(padded) - 1);
	add_bytes(seed, &header, sizeof(header));
	add_bytes(seed, words, count * sizeof(*words));
	add_bytes(seed, padded, (strlen(text) + 7) / 8 * 8);
	add_bytes(seed, id, sizeof(id));
	side_count = seed_count;
}

static void add_message(const void *message, size_t length)
{
	add_bytes(&seeds[seed_count++], message, length);
}

static void make_seeds(void)
{
	const uint64_t both = (uint64_t)PID << 32 | PID, child = (uint64_t)PID << 32 | (PID + 1);
	const uint64_t map[] = { both, 0x55550000, 0x10000, 0, 1ULL << 32 | 8, 13, 0, 3 };
	const uint64_t middle[] = { both, 0x55554000, 0x1000, 0, 0, 0, 0, 3 };
	const uint64_t fork[] = { child, child, 5 }, same[] = { both, both, 5 };
	const uint64_t lost[] = { 1, 7 };
	struct stream_fault fault = { .head = { 1000, PID, PID, STREAM_FAULT, 0 } };
	struct stream_failure failure = { .head = { 1000, PID, PID, STREAM_FAILURE, 0 } };

	seed_count = side_count = 0;
	memset(seeds, 0, sizeof(seeds));
	add_side(PERF_RECORD_MMAP2, map, 8, "/bin/program");
	add_side(PERF_RECORD_MMAP2, map, 8, "[heap]");
	add_side(PERF_RECORD_MMAP2, middle, 8, "//anon");
	add_side(PERF_RECORD_COMM, &both, 1, "program-name");
	add_side(PERF_RECORD_FORK, fork, 3, "");
	add_side(PERF_RECORD_FORK, same, 3, "");
	add_side(PERF_RECORD_EXIT, fork, 3, "");
	add_side(PERF_RECORD_EXIT, same, 3, "");
	add_side(PERF_RECORD_LOST, lost, 2, "");
	fault.record.address = 0x55550010;
	fault.record.ip = 0x400123;
	fault.record.took_ns = 1234;
	fault.record.vma_start = 0x55550000;
	add_message(&fault, sizeof(fault));
	fault.record.ip = KERNEL;
	fault.record.inode = 13;
	fault.record.device = 8 << 20 | 1;
	add_message(&fault, sizeof(fault));
	failure.address = 0x10;
	failure.ip = 0x70000123;
	failure.signal = 11;
	add_message(&failure, sizeof(failure));
}

static void write_file(const char *name, const char *text, size_t length)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("VMTRACE_ROOT"), name);
	file = fopen(path, "w");
	CHECK(file && fwrite(text, 1, length, file) == length);
	if (file)
		fclose(file);
}

static void write_mutated(const char *name, const char *seed, size_t length)
{
	char text[2048];

	memcpy(text, seed, length);
	write_file(name, text, mutate(text, length, sizeof(text)));
}

static void make_directory(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", getenv("VMTRACE_ROOT"), name);
	mkdir(path, 0755);
}

/* A machine below $TEST_TMP. */
static void make_root(void)
{
	static char root[512];

	snprintf(root, sizeof(root), "%s/trace", getenv("TEST_TMP"));
	setenv("VMTRACE_ROOT", root, 1);
	make_directory("");
	make_directory("/proc");
	make_directory("/proc/4242");
	make_directory("/proc/4242/task");
	make_directory("/proc/4242/task/4242");
	write_file("proc/4242/task/4242/maps", maps, sizeof(maps) - 1);
	write_file("proc/kallsyms", kallsyms, sizeof(kallsyms) - 1);
}

/* UTF-8 without control characters, but for a newline at the end. */
static bool fit_for_terminal(const char *text)
{
	char clean[16384];
	size_t length = strlen(text);

	snprintf(clean, sizeof(clean), "%s", text);
	if (length && text[length - 1] == '\n')
		clean[--length] = '\0';
	make_printable(clean);
	return strlen(clean) == length && memcmp(clean, text, length) == 0;
}

/* What trace prints of an event is a line for a terminal, or nothing. */
static void print(const struct event *event)
{
	static struct resolved_event resolved;
	FILE *real = stdout;
	char *text = NULL;
	size_t length = 0;

	stdout = open_memstream(&text, &length);
	if (resolve_event(event, &resolved))
		trace_print_event(&resolved);
	fclose(stdout);
	stdout = real;
	CHECK(strlen(text) == length);
	CHECK(fit_for_terminal(text));
	CHECK(length == 0 || strchr(text, '\n') == text + length - 1);
	CHECK((length > 0) == (event->type == EVENT_FAULT || event->type == EVENT_FAILURE));
	free(text);
}

static void check_places(void)
{
	static const unsigned long long addresses[] = { 0x400123,   0x55550010, 0x55554010,
							0x55558000, 0x70000123, 0x7ffe0000,
							0x80000040, 0x55560000, 0x70010000,
							0 };

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct mapping *place = mappings_find(PID + pick(2), addresses[i]);

		if (!place)
			continue;
		CHECK(place->start <= addresses[i] && addresses[i] < place->end);
		CHECK(fit_for_terminal(place->name));
	}
}

/* Decode a mutated seed; true if something came of it. The kernel writes multiples of 8. */
static bool decode(size_t which, struct event *event, unsigned long long *lost)
{
	bool side = which < side_count, got;
	char bytes[2048], *exact;
	size_t length = seeds[which].length;

	memcpy(bytes, seeds[which].bytes, length);
	if (pick(8))
		length = mutate(bytes, length, sizeof(bytes));
	if (pick(8) == 0)
		length = pick(length + 1);
	if (side) {
		length = length / 8 * 8;
		if (length < sizeof(struct perf_event_header))
			return false;
	}
	exact = exact_copy(bytes, length);
	if (side)
		((struct perf_event_header *)exact)->size = (uint16_t)length;
	got = side ? decode_side((void *)exact, event, lost) : decode_message(exact, length, event);
	free(exact);
	return got;
}

static void mutated_records(void)
{
	long iterations = iterations_of(50000), decoded = 0;
	unsigned long long lost = 0;

	make_root();
	make_seeds();
	for (long i = 0; i < iterations; i++) {
		struct event event;

		if (decode(pick(seed_count), &event, &lost)) {
			print(&event);
			decoded++;
			if (event.type == EVENT_MAPPING)
				free(event.mapping.name);
			else if (event.type == EVENT_NAME)
				CHECK(strnlen(event.name.text, 16) < 16);
		}
		if (i % 16 == 0)
			check_places();
		if (i % 512 == 0)
			resolve_free();
	}
	resolve_free();
	CHECK(lost > 0);
	CHECK(decoded > iterations / 4 && decoded < iterations);
	printf("# %ld of %ld decoded\n", decoded, iterations);
}

static void mutated_files_of_proc(void)
{
	long iterations = iterations_of(1000), found = 0, named = 0;

	make_root();
	for (long i = 0; i < iterations; i++) {
		const struct mapping *place;
		const char *name;

		write_mutated("proc/4242/task/4242/maps", maps, sizeof(maps) - 1);
		write_mutated("proc/kallsyms", kallsyms, sizeof(kallsyms) - 1);
		check_places();
		place = mappings_find(PID, 0x55550010);
		found += place && strcmp(place->name, "[heap]") == 0;
		name = symbols_kernel(KERNEL);
		CHECK(!name || (fit_for_terminal(name)));
		named += name && strcmp(name, "do_it+0x40") == 0;
		resolve_free();
	}
	CHECK(found > iterations / 4 && found < iterations);
	CHECK(named > iterations / 4 && named < iterations);
	printf("# %ld places and %ld names of %ld\n", found, named, iterations);
}

int main(void)
{
	RUN(mutated_records);
	RUN(mutated_files_of_proc);
	return 0;
}
