/*
 * What a frame_vector.c needs of the kernel, for a compiler on LP64.
 *
 * Every function declared here is answered by world.c from a script.
 */
#ifndef STUBS_PRELUDE_H
#define STUBS_PRELUDE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define EPERM 1
#define EINTR 4
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EINVAL 22
#define EOPNOTSUPP 95
#define EHWPOISON 133
#define MAX_ERRNO 4095

#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_PFNMAP 0x400UL
#define VM_IO 0x4000UL

#define FOLL_WRITE 0x01
#define FOLL_FORCE 0x10
#define FOLL_LONGTERM 0x10000

#define GFP_KERNEL 0xcc0u

enum dma_data_direction {
	DMA_BIDIRECTIONAL = 0,
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_NONE = 3,
};

struct page;
struct mm_struct;

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	struct mm_struct *vm_mm;
	bool fsdax;
};

struct task_struct {
	struct mm_struct *mm;
};

struct frame_vector {
	unsigned int nr_allocated;
	unsigned int nr_frames;
	bool got_ref;
	bool is_pfns;
	void *ptrs[];
};

extern struct task_struct *const scripted_task;
#define current scripted_task

void note_warning(const char *kind, const char *text);
void note_violation(const char *kind, const char *text);

#define WARN_NOTED(kind, condition)					\
	({								\
		int warned = !!(condition);				\
		if (warned)						\
			note_warning(kind, #condition);			\
		warned;							\
	})
#define WARN_ON(condition) WARN_NOTED("WARN_ON", condition)
#define WARN_ON_ONCE(condition) WARN_NOTED("WARN_ON_ONCE", condition)
#define WARN_ONCE(condition, format...) WARN_NOTED("WARN_ONCE", condition)
#define VM_BUG_ON(condition)						\
	do {								\
		if (condition)						\
			note_violation("VM_BUG_ON", #condition);	\
	} while (0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define untagged_addr(address) (address)

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

static inline bool IS_ERR(const void *pointer)
{
	return (unsigned long)pointer >= (unsigned long)-MAX_ERRNO;
}

void mmap_read_lock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end);
bool vma_is_fsdax(struct vm_area_struct *vma);
int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages);
long pin_user_pages_locked(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked);
void unpin_user_pages(struct page **pages, unsigned long npages);
int set_page_dirty_lock(struct page *page);
bool pfn_valid(unsigned long pfn);
struct page *pfn_to_page(unsigned long pfn);
unsigned long page_to_pfn(const struct page *page);
void *kvmalloc(size_t size, unsigned int flags);
void kvfree(const void *pointer);

#endif
