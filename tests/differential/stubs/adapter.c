/*
 * One version of frame_vector.c, with the callers if they are given.
 *
 * VERSION_FILE, FRAMEVEC_FILE and RELEASE_FILE are quoted paths.  This is a
 * translation unit apart from world.c, so the optimiser cannot see through the stubs.
 */
#include "operations.h"

#include VERSION_FILE
#ifdef FRAMEVEC_FILE
#include FRAMEVEC_FILE
#endif
#ifdef RELEASE_FILE
#include RELEASE_FILE
#endif

typedef int get_u32(unsigned long, unsigned int, struct frame_vector *);
typedef int get_s32(unsigned long, int, struct frame_vector *);
typedef int get_u32_flags(unsigned long, unsigned int, unsigned int, struct frame_vector *);
typedef int get_s32_flags(unsigned long, int, unsigned int, struct frame_vector *);

#define GET_IS(type) __builtin_types_compatible_p(typeof(get_vaddr_frames), type)

_Static_assert(GET_IS(get_u32) || GET_IS(get_s32) || GET_IS(get_u32_flags) ||
	       GET_IS(get_s32_flags),
	       "get_vaddr_frames has a signature that the harness does not know");

int version_get(unsigned long start, unsigned int nr_frames, unsigned int gup_flags,
		struct frame_vector *vec)
{
	void *get = get_vaddr_frames;

	if (GET_IS(get_u32))
		return ((get_u32 *)get)(start, nr_frames, vec);
	if (GET_IS(get_s32))
		return ((get_s32 *)get)(start, (int)nr_frames, vec);
	if (GET_IS(get_u32_flags))
		return ((get_u32_flags *)get)(start, nr_frames, gup_flags, vec);
	return ((get_s32_flags *)get)(start, (int)nr_frames, gup_flags, vec);
}

void version_put(struct frame_vector *vec)
{
	put_vaddr_frames(vec);
}

int version_to_pages(struct frame_vector *vec)
{
	return frame_vector_to_pages(vec);
}

void version_to_pfns(struct frame_vector *vec)
{
	frame_vector_to_pfns(vec);
}

void *version_pages(struct frame_vector *vec)
{
	return frame_vector_pages(vec);
}

void *version_pfns(struct frame_vector *vec)
{
	return frame_vector_pfns(vec);
}

unsigned int version_count(struct frame_vector *vec)
{
	return frame_vector_count(vec);
}

struct frame_vector *version_create(unsigned int nr_frames)
{
	return frame_vector_create(nr_frames);
}

void version_destroy(struct frame_vector *vec)
{
	frame_vector_destroy(vec);
}

struct frame_vector *version_create_framevec(unsigned long start, unsigned long length)
{
#ifdef FRAMEVEC_FILE
	return vb2_create_framevec(start, length);
#else
	__builtin_trap();
#endif
}

void version_destroy_framevec(struct frame_vector *vec)
{
#ifdef FRAMEVEC_FILE
	vb2_destroy_framevec(vec);
#else
	__builtin_trap();
#endif
}

void version_release_framevec(struct frame_vector *vec, int direction)
{
#ifdef RELEASE_FILE
	vb2_dc_userptr_release(vec, direction);
#else
	__builtin_trap();
#endif
}
