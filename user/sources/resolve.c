// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "core/record.h"
#include "sources/event.h"
#include "sources/mappings.h"
#include "sources/resolve.h"
#include "sources/symbols.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* The mapping, and the offset from its start, or in the file. */
static void describe_place(char text[PLACE_MAX], const struct event *event,
			   unsigned long long address, const struct mapping *mapping)
{
	const struct vmtrace_record *fault = event->type == EVENT_FAULT ? &event->fault : NULL;
	const char *name = NULL;

	/* The record of a fault has the mapping of the address, but not that of the instruction. */
	if (fault && address == fault->address) {
		/* If the file is still mapped there, use the name that it has for this process. */
		if (mapping && mapping->inode == fault->inode)
			name = mapping->name;
		else if (fault->inode)
			name = mappings_file(fault->device, fault->inode);
		if (fault->inode && name && *name)
			snprintf(text, PLACE_MAX, "%s+0x%llx", base_name(name), fault->offset);
		else if (fault->inode)
			snprintf(text, PLACE_MAX, "[inode %u:%u:%llu]+0x%llx", fault->device >> 20,
				 fault->device & 0xfffff, fault->inode, fault->offset);
		else if (name && *name == '[')
			snprintf(text, PLACE_MAX, "%s+0x%llx", name, address - fault->vma_start);
		else
			snprintf(text, PLACE_MAX, "[anon 0x%llx]+0x%llx", fault->vma_start,
				 address - fault->vma_start);
		return;
	}
	if (!mapping)
		snprintf(text, PLACE_MAX, "0x%llx", address);
	else if (mapping->inode)
		snprintf(text, PLACE_MAX, "%s+0x%llx", base_name(mapping->name),
			 address - mapping->start + mapping->offset);
	else if (*mapping->name == '[')
		snprintf(text, PLACE_MAX, "%s+0x%llx", mapping->name, address - mapping->start);
	else
		snprintf(text, PLACE_MAX, "[anon 0x%llx]+0x%llx", mapping->start,
			 address - mapping->start);
}

/* Addresses of the kernel have their highest bit set, on every architecture here. */
static void describe_code(char text[PLACE_MAX], const struct event *event, unsigned long long ip)
{
	const struct mapping *mapping = NULL;
	const char *code = NULL;

	if (!ip) {
		strcpy(text, "-");
		return;
	}
	if (ip >> 63) {
		code = symbols_kernel(ip);
	} else {
		mapping = mappings_find(event->pid, ip);
		if (mapping && mapping->inode && *mapping->name == '/')
			code = symbols_code(mapping->name, mapping->inode,
					    ip - mapping->start + mapping->offset);
	}
	if (code)
		snprintf(text, PLACE_MAX, "%s", code);
	else if (ip >> 63)
		snprintf(text, PLACE_MAX, "0x%llx", ip);
	else
		describe_place(text, event, ip, mapping);
}

bool resolve_event(const struct event *event, struct resolved_event *resolved)
{
	bool fault = event->type == EVENT_FAULT;
	const struct mapping *mapping = NULL;
	unsigned long long address, ip;

	if (!fault && event->type != EVENT_FAILURE) {
		mappings_follow(event);
		return false;
	}
	address = fault ? event->fault.address : event->failure.address;
	ip = fault ? event->fault.ip : event->failure.ip;
	/* For a remote fault the process that owns the memory is not known. */
	if (!fault || event->fault.origin != VMTRACE_ORIGIN_REMOTE)
		mapping = mappings_find(event->pid, address);
	resolved->event = event;
	describe_place(resolved->address, event, address, mapping);
	describe_code(resolved->code, event, ip);
	return true;
}

void resolve_free(void)
{
	mappings_free();
	symbols_free();
}
