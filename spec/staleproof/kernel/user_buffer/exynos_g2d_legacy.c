/*
 * How exynos g2d took and gave back a user buffer before the series (v5.10-rc1), re-told.
 *
 * It goes through a frame vector, whose functions are in kernel/frame_vector/legacy.c. The list of
 * buffers that are kept, their reference counts and addresses are left out, and so is the record
 * itself: it comes in new, and the caller frees it.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct g2d_cmdlist_userptr {
	unsigned int npages;
	struct frame_vector *vec;
	struct sg_table *sgt;
};

/* npages: how many pages [start + offset, start + offset + size) touches. */
int g2d_userptr_get_dma_addr(struct device *dev, struct g2d_cmdlist_userptr *buf,
			     unsigned long start, unsigned int npages, unsigned long offset,
			     unsigned long size)
{
	struct frame_vector *vec;
	struct sg_table *sgt;
	int ret;

	vec = frame_vector_create(npages);
	if (!vec)
		return -ENOMEM;

	ret = get_vaddr_frames(start, npages, FOLL_FORCE | FOLL_WRITE, vec);
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

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt) {
		ret = -ENOMEM;
		goto put;
	}

	ret = sg_alloc_table_from_pages(sgt, frame_vector_pages(vec), npages, offset, size,
					GFP_KERNEL);
	if (ret < 0)
		goto free_sgt;

	ret = dma_map_sgtable(dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;

	buf->npages = npages;
	buf->vec = vec;
	buf->sgt = sgt;
	return 0;

free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
put:
	put_vaddr_frames(vec);
destroy:
	frame_vector_destroy(vec);
	return ret;
}

void g2d_userptr_put_dma_addr(struct device *dev, struct g2d_cmdlist_userptr *buf)
{
	struct page **pages;
	unsigned int i;

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
