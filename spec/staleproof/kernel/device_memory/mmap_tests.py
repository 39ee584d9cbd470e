"""What mmap asks: permissions, and who claims the BAR or the pages."""

from __future__ import annotations

from staleproof.kernel.device_memory.revoke import Revoke
from staleproof.kernel.device_memory.sorts import File, Kind, Mm, Page, Stage, Vma
from staleproof.lang.model import action, initial, lemma, safety
from staleproof.lang.quantify import every
from staleproof.lang.state import Fixed, Flag, Relation
from staleproof.lang.terms import Term, conj, disj, eq, implies


class MmapTests(Revoke):
    """mmap of PCI files and of /dev/mem, which remembers what was so when it asked.

    In procfs permission is asked for first, and then whose memory it is; both are remembered as of
    the step that asks, or as of the beginning where nothing is asked. /dev/mem asks about each page
    in a step of its own, and each is remembered as of that step.
    """

    rawio: Fixed[Relation[Mm]]  # the process has CAP_SYS_RAWIO
    lockdown: Flag  # the kernel is locked down against access to PCI
    locked_then: Relation[Vma]  # it was when ->mmap asked
    exclusive_then: Relation[Vma, Page]  # the page was exclusive when ->mmap asked

    @initial
    def nothing_was_asked(s) -> Term:
        """At the start nothing was asked yet."""
        return conj(
            every(Vma, lambda v: ~s.locked_then[v]),
            every(Vma, Page, lambda v, p: ~s.exclusive_then[v, p]),
        )

    @action(kernel="security/lockdown: lock_kernel_down", adds=True)
    def lock_down(s) -> None:
        """The kernel is locked down, for good."""
        s.lockdown = True

    @action(kernel="mm/mmap.c: call_mmap, or proc_bus_pci_mmap", holds="mmap_lock w")
    def begin_mmap(s, v: Vma, f: File) -> None:
        """A process calls the ->mmap of an open file, which in procfs asks for permission."""
        s.require(implies(s.is_kind(f, Kind.PCI_PROC), s.rawio[s.mm[v]] & ~s.lockdown))
        super().begin_mmap(v, f)
        s.locked_then[v] = s.lockdown
        s.note_exclusive(v)

    def note_exclusive(s, v: Vma) -> None:
        """Remember which pages are exclusive now."""
        s.exclusive_then.set(lambda w, p: s.is_exclusive(p), where=lambda w, p: w == v)

    @action(
        kernel="drivers/pci: pci_mmap_resource or proc_bus_pci_mmap",
        holds="mmap_lock w, resource_lock r",
    )
    def test_bar(s, v: Vma, p: Page) -> None:
        """iomem_is_exclusive() says no of the first page of the BAR."""
        super().test_bar(v, p)
        s.note_exclusive(v)

    @action(kernel="drivers/char/mem.c: range_is_allowed", holds="mmap_lock w, resource_lock r")
    def test_page(s, v: Vma, p: Page) -> None:
        """devmem_is_allowed() allows one page of the range to be mapped."""
        super().test_page(v, p)
        s.exclusive_then[v, p] = s.is_exclusive(p)

    def has_begun(s, v: Vma) -> Term:
        """->mmap was content with all that it asked, and fills PTEs or has done so."""
        return disj(*(eq(s.stage[v], at) for at in (Stage.REMAPPING, Stage.MAPPED, Stage.LINKED)))

    def has_passed(s, v: Vma, *kinds: Kind) -> Term:
        """->mmap of such a file was content with all that it asked."""
        return s.is_kind(s.file[v], *kinds) & s.has_begun(v)

    @safety
    def no_exclusive_page_is_mapped(s, v: Vma, p: Page) -> Term:
        """Mmap of a PCI file succeeds only if no page of its range is exclusive at the test."""
        return implies(
            s.has_passed(v, Kind.PCI_PROC, Kind.PCI_SYSFS) & s.covers[v, p],
            ~s.exclusive_then[v, p],
        )

    @safety
    def procfs_needs_rawio(s, v: Vma) -> Term:
        """Mmap through procfs needs CAP_SYS_RAWIO and no lockdown, when it is called."""
        return implies(s.has_passed(v, Kind.PCI_PROC), s.rawio[s.mm[v]] & ~s.locked_then[v])

    @safety
    def procfs_refuses_exclusive_bars(s, v: Vma) -> Term:
        """Mmap through procfs of a BAR whose first page is exclusive is refused."""
        return implies(s.has_passed(v, Kind.PCI_PROC), ~s.exclusive_then[v, s.bar[s.file[v]]])

    @safety
    def legacy_files_refuse_exclusive(s, v: Vma, p: Page) -> Term:
        """Mmap of legacy_io or legacy_mem succeeds only if no page of it is exclusive."""
        return implies(
            s.has_passed(v, Kind.LEGACY_IO, Kind.LEGACY_MEM) & s.covers[v, p],
            ~s.exclusive_then[v, p],
        )

    @safety
    def devmem_maps_what_is_allowed(s, v: Vma, p: Page) -> Term:
        """Mmap of /dev/mem succeeds only if each page was allowed when it was asked about."""
        return implies(
            conj(s.strict_devmem, s.has_passed(v, Kind.DEVMEM), s.covers[v, p], ~s.low[p]),
            ~s.exclusive_then[v, p],
        )

    @lemma
    def procfs_was_permitted(s, v: Vma) -> Term:
        """A VMA of procfs that was begun had its permission."""
        return implies(
            s.is_kind(s.file[v], Kind.PCI_PROC) & (s.stage[v] != Stage.UNUSED),
            s.rawio[s.mm[v]] & ~s.locked_then[v],
        )

    @lemma
    def tested_bars_were_free(s, v: Vma, p: Page) -> Term:
        """The first page of a BAR that was tested was not exclusive then."""
        return implies(
            conj(s.tests_bar(v), s.tested[v, p], p == s.bar[s.file[v]]),
            ~s.exclusive_then[v, p],
        )

    @lemma
    def nothing_is_exclusive_unless_strict(s, v: Vma, p: Page) -> Term:
        """A page was exclusive only in a kernel that checks."""
        return implies(s.exclusive_then[v, p], s.strict_iomem_checks)

    @lemma
    def unused_vmas_are_untested(s, v: Vma, p: Page) -> Term:
        """Nothing was tested for a VMA that is not in use."""
        return implies(s.stage[v] == Stage.UNUSED, ~s.tested[v, p])

    @lemma
    def tested_pages_were_allowed(s, v: Vma, p: Page) -> Term:
        """A page of /dev/mem that was tested was not exclusive then, or lies below 1 MiB."""
        return implies(
            conj(s.strict_devmem, s.tests_pages(v), s.tested[v, p], ~s.low[p]),
            ~s.exclusive_then[v, p],
        )
