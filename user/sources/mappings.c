// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/hash.h"
#include "lib/number_set.h"
#include "lib/text.h"
#include "sources/event.h"
#include "sources/mappings.h"

/* The mappings of a process. */
struct space {
	struct hash_node node;
	unsigned int pid;
	struct number_set threads; /* alive; empty: not known */
	bool was_read;		   /* reading /proc/<pid>/maps was tried */
	struct mapping *mapping;   /* in order of addresses, without overlaps */
	size_t count, room;
};

struct mapped_file {
	struct hash_node node;
	unsigned int device;
	unsigned long long inode;
	const char *name;
};

struct kept_text {
	struct hash_node node;
	char text[];
};

static struct hash_table spaces, files, texts;

/* Keep one copy of every name, made printable. Returns "" without memory. */
static const char *keep_text(const char *name)
{
	struct hash_node *node;
	struct kept_text *kept;
	char clean[4096];
	uint64_t hash;

	snprintf(clean, sizeof(clean), "%s", name);
	make_printable(clean);
	hash = hash_text(clean);
	for (node = hash_first(&texts, hash); node; node = hash_next(node))
		if (strcmp(((struct kept_text *)node)->text, clean) == 0)
			return ((struct kept_text *)node)->text;
	kept = malloc(sizeof(*kept) + strlen(clean) + 1);
	if (!kept)
		return "";
	strcpy(kept->text, clean);
	if (hash_add(&texts, &kept->node, hash))
		return kept->text;
	free(kept);
	return "";
}

static struct mapped_file *find_file(unsigned int device, unsigned long long inode)
{
	struct hash_node *node = hash_first(&files, hash_numbers(inode, device));
	struct mapped_file *file;

	for (; node; node = hash_next(node)) {
		file = (struct mapped_file *)node;
		if (file->device == device && file->inode == inode)
			return file;
	}
	return NULL;
}

const char *mappings_file(unsigned int device, unsigned long long inode)
{
	const struct mapped_file *file = find_file(device, inode);

	return file ? file->name : NULL;
}

/* Keep the last name of a file: its inode number may have been reused. */
static void keep_file(const struct mapping *mapping)
{
	struct mapped_file *file = find_file(mapping->device, mapping->inode);

	if (!file) {
		file = malloc(sizeof(*file));
		if (!file)
			return;
		file->device = mapping->device;
		file->inode = mapping->inode;
		if (!hash_add(&files, &file->node, hash_numbers(file->inode, file->device))) {
			free(file);
			return;
		}
	}
	file->name = mapping->name;
}

static struct space *find_space(unsigned int pid)
{
	struct hash_node *node = hash_first(&spaces, pid);

	/* The hash is the pid, so the first match is the only one. */
	return (struct space *)node;
}

/* Find or create a space. Returns NULL only if there is no memory. */
static struct space *get_space(unsigned int pid)
{
	struct space *space = find_space(pid);

	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		return NULL;
	space->pid = pid;
	if (hash_add(&spaces, &space->node, pid))
		return space;
	free(space);
	return NULL;
}

static void destroy_space(struct hash_node *node)
{
	struct space *space = (struct space *)node;

	free(space->mapping);
	number_set_clear(&space->threads);
	free(space);
}

static void destroy_node(struct hash_node *node)
{
	free(node);
}

static void drop(struct space *space)
{
	hash_remove(&spaces, &space->node);
	destroy_space(&space->node);
}

/* The index of the first mapping that ends after the address. */
static size_t lower_bound(const struct space *space, unsigned long long address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->mapping[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Replace count mappings from index on by the length mappings of list. */
static void splice(struct space *space, size_t index, size_t count, const struct mapping *list,
		   size_t length)
{
	if (!count && !length)
		return;
	if (space->count - count + length > space->room) {
		size_t room = 2 * (space->count + length);
		struct mapping *mapping = realloc(space->mapping, room * sizeof(*mapping));

		if (!mapping)
			return;
		space->mapping = mapping;
		space->room = room;
	}
	memmove(space->mapping + index + length, space->mapping + index + count,
		(space->count - index - count) * sizeof(*space->mapping));
	memcpy(space->mapping + index, list, length * sizeof(*list));
	space->count += length - count;
}

/* A new mapping replaces what it overlaps. The parts of old mappings outside of it stay. */
static void add_mapping(struct space *space, const struct mapping *added)
{
	size_t first = lower_bound(space, added->start), last = first, length = 0;
	struct mapping list[3];

	if (added->start >= added->end)
		return;
	while (last < space->count && space->mapping[last].start < added->end)
		last++;
	if (first < last && space->mapping[first].start < added->start) {
		list[length] = space->mapping[first];
		list[length++].end = added->start;
	}
	list[length++] = *added;
	if (first < last && space->mapping[last - 1].end > added->end) {
		list[length] = space->mapping[last - 1];
		list[length].offset += added->end - list[length].start;
		list[length++].start = added->end;
	}
	splice(space, first, last - first, list, length);
	if (added->inode && added->name[0])
		keep_file(added);
}

/* perf names anonymous memory "//anon". */
static const char *name_of(const char *name)
{
	return !name || strcmp(name, "//anon") == 0 ? "" : keep_text(name);
}

/* Parse a line of /proc/<pid>/maps. Returns false if it is malformed. */
static bool parse_line(char *line, struct mapping *mapping)
{
	unsigned int major, minor;
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %*s %llx %x:%x %llu %n", &mapping->start, &mapping->end,
		   &mapping->offset, &major, &minor, &mapping->inode, &name) < 6 ||
	    !name)
		return false;
	mapping->device = major << 20 | minor;
	mapping->name = keep_text(line + name);
	return true;
}

/* Returns false, to go on with the next one. */
static bool add_thread(struct space *space, unsigned int tid)
{
	number_set_add(&space->threads, tid);
	return false;
}

/* Call a function for each thread until it returns true. Returns whether one did. */
static bool any_thread(struct space *space, bool (*visit)(struct space *space, unsigned int tid))
{
	const struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;
	DIR *directory;

	if (file_path(path, "/proc/%u/task", space->pid) != 0)
		return false;
	directory = opendir(path);
	while (!found && directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			found = visit(space, (unsigned int)strtoul(entry->d_name, NULL, 10));
	if (directory)
		closedir(directory);
	return found;
}

/* Returns false if there were none: a thread that has exited has none. */
static bool read_maps_of(struct space *space, unsigned int tid)
{
	FILE *file = file_open("/proc/%u/task/%u/maps", space->pid, tid);
	struct mapping mapping;
	size_t room = 0;
	char *line = NULL;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0)
		if (parse_line(line, &mapping))
			add_mapping(space, &mapping);
	free(line);
	fclose(file);
	return space->count > 0;
}

/*
 * Read the maps of a living thread. The first one may have exited before the others. Mappings that
 * events have reported take precedence.
 */
static void read_maps(struct space *space)
{
	struct space old = *space;

	space->was_read = true;
	if (!space->threads.count)
		any_thread(space, add_thread);
	space->mapping = NULL;
	space->count = space->room = 0;
	if (!read_maps_of(space, space->pid))
		any_thread(space, read_maps_of);
	for (size_t i = 0; i < old.count; i++)
		add_mapping(space, &old.mapping[i]);
	free(old.mapping);
}

void mappings_read(unsigned int pid)
{
	struct space *space = get_space(pid);

	if (space && !space->was_read)
		read_maps(space);
}

const struct mapping *mappings_find(unsigned int pid, unsigned long long address)
{
	struct space *space = get_space(pid);
	size_t i;

	if (!space)
		return NULL;
	i = lower_bound(space, address);
	if ((i == space->count || space->mapping[i].start > address) && !space->was_read) {
		read_maps(space);
		i = lower_bound(space, address);
	}
	return i < space->count && space->mapping[i].start <= address ? &space->mapping[i] : NULL;
}

/* A thread is born, or a process, which has its parent's mappings. */
static void fork_space(unsigned int parent, unsigned int child, unsigned int tid)
{
	struct space *from = find_space(parent), *to = find_space(child);

	if (!from)
		return;
	if (parent == child) {
		/* Without the others it would not be known which there are. */
		if (from->threads.count)
			number_set_add(&from->threads, tid);
		return;
	}
	if (to)
		drop(to);
	to = get_space(child);
	if (!to)
		return;
	splice(to, 0, 0, from->mapping, from->count);
	number_set_add(&to->threads, tid);
}

/* A thread exits: was it the last one, so that the memory is gone? */
static bool is_last_exit(struct space *space, unsigned int tid)
{
	if (!space->threads.count)
		any_thread(space, add_thread);
	number_set_remove(&space->threads, tid);
	return !space->threads.count;
}

void mappings_follow(const struct event *event)
{
	struct space *space;

	switch (event->type) {
	case EVENT_FORK:
		fork_space(event->parent, event->pid, event->tid);
		return;
	case EVENT_MAPPING:
		space = get_space(event->pid);
		if (space)
			add_mapping(space,
				    &(struct mapping){ event->mapping.start, event->mapping.end,
						       event->mapping.offset, event->mapping.inode,
						       event->mapping.device,
						       name_of(event->mapping.name) });
		return;
	case EVENT_NAME:
		space = event->pid == event->tid && event->name.exec ? get_space(event->pid) : NULL;
		if (!space)
			return;
		/* execve(2) has ended all other threads. */
		number_set_clear(&space->threads);
		number_set_add(&space->threads, event->pid);
		space->count = 0;
		space->was_read = false;
		return;
	case EVENT_EXIT:
		space = find_space(event->pid);
		if (space && is_last_exit(space, event->tid))
			drop(space);
		return;
	default:
		return;
	}
}

void mappings_free(void)
{
	hash_clear(&spaces, destroy_space);
	hash_clear(&files, destroy_node);
	hash_clear(&texts, destroy_node);
}
