/*
 * How exynos g2d takes and gives back a user buffer after patch 01/15 (2c8c08f33ad7), re-told.
 *
 * The list of buffers that are kept, their reference counts and addresses are left out, and so is
 * the record itself: it comes in new, and the caller frees it.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct g2d_cmdlist_userptr {
	unsigned int npages;
	struct page **pages;
	struct sg_table *sgt;
};

/* npages: how many pages [start + offset, start + offset + size) touches. */
int g2d_userptr_get_dma_addr(struct device *dev, struct g2d_cmdlist_userptr *buf,
			     unsigned long start, unsigned int npages, unsigned long offset,
			     unsigned long size)
{
	unsigned int count = npages;
	struct page **pages;
	struct sg_table *sgt;
	int ret;

	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	ret = pin_user_pages_fast(start, count, FOLL_FORCE | FOLL_WRITE, pages);
	/* ret becomes an unsigned int here: an errno is 2^32 - 4095 or more. */
	if (ret != count) {
		if (ret < 0)
			goto free_pages;
		count = ret;
		ret = -EFAULT;
		goto unpin;
	}

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt) {
		ret = -ENOMEM;
		goto unpin;
	}

	ret = sg_alloc_table_from_pages(sgt, pages, count, offset, size, GFP_KERNEL);
	if (ret < 0)
		goto free_sgt;

	ret = dma_map_sgtable(dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;

	buf->npages = count;
	buf->pages = pages;
	buf->sgt = sgt;
	return 0;

free_table:
	sg_free_table(sgt);
free_sgt:
	kfree(sgt);
unpin:
	unpin_user_pages(pages, count);
free_pages:
	kvfree(pages);
	return ret;
}

void g2d_userptr_put_dma_addr(struct device *dev, struct g2d_cmdlist_userptr *buf)
{
	dma_unmap_sgtable(dev, buf->sgt, DMA_BIDIRECTIONAL, 0);
	unpin_user_pages_dirty_lock(buf->pages, buf->npages, true);
	kvfree(buf->pages);
	sg_free_table(buf->sgt);
	kfree(buf->sgt);
}
