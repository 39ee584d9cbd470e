/*
 * unmap_mapping_range() of mm/memory.c (v5.10-rc1), re-told: from bytes of a file to its pages.
 */

#include <linux/fs.h>
#include <linux/mm.h>

/* Zap the pages first .. last of the file in every VMA of the tree. */
void unmap_mapping_range_tree(struct address_space *mapping, pgoff_t first, pgoff_t last,
			      bool even_cows);

void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
			 int even_cows)
{
	/* Rounded apart: the start down, the length up. */
	pgoff_t first = holebegin >> PAGE_SHIFT;
	pgoff_t nr = (holelen + PAGE_SIZE - 1) >> PAGE_SHIFT;
	pgoff_t last = first + nr - 1;

	/* A length of 0 means up to the end. */
	if (last < first)
		last = ULONG_MAX;

	i_mmap_lock_write(mapping);
	unmap_mapping_range_tree(mapping, first, last, even_cows);
	i_mmap_unlock_write(mapping);
}
