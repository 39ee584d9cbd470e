"""What get_vaddr_frames should do, as statements about the system of its C text.

Each is the row of that name in the first table (docs/findings.md); the rows from
GVF-17 on were added because a mutant of the C text, or a row that says two things, needed them.
"""

from __future__ import annotations

from dataclasses import dataclass

from staleproof.cfront.translate import FAILED, RETURN, Translation, bad
from staleproof.errors import ModelError
from staleproof.kernel.address_space import (
    LAYOUT,
    U64,
    VMA,
    contains,
    fsdax,
    is_page_aligned,
    is_raw,
    mmap_lock,
    page_address,
    untagged,
)
from staleproof.kernel.contracts.follow_pfn import (
    pfn_failed,
    pfn_partial,
    pfn_refused,
    pfn_stored,
)
from staleproof.kernel.contracts.gup import (
    migration_failed,
    pin_called,
    pin_result,
    pin_writes,
)
from staleproof.kernel.errno import EFAULT, EINVAL, EOPNOTSUPP, errno
from staleproof.kernel.frame_vector.vector import (
    PAGE,
    PFN,
    U32,
    VECTOR,
    capacity,
    got_ref,
    is_pfns,
    nr_allocated,
    nr_frames,
    pin_pfn,
    pinned,
    slot,
    slot_address,
    slot_kind,
    slot_writable,
    used,
)
from staleproof.kernel.page_table import INSTANT, in_cma, in_fsdax, now, pte_pfn, pte_present
from staleproof.lang.sorts import BitVec
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    Term,
    conj,
    disj,
    eq,
    exists,
    forall,
    iff,
    ite,
    neg,
    s_le,
    s_lt,
    sign_extend,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

IN_USE = "in use"
"""After the call: the caller uses what it got, and other CPUs go on."""

PAGE_BYTES = word(4096, 64)


@dataclass(frozen=True)
class Subject:
    """A get_vaddr_frames, whatever its text: the call's arguments and what it returned."""

    translation: Translation

    @property
    def is_complete(self) -> bool:
        """Whether the function has all that the GVF properties speak of."""
        try:
            return bool((self.result, self.vec, self.base, self.asked))
        except ModelError:
            return False

    @property
    def result(self) -> Term:
        if self.translation.result is None:
            raise ModelError("get_vaddr_frames returns nothing")
        return self.translation.result()

    @property
    def vec(self) -> Term:
        """The vector: the parameter of that struct."""
        for symbol in self.translation.parameters.values():
            if symbol.range == VECTOR:
                return symbol()
        raise self._missing("a struct frame_vector *")

    @property
    def base(self) -> Term:
        """The user address that the call is about, without its tag."""
        return untagged(self._parameter("start", 64))

    @property
    def asked(self) -> Term:
        """The number of frames that the caller asked for, 32 bits."""
        return self._parameter("nr_frames", 32)

    @property
    def wanted(self) -> Term:
        """The number of frames to get: what was asked for, or what the vector has room for."""
        room = nr_allocated(self.vec)
        return ite(u_lt(room, self.asked), room, self.asked)

    def address(self, i: Term) -> Term:
        """The user address of frame `i` (a 64-bit index)."""
        return self.base + i * PAGE_BYTES

    def _parameter(self, name: str, width: int) -> Term:
        symbol = self.translation.parameters.get(name)
        if symbol is None or symbol.range != BitVec(width):
            raise self._missing(f"{name} of {width} bits")
        return symbol()

    def _missing(self, what: str) -> ModelError:
        return ModelError(
            f"{self.translation.function.name} has no parameter {what}",
            why="the GVF properties speak of a function with get_vaddr_frames' parameters",
            fix="name the parameters start, nr_frames and vec, as the kernel does",
        )


AT_RETURN = frozenset({RETURN})
INDEX = variable("i", U64)


def gvf_1(s: Subject) -> Property:
    """Bounds of every write."""
    return Property("GVF-1", FALSE, at=frozenset({bad("bounds")}))


def gvf_2(s: Subject) -> Property:
    """The pfn fallback is live."""
    at, v, t, i = (
        variable("l", LAYOUT),
        variable("v", VMA),
        variable("t", INSTANT),
        variable("page", U32),
    )
    address = s.address(zero_extend(i, 64))
    raw = exists(v, contains(at, v, address) & is_raw(at, v))
    premise = conj(
        neg(eq(s.asked, 0)),
        is_page_aligned(s.base),
        forall(at, forall(i, raw, s.wanted)),
        forall(t, forall(i, pte_present(t, address), s.wanted)),
    )
    return Property("GVF-2", eq(s.result, s.wanted), premise=premise, at=AT_RETURN)


def gvf_3(s: Subject) -> Property:
    """The range of the result."""
    some = conj(s_lt(word(0, 32), s.result), u_le(s.result, s.wanted))
    error = conj(s_le(word(-4095, 32), s.result), s_lt(s.result, word(0, 32)))
    return Property("GVF-3", disj(some, error), premise=neg(eq(s.asked, 0)), at=AT_RETURN)


def gvf_4(s: Subject) -> Property:
    """The pin's errno survives."""
    premise = conj(pin_called(), s_lt(pin_result(), word(0, 32)), neg(pfn_stored()))
    return Property("GVF-4", eq(s.result, pin_result()), premise=premise, at=AT_RETURN)


def gvf_5(s: Subject) -> Property:
    """nr_frames and got_ref tell the truth."""
    exactly = iff(pinned(s.vec, INDEX), got_ref(s.vec) & u_lt(INDEX, zero_extend(s.result, 64)))
    conclusion = conj(eq(nr_frames(s.vec), s.result), exactly)
    premise = _got_some(s) & _is_slot(s)
    return Property("GVF-5", conclusion, (INDEX,), premise, AT_RETURN)


def gvf_6(s: Subject) -> Property:
    """is_pfns tells the truth."""
    true_kind = eq(slot_kind(s.vec, INDEX), ite(is_pfns(s.vec), PFN, PAGE))
    return Property("GVF-6", true_kind, (INDEX,), u_lt(INDEX, used(s.vec)), AT_RETURN)


def gvf_8(s: Subject) -> Property:
    """Raw pfns come from writable PTEs."""
    return Property("GVF-8", slot_writable(s.vec, INDEX), (INDEX,), _raw_slot(s), AT_RETURN)


def gvf_9(s: Subject) -> Property:
    """Raw pfns stay backed while they are used."""
    address = page_address(slot_address(s.vec, INDEX))
    backed = pte_present(now(), address) & eq(pte_pfn(now(), address), slot(s.vec, INDEX))
    return Property("GVF-9", backed, (INDEX,), _raw_slot(s), frozenset({IN_USE}))


def gvf_10(s: Subject) -> Property:
    """No pin of a page in CMA."""
    page = pin_pfn(s.vec, INDEX)
    return Property("GVF-10", neg(in_cma(page)), (INDEX,), _is_pinned(s), AT_RETURN)


def gvf_10a(s: Subject) -> Property:
    """No pin of a page in CMA, unless its migration failed."""
    premise = _is_pinned(s) & neg(migration_failed())
    return Property("GVF-10a", neg(in_cma(pin_pfn(s.vec, INDEX))), (INDEX,), premise, AT_RETURN)


def gvf_11(s: Subject) -> Property:
    """No pin of a DAX page."""
    page = pin_pfn(s.vec, INDEX)
    return Property("GVF-11", neg(in_fsdax(page)), (INDEX,), _is_pinned(s), AT_RETURN)


def gvf_12(s: Subject) -> Property:
    """mmap_lock is balanced, and held where it must be."""
    balanced = eq(mmap_lock(), 0) & neg(FAILED())
    return Property("GVF-12", balanced, at=AT_RETURN | {bad("lock"), bad("unlocked")})


def gvf_14(s: Subject) -> Property:
    """An error leaves no raw pfn behind."""
    failed = s_lt(s.result, word(0, 32))
    return Property("GVF-14", neg(pfn_stored()), premise=failed, at=AT_RETURN)


def gvf_17(s: Subject) -> Property:
    """A failure leaves the vector empty."""
    premise = s_le(s.result, word(0, 32)) & _is_slot(s)
    nothing = neg(pinned(s.vec, INDEX)) & eq(nr_frames(s.vec), 0)
    return Property("GVF-17", nothing, (INDEX,), premise, AT_RETURN)


def gvf_18(s: Subject) -> Property:
    """Each slot is about its own user page."""
    right = eq(slot_address(s.vec, INDEX), s.address(INDEX))
    aligned = conj(u_lt(INDEX, used(s.vec)), is_page_aligned(s.base))
    return Property("GVF-18", right, (INDEX,), aligned, AT_RETURN)


def gvf_19(s: Subject) -> Property:
    """No raw pfn leaves the function."""
    return Property("GVF-19", got_ref(s.vec), premise=_got_some(s), at=AT_RETURN)


def gvf_20(s: Subject) -> Property:
    """Nothing asked for is nothing done."""
    nothing = conj(eq(s.result, 0), neg(pin_called()), neg(pfn_stored()), eq(nr_frames(s.vec), 0))
    return Property("GVF-20", nothing, premise=eq(s.asked, 0), at=AT_RETURN)


def gvf_21(s: Subject) -> Property:
    """Pins are for writing, and forced."""
    return Property("GVF-21", pin_writes(), premise=pin_called(), at=AT_RETURN)


def gvf_22(s: Subject) -> Property:
    """The errnos that a caller may see."""
    of_the_pin = pin_called() & eq(s.result, pin_result())
    own = (eq(s.result, errno(number)) for number in (EFAULT, EINVAL, EOPNOTSUPP))
    premise = s_lt(s.result, word(0, 32))
    return Property("GVF-22", disj(of_the_pin, *own), premise=premise, at=AT_RETURN)


def gvf_23(s: Subject) -> Property:
    """The walk hides no errno of the pin."""
    premise = pin_called() & s_lt(pin_result(), word(0, 32))
    hidden = eq(s.result, errno(EINVAL)) & neg(eq(pin_result(), errno(EINVAL)))
    return Property("GVF-23", neg(hidden), premise=premise, at=AT_RETURN)


def gvf_24(s: Subject) -> Property:
    """A DAX file at the start is refused as such."""
    at, v = variable("l", LAYOUT), variable("v", VMA)
    dax = forall(at, exists(v, contains(at, v, s.base) & fsdax(at, v)))
    premise = neg(eq(s.asked, 0)) & dax
    return Property("GVF-24", eq(s.result, errno(EOPNOTSUPP)), premise=premise, at=AT_RETURN)


def gvf_30(s: Subject) -> Property:
    """Page tables are looked at inside the VMA."""
    return Property("GVF-30", FALSE, at=frozenset({bad("vma-range")}))


def gvf_31(s: Subject) -> Property:
    """The walk is for raw VMAs."""
    return Property("GVF-31", neg(pfn_refused()), at=AT_RETURN)


def gvf_32(s: Subject) -> Property:
    """The errno of a walk that found nothing is passed on."""
    premise = pfn_failed() & neg(pfn_stored())
    return Property("GVF-32", eq(s.result, errno(EINVAL)), premise=premise, at=AT_RETURN)


def gvf_33(s: Subject) -> Property:
    """The walk takes whole pages only."""
    return Property("GVF-33", neg(pfn_partial()), at=AT_RETURN)


def gvf_34(s: Subject) -> Property:
    """Of two errnos that of the pin is passed on."""
    failed = pin_called() & s_lt(pin_result(), word(0, 32))
    premise = conj(failed, pfn_failed(), neg(pfn_stored()))
    return Property("GVF-34", eq(s.result, pin_result()), premise=premise, at=AT_RETURN)


def _got_some(s: Subject) -> Term:
    return s_lt(word(0, 32), s.result)


def _is_slot(s: Subject) -> Term:
    return u_lt(INDEX, capacity(s.vec))


def _is_pinned(s: Subject) -> Term:
    return _is_slot(s) & pinned(s.vec, INDEX)


def _raw_slot(s: Subject) -> Term:
    return conj(_got_some(s), is_pfns(s.vec), u_lt(INDEX, sign_extend(s.result, 64)))


PROPERTIES = {
    "GVF-1": gvf_1,
    "GVF-2": gvf_2,
    "GVF-3": gvf_3,
    "GVF-4": gvf_4,
    "GVF-5": gvf_5,
    "GVF-6": gvf_6,
    "GVF-8": gvf_8,
    "GVF-9": gvf_9,
    "GVF-10": gvf_10,
    "GVF-10a": gvf_10a,
    "GVF-11": gvf_11,
    "GVF-12": gvf_12,
    "GVF-14": gvf_14,
    "GVF-17": gvf_17,
    "GVF-18": gvf_18,
    "GVF-19": gvf_19,
    "GVF-20": gvf_20,
    "GVF-21": gvf_21,
    "GVF-22": gvf_22,
    "GVF-23": gvf_23,
    "GVF-24": gvf_24,
    "GVF-30": gvf_30,
    "GVF-31": gvf_31,
    "GVF-32": gvf_32,
    "GVF-33": gvf_33,
    "GVF-34": gvf_34,
}
