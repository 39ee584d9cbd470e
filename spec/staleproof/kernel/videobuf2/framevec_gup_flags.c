/*
 * How videobuf2 asks for the frames of a user buffer (drivers/media/common/videobuf2), re-told.
 *
 * Different from framevec.c: the caller passes gup_flags, as before the series and
 * in its v4.
 */

#include <linux/mm.h>
#include <media/frame_vector.h>

/* A vector with a frame for every page that the buffer touches, or an error. */
struct frame_vector *vb2_create_framevec(unsigned long start, unsigned long length)
{
	unsigned long first = start >> PAGE_SHIFT;
	unsigned long last = (start + length - 1) >> PAGE_SHIFT;
	unsigned long nr = last - first + 1;
	struct frame_vector *vec;
	int ret;

	vec = frame_vector_create(nr);
	if (!vec)
		return ERR_PTR(-ENOMEM);

	/* The sign is tested first: in the next test ret is converted to unsigned long. */
	ret = get_vaddr_frames(start & PAGE_MASK, nr, FOLL_FORCE | FOLL_WRITE, vec);
	if (ret < 0)
		goto destroy;
	if (ret != nr) {
		ret = -EFAULT;
		goto release;
	}
	return vec;

release:
	put_vaddr_frames(vec);
destroy:
	frame_vector_destroy(vec);
	return ERR_PTR(ret);
}

void vb2_destroy_framevec(struct frame_vector *vec)
{
	put_vaddr_frames(vec);
	frame_vector_destroy(vec);
}
