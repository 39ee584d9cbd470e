/*
 * How the dma-contig allocator of videobuf2 maps the frames of a user buffer, re-told.
 *
 * Frames that have a page each go into a scatter list, of which this text has no
 * more than the question. Numbers without a page have to be one behind the other:
 * the device gets them as one range.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <media/frame_vector.h>

int vb2_dc_userptr_map(struct device *dev, struct frame_vector *vec, unsigned long offset,
		       unsigned long size, int direction)
{
	int n_pages = frame_vector_count(vec);
	unsigned long *nums;
	dma_addr_t address;
	int i, ret;

	ret = frame_vector_to_pages(vec);
	if (ret == 0)
		return vb2_dc_map_pages(dev, vec, offset, size, direction);

	nums = frame_vector_pfns(vec);
	for (i = 1; i < n_pages; i++) {
		if (nums[i - 1] + 1 != nums[i])
			return ret;
	}
	address = dma_map_resource(dev, (nums[0] << PAGE_SHIFT) + offset, size, direction, 0);
	if (dma_mapping_error(dev, address))
		return -ENOMEM;
	return 0;
}
