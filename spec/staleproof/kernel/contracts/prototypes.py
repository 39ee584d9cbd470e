"""What the contracts are written for: the kernel's prototype of each callee that has one.

Most are among those that the front end gives to every text (structs.py). The rest stands here; a
text that calls one of those declares it itself. Three that videobuf2 calls are left out: it does
not declare them, and so calls them with what it has.
"""

from __future__ import annotations

from staleproof.cfront import SourceFile
from staleproof.cfront.declarations import Declarations, kernel_declarations
from staleproof.cfront.types import FunctionType
from staleproof.cfront.values import fold

TEXT = """
typedef u64 gpa_t;
typedef u64 kvm_pfn_t;

int mmap_read_lock_killable(struct mm_struct *mm);
void add_taint(unsigned int flag, unsigned int lockdep_ok);

struct resource *next_resource(struct resource *p);
struct resource *alloc_resource(gfp_t flags);
void free_resource(struct resource *res);
struct resource *__request_resource(struct resource *root, struct resource *new);
void wait_for_muxed_resource(void);
void revoke_devmem(struct resource *res);
void revoke_iomem(struct resource *res);
void unmap_mapping_range_tree(struct address_space *mapping, pgoff_t first, pgoff_t last,
                  bool even_cows);
bool iomem_is_exclusive(u64 addr);
int devmem_is_allowed(unsigned long pfn);
int range_is_allowed(unsigned long pfn, unsigned long size);
int valid_mmap_phys_addr_range(unsigned long pfn, size_t size);

pgd_t *pgd_offset(struct mm_struct *mm, unsigned long address);
p4d_t *p4d_offset(pgd_t *pgd, unsigned long address);
pud_t *pud_offset(p4d_t *p4d, unsigned long address);
pmd_t *pmd_offset(pud_t *pud, unsigned long address);
bool pgd_none_or_bad(pgd_t *pgd);
bool p4d_none_or_bad(p4d_t *p4d);
bool pud_none_or_bad(pud_t *pud);
bool pmd_none_or_bad(pmd_t *pmd);
bool pmd_huge(pmd_t *pmd);
pte_t *pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long address,
               spinlock_t **ptlp);
int follow_pfnmap_start(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
void follow_pfnmap_end(void);

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
               unsigned int gup_flags, struct page **pages, void *vmas, int *locked);
bool is_invalid_reserved_pfn(unsigned long pfn);
bool zpci_is_enabled(void);
int zpci_memcpy_toio(void *dst, const void *src, unsigned long n);
int zpci_memcpy_fromio(void *dst, const void *src, unsigned long n);

void smp_rmb(void);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
bool kvm_is_reserved_pfn(kvm_pfn_t pfn);
bool get_page_unless_zero(struct page *page);
kvm_pfn_t hva_to_pfn(unsigned long addr, bool write_fault, bool *writable);
bool hva_to_pfn_fast(unsigned long addr, bool write_fault, bool *writable, kvm_pfn_t *pfn);
int hva_to_pfn_slow(unsigned long addr, bool write_fault, bool *writable, kvm_pfn_t *pfn);
int hva_to_pfn_remapped(struct vm_area_struct *vma, unsigned long addr, bool write_fault,
            bool *writable, kvm_pfn_t *p_pfn);
int check_user_page_hwpoison(unsigned long addr);
int make_mmu_pages_available(struct kvm *kvm);
int __direct_map(struct kvm *kvm, gpa_t gpa, bool writable, kvm_pfn_t pfn);
void kvm_release_pfn_clean(kvm_pfn_t pfn);
"""


_HERE = Declarations(SourceFile("prototypes.py", TEXT), fold, kernel_declarations(fold))


def prototypes_of(callee: str) -> tuple[FunctionType, ...]:
    """The prototypes of a callee, one per version that there is; none if it has no contract."""
    return _HERE.prototypes(callee)
