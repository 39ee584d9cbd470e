"""What the systems of page users speak of: any number of everything."""

from __future__ import annotations

from staleproof.lang.kinds import Element, Members


class Page(Element):
    """A page frame."""


class Slot(Element):
    """A user address, one page of it: where a PTE is (with the page-table lock that guards it)."""


class Reader(Element):
    """Somebody who reads a PTE and uses the page that it names: a call, a DMA mapping, a guest."""


class Zap(Element):
    """One invalidation of a slot, from its beginning to its end."""


class Mm(Element):
    """An address space of user processes (struct mm_struct)."""


class Doing(Members):
    """What a reader is doing."""

    IDLE: Doing
    LOCKED: Doing  # holds the page-table lock of its slot, and has read the PTE
    KEPT: Doing  # has dropped the lock, and keeps what the PTE said
    CHECKED: Doing  # holds the lock again, and has compared the PTE with what it keeps
    USING: Doing  # reads or writes the page


class Driver(Members):
    """Who hands pages of user buffers to a device."""

    EXYNOS: Driver  # drm/exynos, g2d
    HABANA: Driver  # misc/habanalabs
    VIDEOBUF2: Driver  # media, by way of a frame vector in every version


class User(Members):
    """Who asks for the number behind a PTE."""

    VIDEOBUF1: User
    VIDEOBUF2: User
    VFIO: User
    KVM: User
    MODULE: User  # any module, of this kernel or not
