/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json.h - the little of json-c that the verbs need
 */
#ifndef VMTRACE_JSON_H
#define VMTRACE_JSON_H

#include <json-c/json.h>

void json_add_number(struct json_object *object, const char *key, long long number);
void json_add_text(struct json_object *object, const char *key, const char *text);

/* Print object to stdout and free it. Returns an exit code. */
int json_print(struct json_object *object);

#endif /* VMTRACE_JSON_H */
