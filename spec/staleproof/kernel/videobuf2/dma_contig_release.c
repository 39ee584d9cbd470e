/*
 * How the dma-contig allocator of videobuf2 lets go of a user buffer, re-told from its unmap on.
 *
 * It is told by the vector alone: frames that are no pages were mapped as a
 * device resource, and there is nothing to mark dirty.
 */

#include <linux/dma-direction.h>
#include <linux/mm.h>
#include <media/frame_vector.h>
#include <media/videobuf2-memops.h>

void vb2_dc_userptr_release(struct frame_vector *vec, int direction)
{
	struct page **pages;
	int i;

	pages = frame_vector_pages(vec);
	if (IS_ERR(pages))
		goto destroy;

	/* No test of got_ref: these pages may be ones that nobody holds. */
	if (direction == DMA_FROM_DEVICE || direction == DMA_BIDIRECTIONAL) {
		for (i = 0; i < frame_vector_count(vec); i++)
			set_page_dirty_lock(pages[i]);
	}

destroy:
	vb2_destroy_framevec(vec);
}
