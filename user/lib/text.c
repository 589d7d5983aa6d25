// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <string.h>

#include "lib/text.h"

size_t utf8_length(const char *text, size_t left)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text;
	size_t length = at[0] < 0x80 ? 1 :
			at[0] < 0xc0 ? 0 :
			at[0] < 0xe0 ? 2 :
			at[0] < 0xf0 ? 3 :
			at[0] < 0xf8 ? 4 :
				       0;
	uint32_t character;

	if (length == 0 || length > left)
		return 0;
	if (length == 1)
		return 1;
	character = at[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3f);
	}
	if (character < smallest[length] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return length;
}

bool is_control(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	return at[0] < ' ' || at[0] == 0x7f || (length == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

static void clean(char *text, bool controls)
{
	const char *from = text;
	size_t left = strlen(text);
	char *to = text;

	while (left) {
		size_t step = utf8_length(from, left);

		if (step && !(controls && is_control(from, step))) {
			memmove(to, from, step);
			to += step;
		} else {
			step = step ? step : 1;
			*to++ = '?';
		}
		from += step;
		left -= step;
	}
	*to = '\0';
}

void make_printable(char *text)
{
	clean(text, true);
}

void make_utf8(char *text)
{
	clean(text, false);
}

void make_one_line(char *text)
{
	while ((text = strpbrk(text, "\n\t")))
		*text = '?';
}

size_t character_length(const char *text)
{
	size_t length = 1;

	while (((unsigned char)text[length] & 0xc0) == 0x80)
		length++;
	return length;
}

int text_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}
