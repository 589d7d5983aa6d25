// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "lib/exit_code.h"
#include "lib/message.h"
#include "report/json.h"

void json_add_number(struct json_object *object, const char *key, long long number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

void json_add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

void json_add_hex(struct json_object *object, const char *key, unsigned long long number)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", number);
	json_add_text(object, key, text);
}

int json_print(struct json_object *object)
{
	const int style = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			  JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json_object_to_json_string_ext(object, style);

	if (text)
		puts(text);
	else
		message("out of memory: nothing was printed: free some and try again");
	json_object_put(object);
	return text ? EXIT_DONE : EXIT_FAILED;
}
