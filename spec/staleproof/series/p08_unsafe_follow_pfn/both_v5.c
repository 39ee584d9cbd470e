/*
 * What patch 08 of v5 adds to mm/memory.c and, word for word, to mm/nommu.c, re-told. The message
 * is shortened.
 */

#include <linux/kernel.h>
#include <linux/mm.h>

#define TAINT_USER 6

enum lockdep_ok {
	LOCKDEP_STILL_OK,
	LOCKDEP_NOW_UNRELIABLE,
};

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
void add_taint(unsigned flag, enum lockdep_ok lockdep_ok);

/* For those who keep the pfn without anything that tells them when it goes away. */
int unsafe_follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn)
{
	if (IS_ENABLED(CONFIG_STRICT_FOLLOW_PFN)) {
		pr_info("unsafe follow_pfn usage rejected\n");
		return -EINVAL;
	}

	WARN_ONCE(1, "unsafe follow_pfn usage\n");
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);

	return follow_pfn(vma, address, pfn);
}
