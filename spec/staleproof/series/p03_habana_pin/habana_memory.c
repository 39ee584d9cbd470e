/*
 * How habanalabs takes and gives back user memory after patch 03/15 (d4cb19250aae), re-told.
 *
 * The record comes in new, with memory for its scatter list, and after an error its caller frees
 * both. The DMA mapping is made later, by who uses the memory, and that is noted in the record.
 * Lists, debugfs and messages are left out.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct hl_userptr {
	unsigned int npages;
	struct page **pages;
	struct sg_table *sgt;
	bool dma_mapped;
};

/* npages: how many pages [addr, addr + size) touches, from the page at start on. */
int get_user_memory(struct hl_userptr *buf, unsigned long addr, unsigned long size,
		    unsigned int npages, unsigned long start, unsigned int offset)
{
	unsigned int count = npages;
	struct page **pages;
	int ret;

	if (!access_ok((void *)addr, size))
		return -EFAULT;

	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;

	ret = pin_user_pages_fast(start, count, FOLL_WRITE | FOLL_FORCE, pages);
	/* ret becomes an unsigned int here: an errno is 2^32 - 4095 or more. */
	if (ret != count) {
		if (ret < 0)
			goto free_pages;
		count = ret;
		ret = -EFAULT;
		goto unpin;
	}

	ret = sg_alloc_table_from_pages(buf->sgt, pages, count, offset, size, GFP_ATOMIC);
	if (ret < 0)
		goto unpin;

	buf->npages = count;
	buf->pages = pages;
	return 0;

unpin:
	unpin_user_pages(pages, count);
free_pages:
	kvfree(pages);
	return ret;
}

void hl_unpin_host_memory(struct device *dev, struct hl_userptr *buf)
{
	if (buf->dma_mapped)
		dma_unmap_sgtable(dev, buf->sgt, DMA_BIDIRECTIONAL, 0);
	unpin_user_pages_dirty_lock(buf->pages, buf->npages, true);
	kvfree(buf->pages);
	sg_free_table(buf->sgt);
	kfree(buf->sgt);
}
