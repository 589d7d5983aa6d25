// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "spaces.h"
#include "util.h"

struct space {
	struct space *next; /* of the same bucket */
	unsigned int pid;
	bool looked; /* /proc/<pid>/maps was read, or it is too late for that */
	char name[16];
	struct place *place; /* in order of addresses, without overlaps */
	size_t count, room;
};

struct file {
	struct file *next;
	unsigned int device;
	unsigned long long inode;
	const char *name;
};

struct text {
	struct text *next;
	char text[];
};

static struct space *spaces[1024];
static struct file *files[1024];
static struct text *texts[1024];

static size_t hash(const char *text)
{
	size_t hash = 5381;

	while (*text)
		hash = hash * 33 + (unsigned char)*text++;
	return hash;
}

/* One copy of every name, fit for printing. */
static const char *keep_text(const char *name)
{
	struct text **bucket, *text;
	char clean[4096];

	snprintf(clean, sizeof(clean), "%s", name);
	make_printable(clean);
	bucket = &texts[hash(clean) % ARRAY_SIZE(texts)];
	for (text = *bucket; text; text = text->next)
		if (strcmp(text->text, clean) == 0)
			return text->text;
	text = malloc(sizeof(*text) + strlen(clean) + 1);
	if (!text)
		return "";
	strcpy(text->text, clean);
	text->next = *bucket;
	*bucket = text;
	return text->text;
}

static struct file **file_bucket(unsigned int device, unsigned long long inode)
{
	return &files[(inode * 31 + device) % ARRAY_SIZE(files)];
}

const char *spaces_file(unsigned int device, unsigned long long inode)
{
	const struct file *file;

	for (file = *file_bucket(device, inode); file; file = file->next)
		if (file->device == device && file->inode == inode)
			return file->name;
	return NULL;
}

/* The last name is the right one: the number may be another file's by now. */
static void keep_file(const struct place *place)
{
	struct file **bucket = file_bucket(place->device, place->inode), *file;

	for (file = *bucket; file; file = file->next)
		if (file->device == place->device && file->inode == place->inode)
			break;
	if (!file) {
		file = malloc(sizeof(*file));
		if (!file)
			return;
		*file = (struct file){ *bucket, place->device, place->inode, NULL };
		*bucket = file;
	}
	file->name = place->name;
}

static struct space **find_space(unsigned int pid)
{
	struct space **at = &spaces[pid % ARRAY_SIZE(spaces)];

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	return at;
}

/* NULL only if there is no memory. */
static struct space *get_space(unsigned int pid)
{
	struct space **at = find_space(pid);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (*at)
			(*at)->pid = pid;
	}
	return *at;
}

static void drop(struct space **at)
{
	struct space *space = *at;

	*at = space->next;
	free(space->place);
	free(space);
}

/* The first place that ends behind the address. */
static size_t lower_bound(const struct space *space, unsigned long long address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->place[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Replace count places from index on by those of the list. */
static void splice(struct space *space, size_t index, size_t count, const struct place *list,
		   size_t length)
{
	if (!count && !length)
		return;
	if (space->count - count + length > space->room) {
		size_t room = 2 * (space->count + length);
		struct place *place = realloc(space->place, room * sizeof(*place));

		if (!place)
			return;
		space->place = place;
		space->room = room;
	}
	memmove(space->place + index + length, space->place + index + count,
		(space->count - index - count) * sizeof(*space->place));
	memcpy(space->place + index, list, length * sizeof(*list));
	space->count += length - count;
}

/* What is mapped takes the place of what was there; of that, the ends may stay. */
static void add_place(struct space *space, const struct place *added)
{
	size_t first = lower_bound(space, added->start), last = first, length = 0;
	struct place list[3];

	if (added->start >= added->end)
		return;
	while (last < space->count && space->place[last].start < added->end)
		last++;
	if (first < last && space->place[first].start < added->start) {
		list[length] = space->place[first];
		list[length++].end = added->start;
	}
	list[length++] = *added;
	if (first < last && space->place[last - 1].end > added->end) {
		list[length] = space->place[last - 1];
		list[length].offset += added->end - list[length].start;
		list[length++].start = added->end;
	}
	splice(space, first, last - first, list, length);
	if (added->inode && added->name[0])
		keep_file(added);
}

/* As perf tells it, anonymous memory has a name: "//anon". */
static const char *name_of(const char *name)
{
	return !name || strcmp(name, "//anon") == 0 ? "" : keep_text(name);
}

/* A line of /proc/<pid>/maps; true if it is one. */
static bool parse_line(char *line, struct place *place)
{
	unsigned int major, minor;
	int name = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %*s %llx %x:%x %llu %n", &place->start, &place->end,
		   &place->offset, &major, &minor, &place->inode, &name) < 6 ||
	    !name)
		return false;
	place->device = major << 20 | minor;
	place->name = keep_text(line + name);
	return true;
}

/* Fill in what no event has told; those have come later, and stand. */
static void look(struct space *space)
{
	struct space old = *space;
	struct place place;
	size_t room = 0;
	char path[PATH_MAX], *line = NULL;
	FILE *file;

	space->looked = true;
	snprintf(path, sizeof(path), "%s/proc/%u/maps", root_prefix(), space->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	space->place = NULL;
	space->count = space->room = 0;
	while (getline(&line, &room, file) > 0)
		if (parse_line(line, &place))
			add_place(space, &place);
	free(line);
	fclose(file);
	for (size_t i = 0; i < old.count; i++)
		add_place(space, &old.place[i]);
	free(old.place);
}

void spaces_look(unsigned int pid)
{
	struct space *space = get_space(pid);

	if (space && !space->looked)
		look(space);
	spaces_name(pid);
}

const struct place *spaces_find(unsigned int pid, unsigned long long address)
{
	struct space *space = get_space(pid);
	size_t i;

	if (!space)
		return NULL;
	i = lower_bound(space, address);
	if ((i == space->count || space->place[i].start > address) && !space->looked) {
		look(space);
		i = lower_bound(space, address);
	}
	return i < space->count && space->place[i].start <= address ? &space->place[i] : NULL;
}

const char *spaces_name(unsigned int pid)
{
	struct space *space = get_space(pid);
	char path[PATH_MAX];
	FILE *file;

	if (!space)
		return "?";
	if (!*space->name) {
		snprintf(path, sizeof(path), "%s/proc/%u/comm", root_prefix(), pid);
		file = fopen(path, "re");
		if (!file || !fgets(space->name, sizeof(space->name), file))
			strcpy(space->name, "?");
		if (file)
			fclose(file);
		space->name[strcspn(space->name, "\n")] = '\0';
		make_printable(space->name);
	}
	return space->name;
}

/* The child has what its parent has. */
static void fork_space(unsigned int parent, unsigned int child)
{
	struct space *from = parent == child ? NULL : *find_space(parent), *to, **at;

	at = find_space(child);
	if (parent == child || !from)
		return;
	if (*at)
		drop(at);
	to = get_space(child);
	if (!to)
		return;
	memcpy(to->name, from->name, sizeof(to->name));
	splice(to, 0, 0, from->place, from->count);
}

void spaces_follow(const struct event *event)
{
	struct space *space;

	switch (event->type) {
	case EVENT_FORK:
		fork_space(event->parent, event->pid);
		return;
	case EVENT_MAPPING:
		space = get_space(event->pid);
		if (space)
			add_place(space,
				  &(struct place){ event->mapping.start, event->mapping.end,
						   event->mapping.offset, event->mapping.inode,
						   event->mapping.device,
						   name_of(event->mapping.name) });
		return;
	case EVENT_NAME:
		space = event->pid == event->tid ? get_space(event->pid) : NULL;
		if (!space)
			return;
		if (event->name.exec) {
			space->count = 0;
			space->looked = false;
		}
		snprintf(space->name, sizeof(space->name), "%s", event->name.text);
		make_printable(space->name);
		return;
	case EVENT_EXIT:
		/* Its memory is gone, unless there are other threads: then it is looked at anew. */
		if (event->pid == event->tid && *find_space(event->pid))
			drop(find_space(event->pid));
		return;
	default:
		return;
	}
}

void spaces_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		struct file *file, *next_file;
		struct text *text, *next_text;

		while (spaces[i])
			drop(&spaces[i]);
		for (file = files[i]; file; file = next_file) {
			next_file = file->next;
			free(file);
		}
		for (text = texts[i]; text; text = next_text) {
			next_text = text->next;
			free(text);
		}
		files[i] = NULL;
		texts[i] = NULL;
	}
}
