/*
 * How habanalabs took and gave back user memory before the series (v5.10-rc1), re-told.
 *
 * It goes through a frame vector, whose functions are in kernel/frame_vector/legacy.c. The record
 * comes in new, with memory for its scatter list, and after an error its caller frees both. The DMA
 * mapping is made later, by who uses the memory, and that is noted in the record. Lists, debugfs
 * and messages are left out.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct hl_userptr {
	unsigned int npages;
	struct frame_vector *vec;
	struct sg_table *sgt;
	bool dma_mapped;
};

/* npages: how many pages [addr, addr + size) touches, from the page at start on. */
int get_user_memory(struct hl_userptr *buf, unsigned long addr, unsigned long size,
		    unsigned int npages, unsigned long start, unsigned int offset)
{
	struct frame_vector *vec;
	int ret;

	if (!access_ok((void *)addr, size))
		return -EFAULT;

	vec = frame_vector_create(npages);
	if (!vec)
		return -ENOMEM;

	ret = get_vaddr_frames(start, npages, FOLL_WRITE | FOLL_FORCE, vec);
	if (ret != npages) {
		if (ret < 0)
			goto destroy;
		ret = -EFAULT;
		goto put;
	}
	/* Frame numbers become pages, which nobody holds. */
	if (frame_vector_to_pages(vec) < 0) {
		ret = -EFAULT;
		goto put;
	}

	ret = sg_alloc_table_from_pages(buf->sgt, frame_vector_pages(vec), npages, offset, size,
					GFP_ATOMIC);
	if (ret < 0)
		goto put;

	buf->npages = npages;
	buf->vec = vec;
	return 0;

put:
	put_vaddr_frames(vec);
destroy:
	frame_vector_destroy(vec);
	return ret;
}

void hl_unpin_host_memory(struct device *dev, struct hl_userptr *buf)
{
	struct page **pages;
	unsigned int i;

	if (buf->dma_mapped)
		dma_unmap_sgtable(dev, buf->sgt, DMA_BIDIRECTIONAL, 0);
	pages = frame_vector_pages(buf->vec);
	if (!IS_ERR(pages)) {
		for (i = 0; i < frame_vector_count(buf->vec); i++)
			set_page_dirty_lock(pages[i]);
	}
	put_vaddr_frames(buf->vec);
	frame_vector_destroy(buf->vec);
	sg_free_table(buf->sgt);
	kfree(buf->sgt);
}
