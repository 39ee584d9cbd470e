/*
 * The pins of the series whose lifetime user space controls, in one function: those of exynos g2d
 * (patch 02/15), habanalabs (patch 04/15) and frame vectors (patch 05/15). This function is no part
 * of the kernel; it stands for whichever of the three is called.
 */

int pin_user_memory(unsigned int driver, struct device *dev, struct g2d_cmdlist_userptr *g2d,
		    struct hl_userptr *hl, struct frame_vector *vec, unsigned long start,
		    unsigned int npages, unsigned long offset, unsigned long size)
{
	switch (driver) {
	case 0:
		return g2d_userptr_get(dev, g2d, start, npages, offset, size);
	case 1:
		return hl_userptr_get(hl, start, size, npages, start, offset);
	default:
		return get_vaddr_frames(start, npages, FOLL_FORCE | FOLL_WRITE, vec);
	}
}
