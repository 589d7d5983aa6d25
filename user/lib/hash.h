/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hash.h - a hash table that grows; its elements embed a node
 *
 * The table compares hashes, and the caller compares keys:
 *
 *	for (node = hash_first(&table, hash); node; node = hash_next(node))
 *		if (strcmp(((struct place *)node)->name, name) == 0)
 *			return (struct place *)node;
 *
 * The node is the first member of the element. A zeroed table is empty.
 */
#ifndef VMTRACE_LIB_HASH_H
#define VMTRACE_LIB_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_node {
	struct hash_node *next; /* of the same bucket */
	uint64_t hash;
};

struct hash_table {
	struct hash_node **bucket;
	size_t size; /* buckets, a power of two, or 0 */
	size_t count;
};

/* The hash of a text, or of two numbers. */
uint64_t hash_text(const char *text);
uint64_t hash_numbers(uint64_t one, uint64_t other);

/* Iterate over the elements with this hash; NULL after the last one. */
struct hash_node *hash_first(const struct hash_table *table, uint64_t hash);
struct hash_node *hash_next(const struct hash_node *node);

/* Add an element. Returns false if there is no memory for buckets. */
bool hash_add(struct hash_table *table, struct hash_node *node, uint64_t hash);

/* Remove an element that is in the table. */
void hash_remove(struct hash_table *table, struct hash_node *node);

/* Remove all elements, pass each to destroy(), and free the buckets. */
void hash_clear(struct hash_table *table, void (*destroy)(struct hash_node *node));

#endif /* VMTRACE_LIB_HASH_H */
