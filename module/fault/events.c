// SPDX-License-Identifier: GPL-2.0
/* events.c - the code of the trace events; see events.h */
#define CREATE_TRACE_POINTS
#include "fault/events.h"
