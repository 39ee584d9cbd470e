"""What is asked of user mappings of device memory and of the drivers that claim it."""

from __future__ import annotations

from staleproof.kernel.device_memory.lemmas import Lemmas
from staleproof.kernel.device_memory.sorts import Claim, Cpu, Kind, Page, Phase, Stage, Vma
from staleproof.lang.model import safety
from staleproof.lang.quantify import some
from staleproof.lang.terms import TRUE, Term, conj, eq, implies

CHECKED = (Kind.DEVMEM, Kind.PCI_SYSFS, Kind.PCI_PROC)
"""The files whose mmap asks who claims the memory (procfs from patch 11 on)."""
REVOCABLE = (*CHECKED, Kind.LEGACY_IO)
"""The files whose mappings the series means to revoke."""
COMMON = (*REVOCABLE, Kind.LEGACY_MEM)
"""Those that every architecture has, or may have; not alpha's own."""


class DeviceMemory(Lemmas):
    """User mappings of device memory and drivers that claim it, with all that is asked of them."""

    def is_used(s, c: Claim, p: Page) -> Term:
        """request_region() has returned to the driver, in a kernel that is strict about I/O."""
        return conj(
            s.phase[c] == Phase.OWNED, s.by_request_region[c], s.region[c, p], s.io_strict_devmem
        )

    def was_found(s, c: Claim, v: Vma) -> Term:
        """The VMA was in a tree when the claim became BUSY, and is not being unmapped."""
        return s.linked_before[c, v] & (s.stage[v] == Stage.LINKED)

    def stale(
        s,
        c: Claim,
        v: Vma,
        p: Page,
        u: Cpu,
        *kinds: Kind,
        found: Term | None = None,
        usual: Term | None = None,
    ) -> Term:
        """No translation is left to a page in use, of VMAs of such files, that were `found`."""
        premise = conj(
            s.is_used(c, p),
            s.is_ordinary(c) if usual is None else usual,
            s.was_found(c, v) if found is None else found,
            s.is_kind(s.file[v], *kinds) if kinds else TRUE,
        )
        return implies(premise, s.is_unreachable(v, p, u))

    @safety
    def no_stale_mapping(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """After request_region() nothing mapped from /dev/mem or a PCI file reaches the claim."""
        return s.stale(c, v, p, u, *CHECKED, found=~s.low[p])

    @safety
    def no_stale_mapping_found(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """After request_region() no VMA that was linked before and still is reaches the claim."""
        return s.stale(c, v, p, u, *REVOCABLE)

    @safety
    def no_stale_devmem(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """After request_region() no VMA of /dev/mem that was linked before reaches the claim."""
        return s.stale(c, v, p, u, Kind.DEVMEM)

    # Each side condition left out

    @safety
    def found_whenever_linked(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of VMAs that are linked now, whether before the claim or after it."""
        return s.stale(c, v, p, u, *REVOCABLE, found=eq(s.stage[v], Stage.LINKED))

    @safety
    def found_if_unmapped_since(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of VMAs that were in a tree at the claim, also if they are being unmapped."""
        return s.stale(c, v, p, u, *REVOCABLE, found=s.linked_before[c, v])

    @safety
    def found_for_low_claims(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same also for claims that lie wholly below 1 MiB."""
        usual = conj(~s.relaxed, s.from_root[c], s.aligned[c])
        return s.stale(c, v, p, u, *REVOCABLE, usual=usual)

    @safety
    def found_if_relaxed(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same also with iomem=relaxed."""
        usual = conj(s.is_high(c), s.from_root[c], s.aligned[c])
        return s.stale(c, v, p, u, *REVOCABLE, usual=usual)

    @safety
    def found_under_any_parent(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same also for claims under another parent than iomem_resource."""
        usual = conj(~s.relaxed, s.is_high(c), s.aligned[c])
        return s.stale(c, v, p, u, *REVOCABLE, usual=usual)

    @safety
    def found_if_unaligned(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same also for claims that begin in the middle of a page."""
        usual = conj(~s.relaxed, s.is_high(c), s.from_root[c])
        return s.stale(c, v, p, u, *REVOCABLE, usual=usual)

    @safety
    def found_of_any_file(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of VMAs of any file that can map device memory, alpha's among them."""
        return s.stale(c, v, p, u)

    @safety
    def found_of_common_files(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of VMAs of any file but alpha's, legacy_mem among them."""
        return s.stale(c, v, p, u, *COMMON)

    @safety
    def every_claim_revokes(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """However a resource becomes BUSY: when its owner goes on, no found VMA reaches it."""
        premise = conj(
            s.phase[c] == Phase.OWNED,
            s.region[c, p],
            s.io_strict_devmem,
            s.is_ordinary(c),
            s.was_found(c, v),
            s.is_kind(s.file[v], *REVOCABLE),
        )
        return implies(premise, s.is_unreachable(v, p, u))

    @safety
    def found_in_any_configuration(s, c: Claim, v: Vma, p: Page, u: Cpu) -> Term:
        """The same of every kernel, however it is configured."""
        premise = conj(
            s.phase[c] == Phase.OWNED,
            s.by_request_region[c],
            s.region[c, p],
            s.is_high(c),
            s.from_root[c],
            s.aligned[c],
            s.was_found(c, v),
            s.is_kind(s.file[v], *REVOCABLE),
        )
        return implies(premise, s.is_unreachable(v, p, u))

    # The order of things

    @safety
    def ptes_come_after_the_link(s, v: Vma, p: Page) -> Term:
        """A VMA with a PTE is in an i_mmap tree."""
        return implies(s.pte[v, p], s.in_tree(v))

    @safety
    def unlinked_first_vmas_are_in_no_tlb(s, v: Vma, p: Page, u: Cpu) -> Term:
        """When a VMA of device memory, the first of a munmap, is unlinked, it is in no TLB."""
        return implies(
            conj(s.pfnmap[v], s.stage[v] == Stage.UNLINKED, eq(s.holder[s.mm[v]], v)),
            ~s.tlb[u, v, p],
        )

    @safety
    def unlinked_later_vmas_are_in_no_tlb(s, v: Vma, p: Page, u: Cpu) -> Term:
        """When a VMA of device memory, not the first of a munmap, is unlinked, it is in no TLB."""
        return implies(
            conj(s.pfnmap[v], s.stage[v] == Stage.UNLINKED, ~eq(s.holder[s.mm[v]], v)),
            ~s.tlb[u, v, p],
        )

    def is_to_be_flushed(s, c: Claim, v: Vma, p: Page) -> Term:
        """The claim's zap has cleared the PTE, and is still to flush."""
        return conj(
            s.phase[c] == Phase.ZAPPING,
            s.in_reach(c, v),
            s.cleared[c, v, p],
            ~s.visited[c, v],
        )

    @safety
    def translations_have_ptes(s, v: Vma, p: Page, u: Cpu) -> Term:
        """While a VMA is mapped, a TLB has what its PTEs say, or a zap is still to flush it."""
        return implies(
            s.is_at(v, Stage.REMAPPING, Stage.MAPPED, Stage.LINKED) & s.tlb[u, v, p],
            s.pte[v, p] | some(Claim, lambda c: s.is_to_be_flushed(c, v, p)),
        )

    @safety
    def parents_are_zapped_first(s, c: Claim, v: Vma, p: Page) -> Term:
        """While PTEs are copied, both VMAs are linked, and a zap does the source first."""
        w = s.source[v]
        return implies(
            s.copying[v],
            conj(
                s.stage[v] == Stage.LINKED,
                s.stage[w] == Stage.LINKED,
                implies(conj(s.phase[c] == Phase.ZAPPING, s.cleared[c, v, p]), s.visited[c, w]),
            ),
        )

    @safety
    def failed_remaps_leave_no_pte(s, v: Vma, p: Page) -> Term:
        """When remap_pfn_range() has returned an error, none of the PTEs that it set is left."""
        return implies(s.stage[v] == Stage.FAILED, ~s.pte[v, p])
