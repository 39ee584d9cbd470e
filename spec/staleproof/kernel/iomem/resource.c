/*
 * The resource tree as kernel/resource.c had it before the series (v5.10-rc1), re-told: the
 * exclusivity test, and the claim of a region. Names, descriptors and messages are left out.
 *
 * revoke_devmem() lives in drivers/char/mem.c (mem.c here).
 */

#include <linux/ioport.h>
#include <linux/mm.h>

static int strict_iomem_checks;

/* Children before siblings, siblings before what follows the parent; NULL at the end. */
struct resource *next_resource(struct resource *p);

/* Put under root, at its place by address: NULL, or the resource that is in the way. */
struct resource *__request_resource(struct resource *root, struct resource *new);

struct resource *alloc_resource(gfp_t flags);
void free_resource(struct resource *res);

/* Sleep until somebody releases a region that is shared in turns. */
void wait_for_muxed_resource(void);

void revoke_devmem(struct resource *res);

/* Does a claim that keeps user space out touch the page of this address? */
bool iomem_is_exclusive(u64 addr)
{
	struct resource *p;
	bool found = false;
	int size = PAGE_SIZE;

	if (!strict_iomem_checks)
		return false;

	addr = addr & PAGE_MASK;

	read_lock(&resource_lock);
	for (p = next_resource(&iomem_resource); p; p = next_resource(p)) {
		/* In this order starts never go down, so nothing of interest comes later. */
		if (p->start >= addr + size)
			break;
		/* end is the last byte, not the one after it. */
		if (p->end < addr)
			continue;
		if (!(p->flags & IORESOURCE_BUSY))
			continue;
		if (IS_ENABLED(CONFIG_IO_STRICT_DEVMEM) || p->flags & IORESOURCE_EXCLUSIVE) {
			found = true;
			break;
		}
	}
	read_unlock(&resource_lock);

	return found;
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
		revoke_devmem(res);

	return res;
}
