"""Each row about device memory: of which function it is asked, and what must kill it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from staleproof.cfront.contracts import World
from staleproof.engine.search import Limits
from staleproof.kernel.contracts.resource_tree import claim, existing, inserted, is_claimed
from staleproof.kernel.iomem import mapping, properties
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.resource import RESOURCE, null_resource
from staleproof.kernel.iomem.world import CLAIMING, MAPPING, WALKING
from staleproof.lang.system import Assumption, Property
from staleproof.lang.terms import Term, eq, neg
from staleproof.logic.scope import Scope

Edit = tuple[str, str]
"""What stands in the text once, and what takes its place. {revoke} is the name of the revoke."""


@dataclass(frozen=True)
class Wrong:
    """A wrong variant of the text that must be refuted."""

    name: str
    sentence: str
    edits: tuple[Edit, ...]


def _nothing(s: Subject) -> tuple[Term, ...]:
    return ()


def _no_lemmas(s: Subject, head: str) -> tuple[Property, ...]:
    return ()


@dataclass(frozen=True, eq=False)
class Asked:
    """A function: in which text (a field of Version) it stands, and what is known at the call."""

    text: str
    function: str
    world: World
    start: Callable[[Subject], tuple[Term, ...]] = _nothing
    lemmas: Callable[[Subject, str], tuple[Property, ...]] = _no_lemmas
    assumptions: tuple[Assumption, ...] = ()
    keep_calls: frozenset[str] = frozenset()
    """Functions of the same text that are called by contract all the same."""
    limits: Limits = field(default_factory=Limits)
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, eq=False)
class Row:
    """A property, what makes it, and its killers."""

    name: str
    make: Callable[[Subject], Property]
    killers: tuple[Wrong, ...] = ()


def _new_vma(s: Subject) -> tuple[Term, ...]:
    return mapping.new(s.only(mapping.VMA))


def _parent(s: Subject) -> tuple[Term, ...]:
    return (existing(s["parent"]), neg(eq(s["parent"], null_resource())), neg(inserted()))


def _claimed(s: Subject) -> tuple[Term, ...]:
    resource = s["res"]
    return (
        neg(existing(resource)),
        inserted(),
        eq(claim(), resource),
        is_claimed(resource),
        *properties.keeps_out_itself(s),
    )


PARENT = Assumption("CLAIM-PARENT", "the parent of a claim is a resource that others know")
CLAIMED = Assumption(
    "REVOKE-CLAIMED",
    "the revoke gets a resource that is busy in the tree (REV-6), so that it keeps user space out "
    "of each of its pages if that is configured (EXC-1), and resource_lock is not held (REV-10)",
)
_UNADJUSTED = Wrong(
    "offset kept",
    "the pfn is computed for the mapping alone, and vm_pgoff stays an offset in the BAR",
    (
        ("vma->vm_pgoff += pci_resource_n(pdev, bar)->start >> PAGE_SHIFT;", ";"),
        (
            "return io_remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff,",
            "return io_remap_pfn_range(vma, vma->vm_start,\n"
            "\t\tvma->vm_pgoff + (pci_resource_n(pdev, bar)->start >> PAGE_SHIFT),",
        ),
    ),
)
_SAMPLES = (
    "\tif (devmem_is_allowed(res->start >> PAGE_SHIFT) &&\n"
    "\t    devmem_is_allowed(res->end >> PAGE_SHIFT))\n\t\treturn;\n"
)

_WALKS = Limits(depth=45, scopes=tuple(Scope({RESOURCE: number}, 1) for number in (3, 4)))
"""NULL and iomem_resource are resources, too: with three there is one to be found."""

_CLAIMS = Limits(depth=45, scopes=tuple(Scope({RESOURCE: number}, 1) for number in (4, 5)))
"""NULL, the two roots, the claim, and perhaps what is in its way."""

EXCLUSIVE = Asked(
    "resource",
    "iomem_is_exclusive",
    WALKING,
    lemmas=properties.walked,
    limits=_WALKS,
    rows=(
        Row(
            "EXC-1",
            properties.exc_1,
            (
                Wrong(
                    "exclusive ends",
                    "a resource is taken to end in front of its end",
                    (("p->end < addr", "p->end <= addr"),),
                ),
                Wrong(
                    "byte for page",
                    "the address is not rounded down to its page",
                    (("\taddr = addr & PAGE_MASK;\n", ""),),
                ),
                Wrong(
                    "idle resources count",
                    "IORESOURCE_BUSY is not asked for",
                    (("!(p->flags & IORESOURCE_BUSY)", "!(p->flags)"),),
                ),
            ),
        ),
        Row("EXC-1a", properties.exc_1a),
        Row("EXC-1b", properties.exc_1b),
        Row(
            "EXC-4",
            properties.exc_4,
            (
                Wrong(
                    "lock kept",
                    "the early end of the walk returns with the lock held",
                    (("\t\t\tfound = true;\n\t\t\tbreak;", "\t\t\treturn true;"),),
                ),
            ),
        ),
    ),
)
RANGE = Asked(
    "mem",
    "range_is_allowed",
    MAPPING,
    lemmas=properties.asked,
    rows=(
        Row(
            "EXC-2",
            properties.exc_2,
            (
                Wrong(
                    "first page only",
                    "the same page is asked each time",
                    (("\t\tpfn++;\n", ""),),
                ),
            ),
        ),
        Row(
            "EXC-2a",
            properties.exc_2a,
            (
                Wrong(
                    "option ignored",
                    "pages are asked whatever the configuration",
                    (("\tif (!IS_ENABLED(CONFIG_STRICT_DEVMEM))\n\t\treturn 1;\n", ""),),
                ),
            ),
        ),
        Row("EXC-2b", properties.exc_2b),
        Row(
            "EXC-2c",
            properties.exc_2c,
            (
                Wrong(
                    "one page more",
                    "the page behind the range is asked, too",
                    (("cursor < to", "cursor <= to"),),
                ),
            ),
        ),
    ),
)
ALLOWED_X86 = Asked(
    "x86",
    "devmem_is_allowed",
    MAPPING,
    rows=(
        Row(
            "EXC-5",
            properties.exc_5,
            (
                Wrong(
                    "one page more",
                    "the first page above 1 MiB is treated as one below",
                    (
                        (
                            "\t\tif (pfn < 256)\n\t\t\treturn 1;",
                            "\t\tif (pfn <= 256)\n\t\t\treturn 1;",
                        ),
                    ),
                ),
            ),
        ),
    ),
)
ALLOWED_GENERIC = Asked(
    "generic",
    "devmem_is_allowed",
    MAPPING,
    rows=(
        Row(
            "EXC-5a",
            properties.exc_5a,
            (
                Wrong(
                    "RAM shown",
                    "RAM is not asked about",
                    (("!page_is_ram(pfn)", "page_is_ram(pfn) <= 1"),),
                ),
            ),
        ),
    ),
)
MMAP_MEM = Asked(
    "mem",
    "mmap_mem",
    MAPPING,
    _new_vma,
    keep_calls=frozenset({"range_is_allowed"}),
    rows=(
        Row(
            "EXC-6",
            properties.exc_6,
            (
                Wrong(
                    "untested end",
                    "the last byte may lie anywhere",
                    (
                        (
                            "\tif (!valid_mmap_phys_addr_range(vma->vm_pgoff, size))\n"
                            "\t\treturn -EINVAL;\n",
                            "",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "EXC-7",
            properties.exc_7,
            (
                Wrong(
                    "range untested",
                    "the mmap does not ask whether the range may be mapped",
                    (
                        (
                            "\tif (!range_is_allowed(vma->vm_pgoff, size))\n\t\treturn -EPERM;\n",
                            "",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "REV-3",
            properties.rev_3,
            (
                Wrong(
                    "address for pfn",
                    "the pages are mapped from the physical address, taken for a pfn",
                    (
                        (
                            "remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, size",
                            "remap_pfn_range(vma, vma->vm_start, offset, size",
                        ),
                    ),
                ),
            ),
        ),
    ),
)
PCI_FITS = Asked(
    "pci",
    "pci_mmap_fits",
    MAPPING,
    _new_vma,
    rows=(
        Row(
            "PCI-4",
            properties.pci_4,
            (
                Wrong(
                    "end untested",
                    "only the first page of the mapping has to lie in the BAR",
                    ((" && start + nr <= pci_start + size", ""),),
                ),
            ),
        ),
    ),
)
PCI_FITS_ALL = Asked(
    "pci",
    "pci_mmap_fits",
    MAPPING,
    _new_vma,
    rows=(
        Row(
            "PCI-4b",
            properties.pci_4b,
            (
                Wrong(
                    "first page refused",
                    "a mapping from the BAR's first page on does not fit",
                    (("start >= pci_start", "start > pci_start"),),
                ),
            ),
        ),
    ),
)
PCI_SYSFS = Asked(
    "pci",
    "pci_mmap_resource_range",
    MAPPING,
    _new_vma,
    rows=(
        Row("REV-3a", properties.rev_3a, (_UNADJUSTED,)),
        Row("PCI-5", properties.pci_5, (_UNADJUSTED,)),
    ),
)
PCI_PROCFS = Asked(
    "pci",
    "pci_mmap_page_range",
    MAPPING,
    _new_vma,
    rows=(
        Row("REV-3b", properties.rev_3b, (_UNADJUSTED,)),
        Row("PCI-4a", properties.pci_4a),
    ),
)
REVOKE = Asked(
    "revoking",
    "{revoke}",
    CLAIMING,
    _claimed,
    assumptions=(CLAIMED,),
    limits=_CLAIMS,
    rows=(
        Row(
            "REV-11",
            properties.rev_11,
            (
                Wrong(
                    "policy not asked",
                    "the revoke does not ask whether the pages are denied",
                    ((_SAMPLES, ""),),
                ),
            ),
        ),
        Row(
            "REV-11a",
            properties.rev_11a,
            (
                Wrong(
                    "always there",
                    "the revoke does not ask for CONFIG_IO_STRICT_DEVMEM",
                    (("\tif (!IS_ENABLED(CONFIG_IO_STRICT_DEVMEM))\n\t\treturn;\n", ""),),
                ),
                Wrong(
                    "no inode",
                    "the revoke does not ask whether there is an inode yet",
                    (("\tif (!inode)\n\t\treturn;\n", ""),),
                ),
            ),
        ),
        Row("REV-12", properties.rev_12),
        Row(
            "REV-12a",
            properties.rev_12a,
            (
                Wrong(
                    "one end will do",
                    "the revoke does nothing if either end is allowed",
                    (("PAGE_SHIFT) &&", "PAGE_SHIFT) ||"),),
                ),
            ),
        ),
    ),
)
UNMAP = Asked(
    "memory",
    "unmap_mapping_range",
    MAPPING,
    rows=(
        Row("REV-13", properties.rev_13),
        Row(
            "REV-13a",
            properties.rev_13a,
            (
                Wrong(
                    "length rounded down",
                    "a last page that is only begun is left out",
                    (("(holelen + PAGE_SIZE - 1) >> PAGE_SHIFT", "holelen >> PAGE_SHIFT"),),
                ),
            ),
        ),
        Row(
            "REV-13b",
            properties.rev_13b,
            (
                Wrong(
                    "one page more",
                    "a length of whole pages is rounded up to one page more",
                    (("holelen + PAGE_SIZE - 1", "holelen + PAGE_SIZE"),),
                ),
                Wrong(
                    "nothing for 0",
                    "a length of 0 zaps up to one page below the start",
                    (("\t\tlast = ULONG_MAX;", "\t\t;"),),
                ),
            ),
        ),
    ),
)
_REVOKES = "\tif (res && orig_parent == &iomem_resource)\n\t\t{revoke}(res);\n"
CLAIM = Asked(
    "claiming",
    "__request_region",
    CLAIMING,
    _parent,
    properties.claiming,
    assumptions=(PARENT,),
    limits=_CLAIMS,
    rows=(
        Row(
            "REV-6",
            properties.rev_6,
            (
                Wrong(
                    "zap first",
                    "the zap comes before the resource is put into the tree",
                    (
                        (
                            "\twrite_lock(&resource_lock);\n\tfor (;;) {",
                            "\tif (orig_parent == &iomem_resource)\n\t\t{revoke}(res);\n"
                            "\twrite_lock(&resource_lock);\n\tfor (;;) {",
                        ),
                    ),
                ),
                Wrong(
                    "not busy",
                    "the resource is put into the tree without IORESOURCE_BUSY",
                    (("res->flags |= IORESOURCE_BUSY | flags;", "res->flags |= flags;"),),
                ),
            ),
        ),
        Row(
            "REV-6a",
            properties.rev_6a,
            (
                Wrong(
                    "one byte more",
                    "the length is added to the start, and nothing is taken off",
                    (("start + n - 1", "start + n"),),
                ),
                Wrong(
                    "claim forgotten",
                    "the flags that the caller named are left out",
                    (("IORESOURCE_BUSY | flags;", "IORESOURCE_BUSY;"),),
                ),
            ),
        ),
        Row(
            "REV-8",
            properties.rev_8,
            (
                Wrong(
                    "any parent",
                    "every claim is revoked",
                    (("if (res && orig_parent == &iomem_resource)", "if (res)"),),
                ),
            ),
        ),
        Row(
            "REV-10",
            properties.rev_10,
            (
                Wrong(
                    "zap under the lock",
                    "the lock is released after the revoke",
                    (
                        (
                            "\twrite_unlock(&resource_lock);\n\n\t/* parent may have",
                            "\n\t/* parent may have",
                        ),
                        (
                            _REVOKES,
                            _REVOKES + "\twrite_unlock(&resource_lock);\n",
                        ),
                    ),
                ),
            ),
        ),
    ),
)
CLAIM_BY_CONTRACT = Asked(
    "claiming",
    "__request_region",
    CLAIMING,
    _parent,
    properties.claiming,
    assumptions=(PARENT,),
    limits=_CLAIMS,
    keep_calls=frozenset({"{revoke}"}),
    rows=(
        Row(
            "REV-14",
            properties.rev_14,
            (
                Wrong(
                    "parent where it went",
                    "the parent that is compared is the one that the claim was put under",
                    (("orig_parent == &iomem", "parent == &iomem"),),
                ),
            ),
        ),
    ),
)
ALL = (
    EXCLUSIVE,
    RANGE,
    ALLOWED_X86,
    ALLOWED_GENERIC,
    MMAP_MEM,
    REVOKE,
    CLAIM,
    CLAIM_BY_CONTRACT,
    UNMAP,
    PCI_FITS,
    PCI_FITS_ALL,
    PCI_SYSFS,
    PCI_PROCFS,
)
