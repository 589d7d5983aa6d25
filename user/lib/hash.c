// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib/hash.h"

#define FIRST_SIZE 64

uint64_t hash_text(const char *text)
{
	uint64_t hash = 5381;

	while (*text)
		hash = hash * 33 + (unsigned char)*text++;
	return hash;
}

uint64_t hash_numbers(uint64_t one, uint64_t other)
{
	return one * 31 + other;
}

/* Multiplying by 2^64 / golden ratio spreads consecutive hashes over all buckets. */
static struct hash_node **bucket_of(const struct hash_table *table, uint64_t hash)
{
	return &table->bucket[(hash * 0x9e3779b97f4a7c15ULL >> 32) & (table->size - 1)];
}

static void link_node(struct hash_table *table, struct hash_node *node)
{
	struct hash_node **bucket = bucket_of(table, node->hash);

	node->next = *bucket;
	*bucket = node;
}

/* Double the number of buckets. Without memory for them the table stays as it is. */
static void grow(struct hash_table *table)
{
	struct hash_table larger = { .size = table->size ? 2 * table->size : FIRST_SIZE,
				     .count = table->count };

	larger.bucket = calloc(larger.size, sizeof(*larger.bucket));
	if (!larger.bucket)
		return;
	for (size_t i = 0; i < table->size; i++)
		while (table->bucket[i]) {
			struct hash_node *node = table->bucket[i];

			table->bucket[i] = node->next;
			link_node(&larger, node);
		}
	free(table->bucket);
	*table = larger;
}

static struct hash_node *same_hash(struct hash_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hash_node *hash_first(const struct hash_table *table, uint64_t hash)
{
	return table->size ? same_hash(*bucket_of(table, hash), hash) : NULL;
}

struct hash_node *hash_next(const struct hash_node *node)
{
	return same_hash(node->next, node->hash);
}

bool hash_add(struct hash_table *table, struct hash_node *node, uint64_t hash)
{
	if (table->count >= table->size)
		grow(table);
	if (!table->size)
		return false;
	node->hash = hash;
	link_node(table, node);
	table->count++;
	return true;
}

void hash_remove(struct hash_table *table, struct hash_node *node)
{
	struct hash_node **at = bucket_of(table, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	table->count--;
}

void hash_clear(struct hash_table *table, void (*destroy)(struct hash_node *node))
{
	for (size_t i = 0; i < table->size; i++)
		while (table->bucket[i]) {
			struct hash_node *node = table->bucket[i];

			table->bucket[i] = node->next;
			destroy(node);
		}
	free(table->bucket);
	*table = (struct hash_table){ 0 };
}
