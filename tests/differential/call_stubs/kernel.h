/*
 * What the C texts need of the kernel whose calls are all answered by a system, on LP64.
 *
 * It adds to what frame_vector.c needs. What is missing here, a text declares itself.
 */
#ifndef CALL_STUBS_KERNEL_H
#define CALL_STUBS_KERNEL_H

#include "../stubs/prelude.h"
#undef untagged_addr

typedef unsigned long long resource_size_t;
typedef unsigned int gfp_t;
typedef unsigned long pte_t;
typedef unsigned long pgprot_t;
typedef struct spinlock spinlock_t;
typedef struct pgd pgd_t;
typedef struct p4d p4d_t;
typedef struct pud pud_t;
typedef struct pmd pmd_t;
struct device;
struct scatterlist;
struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents, orig_nents;
};

#define ENODEV 19
#define VM_EXEC 0x4UL
#define GFP_ATOMIC 0xa20u

extern int CONFIG_STRICT_FOLLOW_PFN;
#define IS_ENABLED(option) (option)
#define pr_info(...) ((void)0)

unsigned long untagged_addr(unsigned long address);
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address);
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long address);
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
		     bool *unlocked);

int follow_pte(struct mm_struct *mm, unsigned long address, pte_t **ptepp, spinlock_t **ptlp);
pte_t ptep_get(pte_t *ptep);
void pte_unmap_unlock(pte_t *pte, spinlock_t *ptl);
int pte_present(pte_t pte);
int pte_write(pte_t pte);
int pte_same(pte_t a, pte_t b);
unsigned long pte_pfn(pte_t pte);
pgprot_t pte_pgprot(pte_t pte);
unsigned long pgprot_val(pgprot_t prot);

void *ioremap_prot(resource_size_t phys, size_t size, unsigned long prot);
void iounmap(void *address);
void memcpy_toio(void *to, const void *from, size_t count);
void memcpy_fromio(void *to, const void *from, size_t count);

bool access_ok(const void *address, unsigned long size);
unsigned long copy_from_user(void *to, const void *from, unsigned long count);
unsigned long copy_to_user(void *to, const void *from, unsigned long count);
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void kfree(const void *pointer);
void *kvmalloc_array(size_t count, size_t size, gfp_t flags);

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty);
struct frame_vector *frame_vector_create(unsigned int nr_frames);
void frame_vector_destroy(struct frame_vector *vec);
int get_vaddr_frames(unsigned long start, unsigned int nr_frames, unsigned int gup_flags,
		     struct frame_vector *vec);
void put_vaddr_frames(struct frame_vector *vec);
int frame_vector_to_pages(struct frame_vector *vec);
int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages, unsigned int count,
			      unsigned int offset, unsigned long size, gfp_t flags);
void sg_free_table(struct sg_table *sgt);
int dma_map_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
		    unsigned long attributes);
void dma_unmap_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
		       unsigned long attributes);

#endif
