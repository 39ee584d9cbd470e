"""Drivers claim device memory: the resource tree, as far as mappings depend on it."""

from __future__ import annotations

from typing import ClassVar

from staleproof.kernel.device_memory.files import Files
from staleproof.kernel.device_memory.sorts import Claim, Page, Phase
from staleproof.kernel.iomem.contract import DEVMEM, EXC, REVOKE
from staleproof.lang.model import axiom, initial
from staleproof.lang.quantify import every, some
from staleproof.lang.state import Fixed, Function, Relation
from staleproof.lang.system import Assumption
from staleproof.lang.terms import Term, conj, disj, implies


class Resources(Files):
    """Claims of ranges of device memory, made BUSY under resource_lock and taken back.

    A claim that fails changes nothing and is left out. Claims that conflict are not kept apart:
    that admits more runs than the kernel has, so what is proved holds.
    """

    region: Fixed[Relation[Claim, Page]]  # the resource touches the page
    first: Fixed[Function[Claim, Page]]  # the page of res->start
    last: Fixed[Function[Claim, Page]]  # the page of res->end
    in_zap: Fixed[Relation[Claim, Page]]  # the page is in the range that revocation would zap
    low: Fixed[Relation[Page]]  # below 1 MiB on x86, where devmem_is_allowed() never refuses
    exclusive: Fixed[Relation[Claim]]  # IORESOURCE_EXCLUSIVE is asked for
    aligned: Fixed[Relation[Claim]]  # res->start is at the beginning of a page
    from_root: Fixed[Relation[Claim]]  # the parent named in the request is &iomem_resource
    by_request_region: Fixed[Relation[Claim]]  # not by insert_resource(), reserve= and the like
    phase: Function[Claim, Phase]

    assumptions: ClassVar[tuple[Assumption, ...]] = (EXC, DEVMEM, REVOKE)

    @axiom
    def regions_have_ends(s) -> Term:
        """A region has its first and its last page, and if the last is low, all are."""
        return conj(
            every(Claim, lambda c: s.region[c, s.first[c]] & s.region[c, s.last[c]]),
            every(
                Claim,
                Page,
                lambda c, p: implies(s.region[c, p] & s.low[s.last[c]], s.low[p]),
            ),
        )

    @axiom
    def zaps_are_rounded(s) -> Term:
        """The zap is of the region, but perhaps for the last page of one that is not aligned."""
        return every(
            Claim,
            Page,
            lambda c, p: conj(
                implies(s.in_zap[c, p], s.region[c, p]),
                implies(
                    s.region[c, p] & ~s.in_zap[c, p],
                    conj(~s.aligned[c], p == s.last[c], p != s.first[c]),
                ),
            ),
        )

    @initial
    def nothing_is_claimed(s) -> Term:
        """At the start no driver has claimed anything."""
        return every(Claim, lambda c: s.phase[c] == Phase.FREE)

    def is_exclusive(s, p: Page) -> Term:
        """What iomem_is_exclusive() says of the page."""
        return s.strict_iomem_checks & some(
            Claim,
            lambda c: conj(
                s.is_visible(c),
                s.region[c, p],
                disj(s.io_strict_devmem, s.exclusive[c]),
            ),
        )

    def is_visible(s, c: Claim) -> Term:
        """Who looks at the resource tree sees the claim."""
        return s.phase[c] != Phase.FREE

    def is_denied(s, p: Page) -> Term:
        """What devmem_is_allowed() says of a page of device memory, negated."""
        return s.is_exclusive(p) & ~s.low[p]
