"""What the functions of device memory should do, as statements about systems of their C texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from staleproof.cfront.translate import FAILED, RETURN, Translation, bad
from staleproof.errors import ModelError
from staleproof.kernel.contracts import devmem, pci, zap
from staleproof.kernel.contracts.resource_tree import claim, existing, inserted, is_claimed
from staleproof.kernel.errno import EPERM, errno
from staleproof.kernel.iomem import mapping
from staleproof.kernel.iomem.resource import (
    CHANGING,
    IN_PAGE,
    RESOURCE,
    SETTLED,
    first_byte,
    in_tree,
    io_strict_devmem,
    iomem_resource,
    ioport_resource,
    is_strict,
    keeps_out,
    last_byte,
    lock_is_free,
    null_resource,
    pfn_of_address,
    place,
    readers,
    strict_devmem,
    touches_page,
    writer,
)
from staleproof.kernel.iomem.world import devmem_inode, iomem_inode
from staleproof.lang.sorts import BOOL, Sort
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Term,
    conj,
    disj,
    eq,
    exists,
    iff,
    implies,
    ite,
    neg,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

AT_RETURN = frozenset({RETURN})
PAGE = word(IN_PAGE + 1, 64)


@dataclass(frozen=True)
class Subject:
    """A function under proof: its parameters, its locals, what it returned."""

    translation: Translation

    def __getitem__(self, name: str) -> Term:
        """The value of a parameter at the call."""
        return self.translation.parameters[name]()

    def local(self, name: str) -> Term:
        """A local of the function, or a parameter as it is now. Raises ModelError."""
        for symbol in self.translation.symbols:
            if symbol.name == name:
                return symbol()
        raise ModelError(f"{self.translation.function.name} has no local {name}")

    def only(self, sort: Sort) -> Term:
        """The one parameter of that sort."""
        (found,) = (s for s in self.translation.parameters.values() if s.range == sort)
        return found()

    @property
    def result(self) -> Term:
        """What was returned."""
        if self.translation.result is None:
            raise ModelError(f"{self.translation.function.name} returns nothing")
        return self.translation.result()

    @property
    def says_yes(self) -> Term:
        """What was returned is true, or not 0."""
        return self.result if self.result.sort == BOOL else neg(eq(self.result, 0))

    def ends(self, *kinds: str) -> frozenset[str]:
        """The return, and where demands of these kinds fail."""
        return (AT_RETURN | {bad(kind) for kind in kinds}) & self.translation.locations


def never(s: Subject, name: str, kind: str) -> Property:
    """No demand of that kind fails."""
    return Property(name, FALSE, at=frozenset({bad(kind)}))


# iomem_is_exclusive


def _some_claim(touched: Callable[[Term], Term]) -> Term:
    r = variable("r", RESOURCE)
    return exists(r, keeps_out(r) & touched(r))


def exc_1(s: Subject) -> Property:
    """The answer is about the page of the address."""
    expected = is_strict() & _some_claim(lambda r: touches_page(r, s["addr"]))
    ordinary = neg(eq(last_byte(s["addr"]), word(-1, 64)))
    return Property("EXC-1", iff(s.says_yes, expected), premise=ordinary, at=AT_RETURN)


def exc_1a(s: Subject) -> Property:
    """The answer is about the byte: it is not."""
    addr = s["addr"]
    byte = _some_claim(lambda r: u_le(SETTLED.start(r), addr) & u_le(addr, SETTLED.end(r)))
    return Property("EXC-1a", byte, premise=s.says_yes, at=AT_RETURN)


def exc_1b(s: Subject) -> Property:
    """The last page is like any other: it is not."""
    expected = is_strict() & _some_claim(lambda r: touches_page(r, s["addr"]))
    last = eq(last_byte(s["addr"]), word(-1, 64))
    return Property("EXC-1b", iff(s.says_yes, expected), premise=last, at=AT_RETURN)


def exc_4(s: Subject) -> Property:
    """The lock is balanced, and held where the tree is looked at."""
    balanced = lock_is_free() & neg(FAILED())
    return Property("EXC-4", balanced, at=s.ends("lock", "unlocked"))


def walked(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time round the walk: nothing that was passed keeps out of the page."""
    here, r = s.local("p"), variable("r", RESOURCE)
    done = eq(here, null_resource())
    passed = in_tree(r) & disj(done, u_lt(place(r), place(here)))
    nothing = neg(keeps_out(r) & touches_page(r, s["addr"]))
    settled = conj(
        disj(done, in_tree(here)),
        eq(readers(), 1),
        neg(writer()),
        neg(FAILED()),
        is_strict(),
        neg(s.local("found")),
        eq(s.local("addr"), first_byte(s["addr"])),
        eq(s.local("size"), IN_PAGE + 1),
    )
    at = frozenset({head})
    return (
        Property("the walk is under way", settled, at=at),
        Property("what is behind does not keep out", nothing, (r,), passed, at),
    )


# devmem_is_allowed


def exc_5(s: Subject) -> Property:
    """What x86 refuses."""
    refused = devmem.is_denied(s["pfn"])
    zeros = devmem.ram(s["pfn"])
    answer = ite(refused, word(0, 32), ite(zeros, word(2, 32), word(1, 32)))
    ends = s.ends("one-page")
    is_page = u_lt(s["pfn"], word(1 << 52, 64))
    return Property("EXC-5", eq(s.result, answer) & neg(FAILED()), premise=is_page, at=ends)


def exc_5a(s: Subject) -> Property:
    """What the generic code refuses."""
    refused = disj(devmem.is_exclusive(s["pfn"]), devmem.ram(s["pfn"]))
    is_page = u_lt(s["pfn"], word(1 << 52, 64))
    return Property("EXC-5a", iff(s.says_yes, neg(refused)), premise=is_page, at=AT_RETURN)


# range_is_allowed


def _in_range(s: Subject) -> Term:
    page, start = devmem.watched_page(), s["pfn"] * PAGE
    return conj(
        u_le(s["pfn"], page),
        u_lt(page, word(1 << 52, 64)),
        u_lt(page * PAGE, start + s["size"]),
    )


def exc_2(s: Subject) -> Property:
    """Each page is asked."""
    ordinary = devmem.is_ordinary(s["pfn"], s["size"])
    premise = conj(strict_devmem(), s.says_yes, ordinary, _in_range(s))
    return Property("EXC-2", devmem.passed(), premise=premise, at=AT_RETURN)


def exc_2a(s: Subject) -> Property:
    """Without the option nothing is refused, and nothing is asked."""
    allowed = s.says_yes & neg(devmem.asked())
    return Property("EXC-2a", allowed, premise=neg(strict_devmem()), at=AT_RETURN)


def exc_2b(s: Subject) -> Property:
    """A range up to the very end of the addresses: no page of it is asked."""
    start = s["pfn"] * PAGE
    to_the_end = eq(start + s["size"], 0) & u_lt(s["pfn"], word(1 << 52, 64))
    page = devmem.watched_page()
    inside = conj(u_le(s["pfn"], page), u_lt(page, word(1 << 52, 64)), neg(eq(s["size"], 0)))
    premise = conj(strict_devmem(), s.says_yes, to_the_end, inside)
    return Property("EXC-2b", devmem.passed(), premise=premise, at=AT_RETURN)


def exc_2c(s: Subject) -> Property:
    """It is for the sake of a page of the range that it refuses."""
    outside = devmem.is_ordinary(s["pfn"], s["size"]) & neg(_in_range(s))
    own = conj(implies(outside, neg(devmem.asked())), disj(s.says_yes, devmem.any_denied()))
    return Property("EXC-2c", own, at=AT_RETURN)


def asked(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time round the range: the pages behind were asked."""
    first, here, page = s["pfn"], s.local("pfn"), devmem.watched_page()
    ordinary = devmem.is_ordinary(s["pfn"], s["size"])
    at = frozenset({head})
    under_way = conj(
        eq(s.local("cursor"), here * PAGE),
        u_le(first, here),
        u_lt(here, word(1 << 52, 64)),
        eq(s.local("to"), first * PAGE + s["size"]),
    )
    behind = u_le(first, page) & u_lt(page, here)
    return (
        Property("the option is set", strict_devmem(), at=at),
        Property("the range is under way", under_way, premise=ordinary, at=at),
        Property("what is behind was allowed", devmem.passed(), premise=ordinary & behind, at=at),
        Property(
            "what is outside was not asked",
            neg(devmem.asked()),
            premise=ordinary & neg(_in_range(s)),
            at=at,
        ),
    )


# Mapping


def exc_6(s: Subject) -> Property:
    """Ranges that are tested are ordinary."""
    return never(s, "EXC-6", "range")


def exc_7(s: Subject) -> Property:
    """Nothing is mapped that was not let through, and what was not is refused as such."""
    refused = implies(devmem.range_refused(), eq(s.result, errno(EPERM)))
    tested = implies(mapping.present() | eq(s.result, 0), devmem.range_passed())
    return Property("EXC-7", refused & tested, at=AT_RETURN)


def _maps(s: Subject, name: str) -> Property:
    vma = s.only(mapping.VMA)
    offset = mapping.watched_address() - mapping.vm_start(vma)
    inside = u_lt(offset, mapping.vm_end(vma) - mapping.vm_start(vma))
    leads = eq(mapping.mapped_pfn(), mapping.vm_pgoff(vma) + pfn_of_address(offset))
    premise = eq(s.result, 0) & inside
    return Property(name, mapping.present() & leads, premise=premise, at=AT_RETURN)


def rev_3(s: Subject) -> Property:
    """Pages of /dev/mem."""
    return _maps(s, "REV-3")


def rev_3a(s: Subject) -> Property:
    """Pages of a BAR, through sysfs."""
    return _maps(s, "REV-3a")


def rev_3b(s: Subject) -> Property:
    """Pages of a BAR, through procfs."""
    return _maps(s, "REV-3b")


def _bar(s: Subject, name: str) -> Term:
    return pci.bar_resource(s[name])


def _pages_fit(first: Term, vma: Term, bar: Term, begin: Term) -> Term:
    """The pages from `first` on, counted from `begin`, are among those that the length of the BAR
    fills (of a BAR that does not begin with a page, these are fewer than it touches).
    """
    after = first + mapping.pages(vma)
    filled = pfn_of_address(SETTLED.end(bar) - SETTLED.start(bar)) + word(1, 64)
    return conj(u_lt(first, after), u_le(after, begin + filled))


def pci_4(s: Subject) -> Property:
    """What fits lies within the BAR."""
    vma, bar = s.only(mapping.VMA), _bar(s, "resno")
    seen = pfn_of_address(pci.user_start(bar))
    begin = ite(eq(s["mmap_api"], 1), seen, word(0, 64))
    first = mapping.vm_pgoff(vma)
    within = u_le(begin, first) & _pages_fit(first, vma, bar, begin)
    return Property("PCI-4", within, premise=s.says_yes, at=AT_RETURN)


def pci_4b(s: Subject) -> Property:
    """What lies within the BAR fits."""
    vma, bar = s.only(mapping.VMA), _bar(s, "resno")
    seen = pfn_of_address(pci.user_start(bar))
    begin = ite(eq(s["mmap_api"], 1), seen, word(0, 64))
    first = mapping.vm_pgoff(vma)
    within = u_le(begin, first) & _pages_fit(first, vma, bar, begin)
    premise = within & neg(_has_no_length(bar))
    return Property("PCI-4b", s.says_yes, premise=premise, at=AT_RETURN)


def _has_no_length(bar: Term) -> Term:
    """The BAR is not there, or is one of all addresses, whose length wraps around to 0."""
    absent = eq(SETTLED.start(bar), 0) & eq(SETTLED.end(bar), 0)
    return absent | eq(SETTLED.end(bar) - SETTLED.start(bar), word(-1, 64))


def pci_4a(s: Subject) -> Property:
    """Without pci_mmap_fits() a mapping may begin in front of the BAR."""
    vma, bar = s.only(mapping.VMA), _bar(s, "bar")
    inside = u_le(pfn_of_address(SETTLED.start(bar)), mapping.vm_pgoff(vma))
    same = eq(pci.user_start(bar), SETTLED.start(bar))
    premise = conj(eq(s.result, 0), eq(s["mmap_state"], 1), same)
    return Property("PCI-4a", inside, premise=premise, at=AT_RETURN)


def pci_5(s: Subject) -> Property:
    """vm_pgoff becomes a pfn of the BAR."""
    vma, bar = s.only(mapping.VMA), _bar(s, "bar")
    start = pfn_of_address(SETTLED.start(bar))
    moved = eq(mapping.vm_pgoff(vma), mapping.pgoff_at_call(vma) + start)
    within = _pages_fit(mapping.pgoff_at_call(vma), vma, bar, word(0, 64))
    premise = conj(eq(s.result, 0), eq(s["mmap_state"], 1), neg(_has_no_length(bar)))
    return Property("PCI-5", moved & within, premise=premise, at=AT_RETURN)


# Revoking


def _inode(s: Subject) -> Term:
    """The pointer to the inode of the mapping: which one, the text says."""
    read = symbols_of(*(u.value for a in s.translation.actions for u in a.updates))
    for symbol in (iomem_inode, devmem_inode):
        if symbol in read:
            return symbol()
    raise ModelError(f"{s.translation.function.name} does not look for an inode to revoke through")


def _ends_of(s: Subject) -> tuple[Term, Term]:
    resource = s["res"]
    return pfn_of_address(CHANGING.start(resource)), pfn_of_address(CHANGING.end(resource))


def rev_11(s: Subject) -> Property:
    """Relaxed, nothing is zapped."""
    first, last = _ends_of(s)
    premise = conj(neg(is_strict()), neg(devmem.ram(first)), neg(devmem.ram(last)))
    return Property("REV-11", neg(zap.zapped()), premise=premise, at=AT_RETURN)


def rev_11a(s: Subject) -> Property:
    """Configured out, or too early, nothing is zapped."""
    off = disj(neg(io_strict_devmem()), eq(_inode(s), 0))
    return Property("REV-11a", neg(zap.zapped()), premise=off, at=AT_RETURN)


def _is_inside(s: Subject, page: Term) -> Term:
    first, last = _ends_of(s)
    return conj(u_le(first, page), u_le(page, last))


def keeps_out_itself(s: Subject) -> tuple[Term, ...]:
    """What EXC-1 says of a busy claim: with CONFIG_IO_STRICT_DEVMEM it keeps out of its pages."""
    pages = (*_ends_of(s), devmem.watched_page())
    return tuple(
        implies(io_strict_devmem() & _is_inside(s, page), devmem.qualified(page)) for page in pages
    )


def _denied_inside(s: Subject) -> Term:
    page = devmem.watched_page()
    ready = conj(io_strict_devmem(), neg(eq(_inode(s), 0)))
    return conj(ready, _is_inside(s, page), devmem.is_denied(page))


def rev_12(s: Subject) -> Property:
    """Any page that is denied makes the revoke zap: not so."""
    return Property("REV-12", zap.zapped(), premise=_denied_inside(s), at=AT_RETURN)


def rev_12a(s: Subject) -> Property:
    """It does where checks are strict."""
    premise = conj(_denied_inside(s), is_strict())
    return Property("REV-12a", zap.zapped(), premise=premise, at=AT_RETURN)


def _page_zapped(s: Subject, name: str, premise: Term) -> Property:
    begin, length, page = s["holebegin"], s["holelen"], devmem.watched_page()
    end = begin + length - word(1, 64)
    top = word((1 << 63) - 1, 64)
    claim = conj(neg(eq(length, 0)), u_le(begin, end), u_le(end, top))
    inside = conj(u_le(pfn_of_address(begin), page), u_le(page, pfn_of_address(end)))
    hit = conj(zap.zapped(), u_le(zap.zap_first(), page), u_le(page, zap.zap_last()))
    return Property(name, hit, premise=conj(premise, claim, inside), at=AT_RETURN)


def rev_13(s: Subject) -> Property:
    """Every page of the bytes is zapped: not so."""
    return _page_zapped(s, "REV-13", TRUE)


def rev_13a(s: Subject) -> Property:
    """Every page is, if the bytes begin with one."""
    aligned = eq(s["holebegin"] & word(IN_PAGE, 64), 0)
    return _page_zapped(s, "REV-13a", aligned)


def rev_13b(s: Subject) -> Property:
    """No other page is zapped; and a length of 0 means all to the end."""
    begin, length = s["holebegin"], s["holelen"]
    end = begin + length - word(1, 64)
    top = word((1 << 63) - 1, 64)
    aligned = eq(begin & word(IN_PAGE, 64), 0)
    last = ite(eq(length, 0), word(-1, 64), pfn_of_address(end))
    exact = conj(
        zap.zapped(),
        eq(zap.zap_first(), pfn_of_address(begin)),
        eq(zap.zap_last(), last),
        neg(zap.i_mmap_held()),
    )
    ordinary = disj(eq(length, 0), u_le(begin, end) & u_le(end, top))
    premise = conj(aligned, u_le(begin, top), ordinary)
    return Property("REV-13b", exact, premise=premise, at=AT_RETURN)


# Claiming


def rev_6(s: Subject) -> Property:
    """No zap before the claim can be seen."""
    return never(s, "REV-6", "early")


def _covers(s: Subject, made: Term) -> Term:
    end = s["start"] + s["n"] - word(1, 64)
    return conj(eq(CHANGING.start(made), s["start"]), eq(CHANGING.end(made), end))


def rev_6a(s: Subject) -> Property:
    """What is put into the tree is what the caller asked for, or nothing is."""
    made, flags = s.result, zero_extend(s["flags"], 64)
    failed = eq(made, null_resource())
    named = eq(CHANGING.flags(made) & flags, flags)
    exact = conj(eq(claim(), made), is_claimed(made), _covers(s, made), named)
    kept = ite(failed, neg(inserted()), inserted() & exact)
    return Property("REV-6a", kept & neg(FAILED()), at=s.ends("freed"))


def claiming(s: Subject, head: str) -> tuple[Property, ...]:
    """What holds each time round the loop of a claim: its resource is made, and not in the tree."""
    made = s.local("res")
    under_way = conj(
        neg(existing(made)),
        _covers(s, made),
        neg(inserted()),
        writer(),
        eq(readers(), 0),
        neg(FAILED()),
        neg(eq(s.local("parent"), null_resource())),
        existing(s.local("parent")),
        eq(s.local("orig_parent"), s["parent"]),
    )
    at = frozenset({head})
    return (
        Property("the claim is under way", under_way, at=at),
        Property("nothing is zapped yet", neg(zap.zapped()), at=at),
        Property("nothing is revoked yet", neg(zap.revoked()), at=at),
    )


def rev_8(s: Subject) -> Property:
    """I/O ports zap nothing."""
    nothing = neg(zap.zapped()) & neg(zap.revoked())
    ports = eq(s["parent"], ioport_resource())
    return Property("REV-8", nothing, premise=ports, at=AT_RETURN)


def rev_10(s: Subject) -> Property:
    """The lock is free where something sleeps, and in balance."""
    free = lock_is_free() & neg(FAILED())
    return Property("REV-10", free, at=s.ends("sleep", "lock"))


def rev_14(s: Subject) -> Property:
    """It is the caller's parent that decides."""
    wanted = eq(s["parent"], iomem_resource()) & neg(eq(s.result, null_resource()))
    return Property("REV-14", iff(zap.revoked(), wanted), at=AT_RETURN)
