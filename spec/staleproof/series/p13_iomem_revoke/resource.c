/*
 * What patch 13/15 changes in kernel/resource.c (as posted in v4, and 71a1d8ed900f), re-told: the
 * revoke, and the claim of a region, which calls it. Names, descriptors and messages are left out.
 * iomem_is_exclusive() stays as it was (kernel/iomem/resource.c).
 */

#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/mm.h>

static struct inode *iomem_inode;

/* Put under root, at its place by address: NULL, or the resource that is in the way. */
struct resource *__request_resource(struct resource *root, struct resource *new);

struct resource *alloc_resource(gfp_t flags);
void free_resource(struct resource *res);

/* Sleep until somebody releases a region that is shared in turns. */
void wait_for_muxed_resource(void);

/* 0: hands off. 1: go ahead. 2: pretend that it is all zeros. */
int devmem_is_allowed(unsigned long pfn);

static inline resource_size_t resource_size(const struct resource *res)
{
	return res->end - res->start + 1;
}

/* User mappings of what a driver has just claimed have to go. */
static void revoke_iomem(struct resource *res)
{
	struct inode *inode;

	if (!IS_ENABLED(CONFIG_IO_STRICT_DEVMEM))
		return;

	/* An inode that can be seen is complete: it was published with a release. */
	inode = smp_load_acquire(&iomem_inode);
	/* Too early in the boot for anybody to have opened a file with this mapping. */
	if (!inode)
		return;

	/* Only the two ends are asked. Both allowed: no policy is in force here. */
	if (devmem_is_allowed(res->start >> PAGE_SHIFT) &&
	    devmem_is_allowed(res->end >> PAGE_SHIFT))
		return;

	unmap_mapping_range(inode->i_mapping, res->start, resource_size(res), 1);
}

struct resource *__request_region(struct resource *parent, resource_size_t start,
				  resource_size_t n, const char *name, int flags)
{
	struct resource *orig_parent = parent;
	struct resource *conflict;
	struct resource *res;

	res = alloc_resource(GFP_KERNEL);
	if (!res)
		return NULL;

	res->start = start;
	res->end = start + n - 1;

	write_lock(&resource_lock);
	for (;;) {
		res->flags = parent->flags & IORESOURCE_TYPE_BITS;
		res->flags |= IORESOURCE_BUSY | flags;

		conflict = __request_resource(parent, res);
		if (!conflict)
			break;

		/* What is in the way and not busy is what the claim goes under. */
		if (conflict != parent && !(conflict->flags & IORESOURCE_BUSY)) {
			parent = conflict;
			continue;
		}

		if (conflict->flags & flags & IORESOURCE_MUXED) {
			write_unlock(&resource_lock);
			wait_for_muxed_resource();
			write_lock(&resource_lock);
			continue;
		}

		free_resource(res);
		res = NULL;
		break;
	}
	write_unlock(&resource_lock);

	/* parent may have moved down the tree by now. */
	if (res && orig_parent == &iomem_resource)
		revoke_iomem(res);

	return res;
}
