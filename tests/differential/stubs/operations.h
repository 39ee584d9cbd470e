/* The functions of one version under names that do not depend on its signatures. */
#ifndef STUBS_OPERATIONS_H
#define STUBS_OPERATIONS_H

#include "prelude.h"

int version_get(unsigned long start, unsigned int nr_frames, unsigned int gup_flags,
		struct frame_vector *vec);
void version_put(struct frame_vector *vec);
int version_to_pages(struct frame_vector *vec);
void version_to_pfns(struct frame_vector *vec);
void *version_pages(struct frame_vector *vec);
void *version_pfns(struct frame_vector *vec);
unsigned int version_count(struct frame_vector *vec);
struct frame_vector *version_create(unsigned int nr_frames);
void version_destroy(struct frame_vector *vec);
struct frame_vector *version_create_framevec(unsigned long start, unsigned long length);
void version_destroy_framevec(struct frame_vector *vec);
void version_release_framevec(struct frame_vector *vec, int direction);

#endif
