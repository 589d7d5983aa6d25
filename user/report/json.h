/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json.h - helpers for json-c
 */
#ifndef VMTRACE_REPORT_JSON_H
#define VMTRACE_REPORT_JSON_H

#include <json-c/json.h>

void json_add_number(struct json_object *object, const char *key, long long number);
void json_add_text(struct json_object *object, const char *key, const char *text);

/* Add a number as text, "0x" and hexadecimal digits: JSON has only decimal numbers. */
void json_add_hex(struct json_object *object, const char *key, unsigned long long number);

/* Print object to stdout and free it. Returns an exit code. */
int json_print(struct json_object *object);

#endif /* VMTRACE_REPORT_JSON_H */
