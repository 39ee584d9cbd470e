/*
 * What the C texts of device memory need of the kernel, for a compiler on LP64.
 *
 * Configuration options are variables, so that one library has every configuration.
 */
#ifndef IOMEM_STUBS_KERNEL_H
#define IOMEM_STUBS_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

typedef unsigned long long u64;
typedef unsigned long long resource_size_t;
typedef unsigned long long phys_addr_t;
typedef unsigned long pgoff_t;
typedef long long loff_t;
typedef unsigned int gfp_t;
typedef unsigned long pgprot_t;
typedef struct { int readers, writers; } rwlock_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define GFP_KERNEL 0xcc0u
#define EPERM 1
#define EAGAIN 11
#define EINVAL 22

#define IORESOURCE_TYPE_BITS 0x1f00
#define IORESOURCE_SYSTEM_RAM 0x01000200
#define IORESOURCE_MUXED 0x400000
#define IORESOURCE_EXCLUSIVE 0x08000000
#define IORESOURCE_BUSY 0x80000000
#define IORES_DESC_NONE 0
enum { REGION_INTERSECTS, REGION_DISJOINT, REGION_MIXED };
enum pci_mmap_api { PCI_MMAP_SYSFS, PCI_MMAP_PROCFS };
enum pci_mmap_state { pci_mmap_io, pci_mmap_mem };

struct resource {
	resource_size_t start, end;
	const char *name;
	unsigned long flags;
	struct resource *parent, *sibling, *child;
};
struct address_space;
struct file;
struct pci_dev;
struct inode { struct address_space *i_mapping; };
struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_pgoff;
	pgprot_t vm_page_prot;
};

extern int CONFIG_STRICT_DEVMEM, CONFIG_IO_STRICT_DEVMEM;
extern struct resource iomem_resource, ioport_resource;
extern rwlock_t resource_lock;

#define IS_ENABLED(option) (option)
#define READ_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)

void read_lock(rwlock_t *lock);
void read_unlock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
void write_unlock(rwlock_t *lock);
void i_mmap_lock_write(struct address_space *mapping);
void i_mmap_unlock_write(struct address_space *mapping);
void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
			 int even_cows);
int region_intersects(resource_size_t start, size_t size, unsigned long flags,
		      unsigned long desc);
int page_is_ram(unsigned long pfn);
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
		    unsigned long size, pgprot_t prot);
#define io_remap_pfn_range remap_pfn_range
const struct resource *pci_resource_n(struct pci_dev *pdev, int bar);
void pci_resource_to_user(struct pci_dev *pdev, int bar, const struct resource *res,
			  resource_size_t *start, resource_size_t *end);
int pci_iobar_pfn(struct pci_dev *pdev, int bar, struct vm_area_struct *vma);

#endif
