"""Texts that several tests read."""

from __future__ import annotations

KERNEL_LIKE = """// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "box: " fmt
#include <linux/mm.h>
#define LIMIT\t\t12\t/* slots */
#define FLAGS\t\t(FOLL_WRITE | FOLL_LONGTERM)
#define SQUARE(x)\t((x) * (x))
#define UNUSED_NONSENSE\tdo { } while

enum state { IDLE, BUSY = 5, DONE, };

struct box {
\tu32 count;
\ts8 tag;
\tenum state state;
\tunsigned int flag:1;
\tunion {
\t\tint a;
\t\tlong b;
\t};
\tstruct { int deep; } in;
\tstruct box *next;
\tu64 slots[LIMIT];
\tint (*op)(struct box *b);
} __attribute__((aligned(8)));

typedef u32 handle_t;
static DEFINE_MUTEX(big_lock);
static int total;

#ifdef CONFIG_MMU
static void only_with_mmu(void)
{
\twhat is this;
}
#endif

static int __init broken(void)
{
\treturn offsetof(struct box, in);
}

static inline int __must_check next_count(struct box *b) __must_hold(&big_lock)
{
\treturn b->count + 1;
}

/* A comment with next_count(b) { in it. */
int fill(struct box __user *b, const char *name __maybe_unused, unsigned long len)
{
\thandle_t h = (handle_t)-1;
\tint i;

\tfor (i = 0; i < LIMIT; i++)
\t\tb->slots[i] = min(len, 3UL);\t/* each of them */
\tswitch (b->state) {
\tcase BUSY:
\t\ttotal += next_count(b);
\t\tfallthrough;
\tcase DONE:
\t\tbreak;
\tdefault:
\t\treturn b->in.deep ?: -EINVAL;
\t}
\treturn h & FLAGS;
}
EXPORT_SYMBOL_GPL(fill);

module_init(broken);
MODULE_LICENSE("GPL");
"""
