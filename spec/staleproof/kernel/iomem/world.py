"""The worlds that the C text of device memory runs in.

WALKING is for functions that walk through the tree of resources, CLAIMING for those that make one
and change it, MAPPING for the rest: there resources are what they are.
"""

from __future__ import annotations

from collections.abc import Callable

from staleproof.cfront.contracts import World
from staleproof.kernel.contracts import (
    devmem,
    pci,
    remap,
    resource_lock,
    resource_tree,
    zap,
)
from staleproof.kernel.contracts.prototypes import prototypes_of
from staleproof.kernel.iomem import mapping, resource
from staleproof.kernel.iomem.resource import CHANGING, SETTLED, Fields
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import Symbol, Term

devmem_inode = Symbol("devmem_inode", (), BitVec(64), mutable=False)
iomem_inode = Symbol("iomem_inode", (), BitVec(64), mutable=False)
i_mapping = Symbol("inode->i_mapping", (), BitVec(64), mutable=False)

KINDS = {
    "null": "no NULL or ERR_PTR is followed",
    "unlocked": "the resource tree is looked at only under resource_lock",
    "lock": "no lock is taken twice or released unheld",
    "sleep": "resource_lock is not held by what sleeps",
    "early": "only what is claimed, visibly so, is zapped",
    "freed": "no resource in the tree is freed",
    "range": "only ranges below the last page of 64 bits are tested",
    "one-page": "RAM is asked for page by page",
    "uninitialised": "no local is read before it is set",
    "division": "no division by zero, and none whose quotient is too large",
    "shift": "no shift by the width or more",
    "bug": "no BUG_ON fires",
}
"""Each kind of demand and the statement that it never fails."""


def _speaks_of(*symbols: Symbol) -> Callable[[Symbol], bool]:
    return lambda symbol: symbol in symbols


def _world(fields: Fields, *axioms: Term) -> World:
    return World(
        structs={"resource": fields.struct(), "vm_area_struct": mapping.STRUCT},
        globals={
            "strict_iomem_checks": resource.strict_iomem_checks(),
            "CONFIG_IO_STRICT_DEVMEM": resource.io_strict_devmem(),
            "CONFIG_STRICT_DEVMEM": resource.strict_devmem(),
            "devmem_inode": devmem_inode(),
            "iomem_inode": iomem_inode(),
        },
        objects={
            "iomem_resource": resource.iomem_resource(),
            "ioport_resource": resource.ioport_resource(),
        },
        fields={("inode", "i_mapping"): i_mapping()},
        contracts={
            **resource_lock.CONTRACTS,
            **resource_tree.CONTRACTS,
            **devmem.CONTRACTS,
            **zap.CONTRACTS,
            **remap.CONTRACTS,
            **pci.CONTRACTS,
        },
        prototypes=prototypes_of,
        axioms=(*resource.ROOTS, *axioms),
        init=(
            *resource.INIT,
            *devmem.INIT,
            *zap.INIT,
            *mapping.INIT,
        ),
        assumptions=(*resource.ASSUMPTIONS, mapping.NEW, pci.BAR),
        about={
            "RES-TREE": _speaks_of(resource.in_tree),
            "RES-WALK": _speaks_of(resource.place),
            "RES-LOCK": _speaks_of(resource.in_tree),
            "RES-UNHELD": _speaks_of(resource.readers, resource.writer),
            "VMA-NEW": _speaks_of(mapping.vm_pgoff),
            "PCI-BAR": _speaks_of(pci.bar_resource),
        },
        kinds=KINDS,
    )


WALKING = _world(SETTLED, *resource.TREE)
CLAIMING = _world(CHANGING, *resource_tree.AXIOMS)
MAPPING = _world(SETTLED, *mapping.AXIOMS, *pci.AXIOMS)
