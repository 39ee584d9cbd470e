"""The C texts of device memory as gcc makes them, in one library whose kernel is set from here."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .compiler import shared_library

HERE: Final = Path(__file__).resolve().parent
STUBS: Final = HERE / "iomem_stubs"
SPEC: Final = HERE.parent.parent / "spec" / "staleproof"
TEXTS: Final = {
    "MEMORY": SPEC / "kernel/iomem/memory.c",
    "PCI": SPEC / "kernel/iomem/pci.c",
    "GENERIC": SPEC / "kernel/iomem/devmem_generic.c",
    "X86": SPEC / "kernel/iomem/devmem_x86.c",
    "RESOURCE": SPEC / "kernel/iomem/resource.c",
    "MEM": SPEC / "kernel/iomem/mem.c",
    "LATER": SPEC / "series/p13_iomem_revoke/resource.c",
}
MOST_CONFLICTS: Final = 8


class Resource(ctypes.Structure):
    """struct resource."""


Resource._fields_ = [
    ("start", ctypes.c_uint64),
    ("end", ctypes.c_uint64),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_ulong),
    ("parent", ctypes.POINTER(Resource)),
    ("sibling", ctypes.POINTER(Resource)),
    ("child", ctypes.POINTER(Resource)),
]


class Vma(ctypes.Structure):
    """struct vm_area_struct, cut down."""

    _fields_ = [
        ("vm_start", ctypes.c_ulong),
        ("vm_end", ctypes.c_ulong),
        ("vm_pgoff", ctypes.c_ulong),
        ("vm_page_prot", ctypes.c_ulong),
    ]


class Lock(ctypes.Structure):
    """rwlock_t."""

    _fields_ = [("readers", ctypes.c_int), ("writers", ctypes.c_int)]


@dataclass
class Node:
    """A resource of a tree, as plain values."""

    start: int
    end: int
    flags: int
    children: list[Node] = field(default_factory=list)

    def walk(self) -> list[Node]:
        """This one, then what is below it."""
        return [self, *(n for child in self.children for n in child.walk())]


@functools.cache
def library(optimisation: str) -> ctypes.CDLL:
    """The library, built once per session."""
    texts = [f'-DSPEC_{name}="{path}"' for name, path in TEXTS.items()]
    built = shared_library("-Werror", optimisation, f"-I{STUBS}", *texts, STUBS / "world.c")
    built.iomem_is_exclusive.restype = ctypes.c_bool
    for name in ("legacy_request_region", "later_request_region"):
        getattr(built, name).restype = ctypes.c_void_p
    return built


class Kernel:
    """The library as it stands: what is set in it, and what happened."""

    def __init__(self, optimisation: str) -> None:
        self.library = library(optimisation)
        self._kept: list[Resource] = []

    def set(self, **values: int) -> None:
        """Set ints and longs of the world by name."""
        for name, value in values.items():
            self._variable(name).value = value

    def get(self, name: str) -> int:
        """An int or long of the world."""
        return int(self._variable(name).value)

    def _variable(self, name: str) -> Any:
        longs = ("ram_", "iobar_pfn", "remap_", "zap_")
        kind: Any = ctypes.c_int
        if name.startswith(longs) and name != "remap_error":
            kind = ctypes.c_ulong
        if name.startswith("unmap_") or name == "user_start":
            kind = ctypes.c_uint64
        return kind.in_dll(self.library, name)

    def resource(self, name: str) -> Resource:
        """A resource of the world."""
        return Resource.in_dll(self.library, name)

    @property
    def lock(self) -> Lock:
        """resource_lock."""
        return Lock.in_dll(self.library, "resource_lock")

    def plant(self, nodes: Sequence[Node]) -> None:
        """Make the nodes the tree below iomem_resource."""
        self._kept = []
        self._plant(self.resource("iomem_resource"), nodes)

    def _plant(self, parent: Resource, nodes: Sequence[Node]) -> None:
        before: Resource | None = None
        for node in nodes:
            made = Resource(node.start, node.end, None, node.flags, ctypes.pointer(parent))
            self._kept.append(made)
            if before is None:
                parent.child = ctypes.pointer(made)
            else:
                before.sibling = ctypes.pointer(made)
            before = made
            self._plant(made, node.children)

    def conflicts(self, flags: Sequence[tuple[int, bool]]) -> None:
        """What the next claim finds in its way: flags, and whether it is the parent itself."""
        self.set(conflicts=len(flags))
        known = (ctypes.c_ulong * MOST_CONFLICTS).in_dll(self.library, "conflict_flags")
        parents = (ctypes.c_int * MOST_CONFLICTS).in_dll(self.library, "conflict_is_parent")
        for i, (value, is_parent) in enumerate(flags):
            known[i], parents[i] = value, int(is_parent)
