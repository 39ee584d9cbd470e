/*
 * follow_pte() of mm/memory.c (v5.12), re-told: the walk from the top of the page tables down to one
 * PTE. Where the kernel asks of a level whether it is none or bad, one question stands here.
 */

#include <linux/mm.h>

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

int follow_pte(struct mm_struct *mm, unsigned long address, pte_t **ptepp, spinlock_t **ptlp)
{
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *slot;

	pgd = pgd_offset(mm, address);
	if (pgd_none_or_bad(pgd))
		return -EINVAL;
	p4d = p4d_offset(pgd, address);
	if (p4d_none_or_bad(p4d))
		return -EINVAL;
	pud = pud_offset(p4d, address);
	if (pud_none_or_bad(pud))
		return -EINVAL;
	pmd = pmd_offset(pud, address);
	if (pmd_huge(pmd))
		return -EINVAL;
	if (pmd_none_or_bad(pmd))
		return -EINVAL;

	slot = pte_offset_map_lock(mm, pmd, address, ptlp);
	if (!pte_present(ptep_get(slot))) {
		pte_unmap_unlock(slot, *ptlp);
		return -EINVAL;
	}

	/* The lock is the caller's from here on. */
	*ptepp = slot;
	return 0;
}
