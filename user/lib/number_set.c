// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number_set.h"

/* The index of the first number that is not less. */
static size_t lower_bound(const struct number_set *set, unsigned int number)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->number[middle] >= number)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_at(const struct number_set *set, size_t index, unsigned int number)
{
	return index < set->count && set->number[index] == number;
}

void number_set_add(struct number_set *set, unsigned int number)
{
	size_t index = lower_bound(set, number);

	if (is_at(set, index, number))
		return;
	if (set->count == set->room) {
		size_t room = 2 * set->room + 4;
		unsigned int *larger = realloc(set->number, room * sizeof(*larger));

		if (!larger)
			return;
		set->number = larger;
		set->room = room;
	}
	memmove(set->number + index + 1, set->number + index,
		(set->count - index) * sizeof(*set->number));
	set->number[index] = number;
	set->count++;
}

void number_set_remove(struct number_set *set, unsigned int number)
{
	size_t index = lower_bound(set, number);

	if (!is_at(set, index, number))
		return;
	set->count--;
	memmove(set->number + index, set->number + index + 1,
		(set->count - index) * sizeof(*set->number));
}

void number_set_clear(struct number_set *set)
{
	free(set->number);
	*set = (struct number_set){ 0 };
}
