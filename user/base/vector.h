/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A growing array of one type. */
#ifndef HERDTRACE_BASE_VECTOR_H
#define HERDTRACE_BASE_VECTOR_H

#include <stddef.h>

#define VECTOR(type)                  \
	struct {                      \
		type *at;             \
		size_t cnt, capacity; \
	}

/* Makes room for one more zeroed element and counts it; NULL when out of memory. */
#define vector_add(v)                                                                 \
	(vector__grow((void **)&(v)->at, &(v)->cnt, &(v)->capacity, sizeof(*(v)->at)) \
		 ? NULL                                                               \
		 : &(v)->at[(v)->cnt++])

/* For vector_add(). Returns 0 or -ENOMEM. */
int vector__grow(void **at, size_t *cnt, size_t *capacity, size_t size);

#endif
