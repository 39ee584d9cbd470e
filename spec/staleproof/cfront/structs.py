"""The kernel's structs and functions that a text may use without declaring them, as C.

Structs are cut down to the members that matter here, so only those of COMPLETE have a size. A
function of which versions differ in their parameters is declared once per version; a call picks
the one with its number of arguments. What a text declares itself comes before all of this.
"""

from __future__ import annotations

COMPLETE = frozenset({"frame_vector", "sg_table"})

KERNEL_DECLARATIONS = """
struct frame_vector {
    unsigned int nr_allocated;
    unsigned int nr_frames;
    bool got_ref;
    bool is_pfns;
    void *ptrs[];
};

struct vm_area_struct {
    unsigned long vm_start;
    unsigned long vm_end;
    struct mm_struct *vm_mm;
    pgprot_t vm_page_prot;
    unsigned long vm_flags;
    unsigned long vm_pgoff;
    struct file *vm_file;
    void *vm_private_data;
};

struct mm_struct {
    struct rw_semaphore mmap_sem;
    struct rw_semaphore mmap_lock;
};

struct task_struct {
    struct mm_struct *mm;
};

struct resource {
    resource_size_t start;
    resource_size_t end;
    const char *name;
    unsigned long flags;
    struct resource *parent;
    struct resource *sibling;
    struct resource *child;
};

struct inode {
    struct address_space *i_mapping;
};

struct sg_table {
    struct scatterlist *sgl;
    unsigned int nents;
    unsigned int orig_nents;
};

enum pci_mmap_api {
    PCI_MMAP_SYSFS = 0,
    PCI_MMAP_PROCFS = 1,
};

enum pci_mmap_state {
    pci_mmap_io = 0,
    pci_mmap_mem = 1,
};

enum {
    REGION_INTERSECTS = 0,
    REGION_DISJOINT = 1,
    REGION_MIXED = 2,
};

enum dma_data_direction {
    DMA_BIDIRECTIONAL = 0,
    DMA_TO_DEVICE = 1,
    DMA_FROM_DEVICE = 2,
    DMA_NONE = 3,
};

struct task_struct *current;
struct resource iomem_resource;
struct resource ioport_resource;
rwlock_t resource_lock;

unsigned long untagged_addr(unsigned long addr);

void mmap_read_lock(struct mm_struct *mm);
bool mmap_read_trylock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
void mmap_write_lock(struct mm_struct *mm);
void mmap_write_unlock(struct mm_struct *mm);
void mmap_assert_locked(struct mm_struct *mm);
void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
                         unsigned long end);
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
bool vma_is_fsdax(struct vm_area_struct *vma);

int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
            struct page **pages);
int get_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
            struct page **pages);
long pin_user_pages_locked(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
               struct page **pages, int *locked);
long get_user_pages_locked(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
               struct page **pages, int *locked);
long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
            struct page **pages, struct vm_area_struct **vmas);
long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
            struct page **pages);
long get_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
            struct page **pages, struct vm_area_struct **vmas);
long get_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
            struct page **pages);
void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty);
void put_page(struct page *page);
void get_page(struct page *page);
int set_page_dirty_lock(struct page *page);
unsigned long page_to_pfn(const struct page *page);
struct page *pfn_to_page(unsigned long pfn);
int pfn_valid(unsigned long pfn);

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
int unsafe_follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
int follow_pte(struct mm_struct *mm, unsigned long address, pte_t **ptepp, spinlock_t **ptlp);
pte_t ptep_get(pte_t *ptep);
void pte_unmap_unlock(pte_t *ptep, spinlock_t *ptl);
int pte_present(pte_t pte);
int pte_write(pte_t pte);
int pte_same(pte_t a, pte_t b);
unsigned long pte_pfn(pte_t pte);
pgprot_t pte_pgprot(pte_t pte);
unsigned long pgprot_val(pgprot_t prot);
void *ioremap_prot(phys_addr_t phys_addr, size_t size, unsigned long prot);
void iounmap(void *addr);
void memcpy_toio(void *dst, const void *src, size_t n);
void memcpy_fromio(void *dst, const void *src, size_t n);
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
             bool *unlocked);
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
            unsigned long size, pgprot_t prot);
int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
               unsigned long size, pgprot_t prot);
void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
             int even_cows);

void i_mmap_lock_write(struct address_space *mapping);
void i_mmap_unlock_write(struct address_space *mapping);

void read_lock(rwlock_t *lock);
void read_unlock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
void write_unlock(rwlock_t *lock);
int region_intersects(resource_size_t start, size_t size, unsigned long flags,
              unsigned long desc);
int page_is_ram(unsigned long pfn);

const struct resource *pci_resource_n(struct pci_dev *pdev, int bar);
void pci_resource_to_user(struct pci_dev *pdev, int bar, const struct resource *res,
              resource_size_t *start, resource_size_t *end);
int pci_iobar_pfn(struct pci_dev *pdev, int bar, struct vm_area_struct *vma);

struct frame_vector *frame_vector_create(unsigned int nr_frames);
void frame_vector_destroy(struct frame_vector *vec);
int get_vaddr_frames(unsigned long start, unsigned int nr_frames, unsigned int gup_flags,
             struct frame_vector *vec);
int get_vaddr_frames(unsigned long start, unsigned int nr_frames, struct frame_vector *vec);
void put_vaddr_frames(struct frame_vector *vec);
int frame_vector_to_pages(struct frame_vector *vec);
void frame_vector_to_pfns(struct frame_vector *vec);
unsigned int frame_vector_count(struct frame_vector *vec);
struct page **frame_vector_pages(struct frame_vector *vec);
unsigned long *frame_vector_pfns(struct frame_vector *vec);
struct frame_vector *vb2_create_framevec(unsigned long start, unsigned long length);
void vb2_destroy_framevec(struct frame_vector *vec);

void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void *kvmalloc_array(size_t n, size_t size, gfp_t flags);
void *kmalloc_array(size_t n, size_t size, gfp_t flags);
void *kcalloc(size_t n, size_t size, gfp_t flags);
void kfree(const void *object);
void kvfree(const void *object);

int sg_alloc_table_from_pages(struct sg_table *sgt, struct page **pages, unsigned int n_pages,
                  unsigned int offset, unsigned long size, gfp_t gfp_mask);
void sg_free_table(struct sg_table *sgt);
int dma_map_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
            unsigned long attrs);
void dma_unmap_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
               unsigned long attrs);

bool access_ok(const void *addr, unsigned long size);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
"""
