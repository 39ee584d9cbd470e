/*
 * Frame vectors after patch 05/15 of "follow_pfn and other iomap races", v4 as posted, re-told.
 *
 * Different from legacy.c: a long-term pin is tried first, without mmap_lock,
 * and only its failure leads to the raw walk, which counts on from that failure.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

static inline unsigned int frame_vector_count(struct frame_vector *vec)
{
	return vec->nr_frames;
}

/* Page pointers become frame numbers, slot by slot; got_ref keeps its value. */
void frame_vector_to_pfns(struct frame_vector *vec)
{
	struct page **pages;
	unsigned long *nums;
	int i;

	if (vec->is_pfns)
		return;

	pages = (struct page **)(vec->ptrs);
	nums = (unsigned long *)pages;
	for (i = 0; i < vec->nr_frames; i++)
		nums[i] = page_to_pfn(pages[i]);

	vec->is_pfns = true;
}

static inline unsigned long *frame_vector_pfns(struct frame_vector *vec)
{
	if (!vec->is_pfns)
		frame_vector_to_pfns(vec);

	return (unsigned long *)(vec->ptrs);
}

/*
 * All or nothing: every number is tested before the first slot changes.  The
 * page pointers that come out of numbers carry no reference.
 */
int frame_vector_to_pages(struct frame_vector *vec)
{
	struct page **pages;
	unsigned long *nums;
	int i;

	if (!vec->is_pfns)
		return 0;

	nums = frame_vector_pfns(vec);
	for (i = 0; i < vec->nr_frames; i++) {
		if (!pfn_valid(nums[i]))
			return -EINVAL;
	}

	pages = (struct page **)nums;
	for (i = 0; i < vec->nr_frames; i++)
		pages[i] = pfn_to_page(nums[i]);

	vec->is_pfns = false;
	return 0;
}

static inline struct page **frame_vector_pages(struct frame_vector *vec)
{
	int err;

	if (vec->is_pfns) {
		err = frame_vector_to_pages(vec);
		if (err)
			return ERR_PTR(err);
	}

	return (struct page **)(vec->ptrs);
}

int get_vaddr_frames(unsigned long start, unsigned int nr_frames, unsigned int gup_flags,
		     struct frame_vector *vec)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long *nums;
	int ret = 0;
	int err;

	if (nr_frames == 0)
		return 0;

	if (WARN_ON_ONCE(nr_frames > vec->nr_allocated))
		nr_frames = vec->nr_allocated;

	start = untagged_addr(start);

	ret = pin_user_pages_fast(start, nr_frames, FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM,
				  (struct page **)(vec->ptrs));
	if (ret > 0) {
		vec->got_ref = true;
		vec->is_pfns = false;
		goto report;
	}

	mmap_read_lock(mm);
	vec->got_ref = false;
	vec->is_pfns = true;
	do {
		nums = frame_vector_pfns(vec);

		vma = find_vma_intersection(mm, start, start + 1);
		if (!vma)
			break;

		while (ret < nr_frames && start + PAGE_SIZE <= vma->vm_end) {
			err = follow_pfn(vma, start, &nums[ret]);
			if (err) {
				if (ret == 0)
					ret = err;
				goto unlock;
			}
			start += PAGE_SIZE;
			ret++;
		}

		/* What is left of this VMA is less than a page, or is not wanted. */
		if (start < vma->vm_end)
			break;
	} while (ret < nr_frames);
unlock:
	mmap_read_unlock(mm);
report:
	if (!ret)
		ret = -EFAULT;
	if (ret > 0)
		vec->nr_frames = ret;
	return ret;
}

/* Pins that cannot be found again as pages are lost: the vector is emptied anyway. */
void put_vaddr_frames(struct frame_vector *vec)
{
	struct page **pages;

	if (!vec->got_ref)
		goto empty;

	pages = frame_vector_pages(vec);
	if (WARN_ON(IS_ERR(pages)))
		goto empty;

	unpin_user_pages(pages, frame_vector_count(vec));
	vec->got_ref = false;
empty:
	vec->nr_frames = 0;
}

/* The two tags are left as the allocator found them; the first get sets them. */
struct frame_vector *frame_vector_create(unsigned int nr_frames)
{
	struct frame_vector *vec;

	if (WARN_ON_ONCE(nr_frames == 0))
		return NULL;
	if (WARN_ON_ONCE(nr_frames > INT_MAX / sizeof(void *) / 2))
		return NULL;

	vec = kvmalloc(sizeof(struct frame_vector) + sizeof(void *) * nr_frames, GFP_KERNEL);
	if (!vec)
		return NULL;

	vec->nr_allocated = nr_frames;
	vec->nr_frames = 0;
	return vec;
}

void frame_vector_destroy(struct frame_vector *vec)
{
	VM_BUG_ON(vec->nr_frames > 0);
	kvfree(vec);
}
