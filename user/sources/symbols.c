// SPDX-License-Identifier: GPL-2.0
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/hash.h"
#include "lib/text.h"
#include "sources/symbols.h"

#define NAME_MAX_BYTES 512
#define SIZE_LIMIT     (1LL << 30)

/* A file that a process has mapped, ELF or not. */
struct code_file {
	struct hash_node node;
	char *path;
	unsigned long long inode;
	Dwfl *dwfl;
	Dwfl_Module *module; /* NULL: not readable, or not ELF */
};

/* The cached result of looking up an address. */
struct known {
	struct hash_node node;
	const struct code_file *file; /* NULL: the kernel */
	unsigned long long where;     /* offset in the file, or address in the kernel */
	char *name;		      /* NULL: there is no symbol */
};

struct kernel_symbol {
	unsigned long long address;
	char *name;
};

static struct hash_table files, known;
static struct kernel_symbol *kernel;
static size_t kernel_count;
static bool kernel_read;

/*
 * Open a regular file of at most SIZE_LIMIT bytes. Returns -1 for other files, which are not opened
 * for reading: that could start a device, or block on a pipe.
 */
static int open_plain(const char *path, struct stat *stat)
{
	int fd = -1, place = open(path, O_PATH | O_CLOEXEC);
	char link[32];

	if (place < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	if (fstat(place, stat) == 0 && S_ISREG(stat->st_mode) && stat->st_size <= SIZE_LIMIT)
		fd = open(link, O_RDONLY | O_CLOEXEC);
	close(place);
	return fd;
}

/* A compressed file is rejected, which elfutils would unpack. */
static bool is_elf(int fd)
{
	char magic[SELFMAG];

	return pread(fd, magic, SELFMAG, 0) == SELFMAG && memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/*
 * Find debug information by build id only, below /usr/lib/debug: a path in the file itself could
 * name anything.
 */
static int find_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
			  const char *file, const char *link, GElf_Word crc, char **found)
{
	const unsigned char *id = NULL;
	char path[160] = "/usr/lib/debug/.build-id/";
	size_t used = strlen(path);
	int length, fd, i;
	GElf_Addr address;
	struct stat stat;

	(void)data, (void)name, (void)base, (void)file;
	length = dwfl_module_build_id(module, &id, &address);
	/* A link without a checksum is to a supplementary file, which has no line numbers. */
	if (length < 2 || length > 64 || (link && !crc))
		return -1;
	for (i = 0; i < length; i++)
		used += (size_t)snprintf(path + used, sizeof(path) - used, i ? "%02x" : "%02x/",
					 id[i]);
	snprintf(path + used, sizeof(path) - used, ".debug");
	fd = open_plain(path, &stat);
	if (fd < 0)
		return -1;
	*found = strdup(path);
	return fd;
}

static void report_file(struct code_file *file)
{
	static char no_path[] = "", *debug_path = no_path;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &debug_path,
	};
	struct stat stat;
	int fd = open_plain(file->path, &stat);

	if (fd < 0)
		return;
	/* Compare only the inode: the device number is ambiguous where file systems are stacked. */
	if (stat.st_ino == file->inode && is_elf(fd))
		file->dwfl = dwfl_begin(&callbacks);
	if (file->dwfl) {
		/* Do not fetch anything from the network. */
		unsetenv("DEBUGINFOD_URLS");
		dwfl_report_begin(file->dwfl);
		file->module = dwfl_report_offline(file->dwfl, file->path, file->path, fd);
		dwfl_report_end(file->dwfl, NULL, NULL);
	}
	/* If there is a module, it owns fd. */
	if (!file->module)
		close(fd);
}

static struct code_file *open_file(const char *path, unsigned long long inode)
{
	struct hash_node *node;
	struct code_file *file;

	for (node = hash_first(&files, inode); node; node = hash_next(node))
		if (strcmp(((struct code_file *)node)->path, path) == 0)
			return (struct code_file *)node;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->inode = inode;
	file->path = strdup(path);
	if (!file->path || !hash_add(&files, &file->node, inode)) {
		free(file->path);
		free(file);
		return NULL;
	}
	report_file(file);
	return file;
}

/* Translate an offset in the file to an address of dwfl, by the program headers. */
static bool translate(const struct code_file *file, unsigned long long offset, GElf_Addr *address)
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

static char *describe(const struct code_file *file, unsigned long long offset)
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
	/* The address is beyond the end of the symbol before it, so it has no symbol. */
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

/* Find or create the entry of an address. *new says that it was created. NULL without memory. */
static struct known *find_known(const struct code_file *file, unsigned long long where, bool *new)
{
	uint64_t hash = hash_numbers(where, (uintptr_t)file);
	struct hash_node *node;
	struct known *k;

	*new = false;
	for (node = hash_first(&known, hash); node; node = hash_next(node)) {
		k = (struct known *)node;
		if (k->file == file && k->where == where)
			return k;
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->file = file;
	k->where = where;
	if (!hash_add(&known, &k->node, hash)) {
		free(k);
		return NULL;
	}
	*new = true;
	return k;
}

const char *symbols_code(const char *path, unsigned long long inode, unsigned long long offset)
{
	const struct code_file *file = open_file(path, inode);
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
	/* The array doubles: it is full when its length is a power of two. */
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
	char name[256], type;
	unsigned long long address;
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	kernel_read = true;
	file = file_open("/proc/kallsyms");
	if (!file)
		return;
	while (getline(&line, &room, file) > 0)
		/* All addresses are 0 for a user who may not see them (kptr_restrict). */
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

static void destroy_file(struct hash_node *node)
{
	struct code_file *file = (struct code_file *)node;

	if (file->dwfl)
		dwfl_end(file->dwfl);
	free(file->path);
	free(file);
}

static void destroy_known(struct hash_node *node)
{
	free(((struct known *)node)->name);
	free(node);
}

void symbols_free(void)
{
	hash_clear(&files, destroy_file);
	hash_clear(&known, destroy_known);
	while (kernel_count)
		free(kernel[--kernel_count].name);
	free(kernel);
	kernel = NULL;
	kernel_read = false;
}
