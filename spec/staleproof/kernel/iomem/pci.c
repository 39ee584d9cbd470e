/*
 * mmap of PCI BARs (drivers/pci/mmap.c and pci-sysfs.c, v5.10-rc1; the generic code), re-told.
 * Caching attributes and vm_ops are left out.
 */

#include <linux/mm.h>
#include <linux/pci.h>

static inline resource_size_t pci_resource_len(struct pci_dev *pdev, int bar)
{
	const struct resource *res = pci_resource_n(pdev, bar);

	/* All zero means that there is no such BAR. */
	if (res->start == 0 && res->end == 0)
		return 0;
	return res->end - res->start + 1;
}

static inline unsigned long vma_pages(struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* Does the mapping lie within the BAR? procfs counts from bus addresses, sysfs from the BAR. */
int pci_mmap_fits(struct pci_dev *pdev, int resno, struct vm_area_struct *vma,
		  enum pci_mmap_api mmap_api)
{
	resource_size_t pci_start = 0;
	resource_size_t pci_end;
	unsigned long start;
	unsigned long size;
	unsigned long nr;

	if (pci_resource_len(pdev, resno) == 0)
		return 0;

	nr = vma_pages(vma);
	start = vma->vm_pgoff;
	size = ((pci_resource_len(pdev, resno) - 1) >> PAGE_SHIFT) + 1;
	if (mmap_api == PCI_MMAP_PROCFS) {
		pci_resource_to_user(pdev, resno, pci_resource_n(pdev, resno), &pci_start,
				     &pci_end);
		pci_start >>= PAGE_SHIFT;
	}

	if (start >= pci_start && start < pci_start + size && start + nr <= pci_start + size)
		return 1;
	return 0;
}

int pci_mmap_resource_range(struct pci_dev *pdev, int bar, struct vm_area_struct *vma,
			    enum pci_mmap_state mmap_state, int write_combine)
{
	unsigned long size;
	int ret;

	size = ((pci_resource_len(pdev, bar) - 1) >> PAGE_SHIFT) + 1;
	if (vma->vm_pgoff + vma_pages(vma) > size)
		return -EINVAL;

	/* From an offset in the BAR to a pfn. */
	if (mmap_state == pci_mmap_io) {
		ret = pci_iobar_pfn(pdev, bar, vma);
		if (ret)
			return ret;
	} else {
		vma->vm_pgoff += pci_resource_n(pdev, bar)->start >> PAGE_SHIFT;
	}

	return io_remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff,
				  vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

/* The way in from procfs, where the offset is a bus address. */
int pci_mmap_page_range(struct pci_dev *pdev, int bar, struct vm_area_struct *vma,
			enum pci_mmap_state mmap_state, int write_combine)
{
	resource_size_t start;
	resource_size_t end;

	pci_resource_to_user(pdev, bar, pci_resource_n(pdev, bar), &start, &end);
	vma->vm_pgoff -= start >> PAGE_SHIFT;

	return pci_mmap_resource_range(pdev, bar, vma, mmap_state, write_combine);
}
