// SPDX-License-Identifier: GPL-2.0
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "symbols.h"
#include "util.h"

#define NAME_MAX_BYTES 512

/* An ELF file, or one that is none. */
struct file {
	struct file *next;
	char *path;
	Dwfl *dwfl;
	Dwfl_Module *module; /* NULL: nothing is known of it */
};

/* An answer. */
struct known {
	struct known *next;
	const struct file *file; /* NULL: the kernel */
	unsigned long long where;
	char *name; /* NULL: nothing */
};

struct kernel_symbol {
	unsigned long long address;
	char *name;
};

static struct file *files;
static struct known *known[4096];
static struct kernel_symbol *kernel;
static size_t kernel_count;
static bool kernel_read;

/* Not a device, nor a pipe that never answers; or -1. */
static int open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)))
		return fd;
	close(fd);
	return -1;
}

static struct file *open_file(const char *path)
{
	static char *debug_path; /* the standard one */
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debug_path,
	};
	struct file *file;
	int fd;

	for (file = files; file; file = file->next)
		if (strcmp(file->path, path) == 0)
			return file;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->path = strdup(path);
	if (!file->path) {
		free(file);
		return NULL;
	}
	file->next = files;
	files = file;
	/* Nothing is to be fetched from the network. */
	unsetenv("DEBUGINFOD_URLS");
	fd = open_plain(path);
	if (fd < 0)
		return file;
	file->dwfl = dwfl_begin(&callbacks);
	if (file->dwfl) {
		dwfl_report_begin(file->dwfl);
		file->module = dwfl_report_offline(file->dwfl, path, path, fd);
		dwfl_report_end(file->dwfl, NULL, NULL);
	}
	/* It is the module's now, if there is one. */
	if (!file->module)
		close(fd);
	return file;
}

/* What the program headers make of an offset: the address that symbols have, and dwfl's. */
static bool translate(const struct file *file, unsigned long long offset, GElf_Addr *address)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(file->module, &bias);
	size_t count;

	if (!elf || elf_getphdrnum(elf, &count) != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD ||
		    offset < header.p_offset || offset - header.p_offset >= header.p_filesz)
			continue;
		*address = bias + header.p_vaddr + (offset - header.p_offset);
		return true;
	}
	return false;
}

static char *describe(const struct file *file, unsigned long long offset)
{
	char text[NAME_MAX_BYTES];
	GElf_Addr address, at;
	const char *symbol, *source, *base;
	Dwfl_Line *line;
	GElf_Sym sym;
	int number = 0;
	size_t used;

	if (!file->module || !translate(file, offset, &address))
		return NULL;
	symbol = dwfl_module_addrinfo(file->module, address, &at, &sym, NULL, NULL, NULL);
	if (!symbol)
		return NULL;
	/* Code without a symbol of its own is not the symbol's before it. */
	if (sym.st_size && at >= sym.st_size)
		return NULL;
	snprintf(text, sizeof(text), "%.200s+0x%llx", symbol, (unsigned long long)at);
	line = dwfl_module_getsrc(file->module, address);
	source = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (source) {
		base = strrchr(source, '/');
		used = strlen(text);
		snprintf(text + used, sizeof(text) - used, " (%.200s:%d)", base ? base + 1 : source,
			 number);
	}
	make_printable(text);
	return strdup(text);
}

static struct known *find_known(const struct file *file, unsigned long long where, bool *new)
{
	struct known **bucket =
		&known[(where ^ (unsigned long long)(size_t)file >> 4) % ARRAY_SIZE(known)];
	struct known *k;

	for (k = *bucket; k; k = k->next)
		if (k->file == file && k->where == where)
			break;
	*new = !k;
	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	*k = (struct known){ *bucket, file, where, NULL };
	*bucket = k;
	return k;
}

const char *symbols_code(const char *path, unsigned long long offset)
{
	const struct file *file = open_file(path);
	struct known *k;
	bool new;

	k = file ? find_known(file, offset, &new) : NULL;
	if (!k)
		return NULL;
	if (new)
		k->name = describe(file, offset);
	return k->name;
}

static int by_address(const void *a, const void *b)
{
	const struct kernel_symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void add_kernel_symbol(unsigned long long address, const char *name)
{
	/* As a list that doubles: when its length is a power of two, it is full. */
	if ((kernel_count & (kernel_count - 1)) == 0) {
		size_t room = kernel_count ? 2 * kernel_count : 1;
		struct kernel_symbol *list = realloc(kernel, room * sizeof(*list));

		if (!list)
			return;
		kernel = list;
	}
	kernel[kernel_count].address = address;
	kernel[kernel_count].name = strdup(name);
	kernel_count++;
}

static void read_kernel_symbols(void)
{
	char path[PATH_MAX], name[256], type;
	unsigned long long address;
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	kernel_read = true;
	snprintf(path, sizeof(path), "%s/proc/kallsyms", root_prefix());
	file = fopen(path, "re");
	if (!file)
		return;
	while (getline(&line, &room, file) > 0)
		/* Without leave, all addresses are 0. */
		if (sscanf(line, "%llx %c %255s", &address, &type, name) == 3 && address &&
		    (type == 't' || type == 'T' || type == 'w' || type == 'W'))
			add_kernel_symbol(address, name);
	free(line);
	fclose(file);
	if (kernel_count)
		qsort(kernel, kernel_count, sizeof(*kernel), by_address);
}

const char *symbols_kernel(unsigned long long address)
{
	char text[NAME_MAX_BYTES];
	struct known *k;
	size_t low = 0, high;
	bool new;

	if (!kernel_read)
		read_kernel_symbols();
	k = find_known(NULL, address, &new);
	if (!k || !new)
		return k ? k->name : NULL;
	for (high = kernel_count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (kernel[middle].address > address)
			high = middle;
		else
			low = middle + 1;
	}
	if (low && kernel[low - 1].name) {
		snprintf(text, sizeof(text), "%s+0x%llx", kernel[low - 1].name,
			 address - kernel[low - 1].address);
		make_printable(text);
		k->name = strdup(text);
	}
	return k->name;
}

void symbols_free(void)
{
	while (files) {
		struct file *file = files;

		files = file->next;
		if (file->dwfl)
			dwfl_end(file->dwfl);
		free(file->path);
		free(file);
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		while (known[i]) {
			struct known *k = known[i];

			known[i] = k->next;
			free(k->name);
			free(k);
		}
	while (kernel_count)
		free(kernel[--kernel_count].name);
	free(kernel);
	kernel = NULL;
	kernel_read = false;
}
