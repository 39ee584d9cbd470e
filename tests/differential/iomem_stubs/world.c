/*
 * A kernel around the C texts of device memory, all of whose answers are set from outside.
 *
 * Functions that two texts have get two names. SPEC_... are the texts, given by the build.
 */
#include "kernel.h"

/* Set from outside. */
int CONFIG_STRICT_DEVMEM, CONFIG_IO_STRICT_DEVMEM;
struct resource iomem_resource, ioport_resource;
unsigned long ram_first, ram_last;
int alloc_fails, remap_error, iobar_error, range_valid;
unsigned long iobar_pfn;
int conflicts, conflict_is_parent[8];
unsigned long conflict_flags[8];
struct resource bar;
resource_size_t user_start;

/* Read from outside. */
struct resource claimed;
unsigned long remap_addr, remap_pfn, remap_size;
unsigned long long unmap_begin, unmap_length;
unsigned long zap_first, zap_last;
int unmaps, zaps, freed, violations, asked;
rwlock_t resource_lock;

static struct resource others[8];
static struct inode the_inode;
static int i_mmap_depth, requests;

static void demand(int condition)
{
	violations += !condition;
}

static int is_free(void)
{
	return !resource_lock.readers && !resource_lock.writers;
}

void read_lock(rwlock_t *lock) { demand(is_free()); lock->readers++; }
void read_unlock(rwlock_t *lock) { demand(lock->readers); lock->readers--; }
void write_lock(rwlock_t *lock) { demand(is_free()); lock->writers++; }
void write_unlock(rwlock_t *lock) { demand(lock->writers); lock->writers--; }
void i_mmap_lock_write(struct address_space *mapping) { i_mmap_depth++; }
void i_mmap_unlock_write(struct address_space *mapping) { i_mmap_depth--; }

void unmap_mapping_range_tree(struct address_space *mapping, pgoff_t first, pgoff_t last,
			      bool even_cows)
{
	demand(i_mmap_depth == 1);
	zaps++;
	zap_first = first;
	zap_last = last;
}

static void recorded_unmap(struct address_space *mapping, loff_t begin, loff_t length, int cows)
{
	demand(is_free());
	unmaps++;
	unmap_begin = begin;
	unmap_length = length;
}

/* Children, then siblings, then the siblings of what is above. */
struct resource *next_resource(struct resource *p)
{
	demand(!is_free());
	if (p->child)
		return p->child;
	while (!p->sibling && p->parent)
		p = p->parent;
	return p->sibling;
}

struct resource *alloc_resource(gfp_t flags)
{
	claimed = (struct resource){ 0 };
	return alloc_fails ? NULL : &claimed;
}

void free_resource(struct resource *res)
{
	demand(res == &claimed && !res->parent);
	freed++;
}

struct resource *__request_resource(struct resource *root, struct resource *new)
{
	struct resource *other;

	demand(resource_lock.writers);
	if (requests < conflicts) {
		other = conflict_is_parent[requests] ? root : &others[requests];
		other->flags = conflict_flags[requests++];
		return other;
	}
	new->parent = &iomem_resource;
	iomem_resource.child = new;
	return NULL;
}

void wait_for_muxed_resource(void)
{
	demand(is_free());
}

int region_intersects(resource_size_t start, size_t size, unsigned long flags,
		      unsigned long desc)
{
	unsigned long pfn = start >> PAGE_SHIFT;

	demand(size == PAGE_SIZE && !(start & ~PAGE_MASK));
	return ram_first <= pfn && pfn <= ram_last ? REGION_INTERSECTS : REGION_DISJOINT;
}

int page_is_ram(unsigned long pfn)
{
	return ram_first <= pfn && pfn <= ram_last;
}

int valid_mmap_phys_addr_range(unsigned long pfn, size_t size)
{
	return range_valid && ((u64)pfn << PAGE_SHIFT) + size - 1 < 1ULL << 52;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
		    unsigned long size, pgprot_t prot)
{
	remap_addr = addr;
	remap_pfn = pfn;
	remap_size = size;
	return remap_error;
}

const struct resource *pci_resource_n(struct pci_dev *pdev, int number)
{
	return &bar;
}

void pci_resource_to_user(struct pci_dev *pdev, int number, const struct resource *res,
			  resource_size_t *start, resource_size_t *end)
{
	*start = user_start;
	*end = user_start + (res->end - res->start);
}

int pci_iobar_pfn(struct pci_dev *pdev, int number, struct vm_area_struct *vma)
{
	if (!iobar_error)
		vma->vm_pgoff = iobar_pfn;
	return iobar_error;
}

#include SPEC_MEMORY
#include SPEC_PCI

#define devmem_is_allowed generic_devmem_is_allowed
#include SPEC_GENERIC
#undef devmem_is_allowed
#include SPEC_X86

#define __request_region legacy_request_region
#include SPEC_RESOURCE
#undef __request_region

#define unmap_mapping_range recorded_unmap
#define resource_size resource_size_in_mem
#include SPEC_MEM
#undef resource_size
#define __request_region later_request_region
#include SPEC_LATER

void later_revoke(struct resource *res)
{
	revoke_iomem(res);
}

/* Forget what happened; the policy for what comes. */
void begin(int strict, int has_inode)
{
	strict_iomem_checks = strict;
	devmem_inode = iomem_inode = has_inode ? &the_inode : NULL;
	resource_lock = (rwlock_t){ 0 };
	iomem_resource = ioport_resource = (struct resource){ 0 };
	i_mmap_depth = requests = unmaps = zaps = freed = violations = 0;
	remap_addr = remap_pfn = remap_size = 0;
}
