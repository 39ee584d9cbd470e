/*
 * The user buffers of videobuf1's contiguous memory, as drivers/media/v4l2-core/videobuf-dma-contig.c
 * took them before the series (v5.10-rc1), re-told.
 */

#include <linux/mm.h>

struct videobuf_dma_contig_memory {
	unsigned long size;
	unsigned long dma_handle;
};

struct videobuf_buffer {
	unsigned long baddr;
	unsigned long size;
};

int videobuf_dma_contig_user_get(struct videobuf_dma_contig_memory *mem,
				 struct videobuf_buffer *vb)
{
	unsigned long start = untagged_addr(vb->baddr);
	unsigned int offset = start & ~PAGE_MASK;
	unsigned long address = start;
	unsigned long done = 0;
	unsigned long before = 0;
	unsigned long pfn = 0;
	struct vm_area_struct *vma;
	int ret = -EINVAL;

	/* PAGE_ALIGN() */
	mem->size = (vb->size + offset + (PAGE_SIZE - 1)) & PAGE_MASK;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, start);
	if (!vma)
		goto unlock;
	if (start + mem->size > vma->vm_end)
		goto unlock;

	while (done < mem->size >> PAGE_SHIFT) {
		ret = follow_pfn(vma, address, &pfn);
		if (ret)
			break;
		if (done == 0)
			mem->dma_handle = (pfn << PAGE_SHIFT) + offset;
		else if (pfn != before + 1) {
			ret = -EFAULT;
			break;
		}
		before = pfn;
		address += PAGE_SIZE;
		done++;
	}
unlock:
	mmap_read_unlock(current->mm);
	return ret;
}
