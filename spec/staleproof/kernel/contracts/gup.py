"""Pinning user pages (mm/gup.c; docs/kernel/pinning.md).

A pin call looks at each page at its own moment: part of the range lockless, the rest under an
mmap_lock of its own. What the i-th page of the call at instant t was, in which VMA of which
layout, are oracles of (t, i): any answers that the per-page rules allow. One call is one action,
because the caller holds no lock and cannot see its middle.
"""

from __future__ import annotations

from dataclasses import dataclass

from staleproof.cfront.contracts import (
    ArrayPointer,
    CallSite,
    Demand,
    Effect,
    LocalAddress,
    Outcome,
)
from staleproof.errors import UnsupportedCError
from staleproof.kernel.address_space import (
    LAYOUT,
    U64,
    VMA,
    contains,
    fsdax,
    is_raw,
    layout,
    lock_is_held,
    mmap_lock,
    needs_lock,
    page_address,
    task_size,
    untagged,
)
from staleproof.kernel.errno import EFAULT, EHWPOISON, EINTR, EINVAL, ENOMEM, EOPNOTSUPP, errno
from staleproof.kernel.frame_vector.vector import (
    NOTHING,
    PAGE,
    REGION,
    U32,
    capacity,
    pin_pfn,
    pinned,
    slot,
    slot_address,
    slot_kind,
)
from staleproof.kernel.page_table import (
    INSTANT,
    PFN_BITS,
    in_cma,
    in_fsdax,
    page_of,
    pfn_valid,
)
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Substitution, Update, assign, formals_of
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    extract,
    forall,
    implies,
    ite,
    neg,
    s_lt,
    sign_extend,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

FOLL_WRITE, FOLL_TOUCH, FOLL_GET, FOLL_FORCE = 0x01, 0x02, 0x04, 0x10
FOLL_LONGTERM, FOLL_PIN, FOLL_FAST_ONLY = 0x10000, 0x40000, 0x80000
PERMITTED = FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE | FOLL_PIN | FOLL_GET | FOLL_FAST_ONLY

gup_layout = Symbol("gup.layout", (INSTANT, U32), LAYOUT, mutable=False)
gup_vma = Symbol("gup.vma", (INSTANT, U32), VMA, mutable=False)
gup_pfn = Symbol("gup.pfn", (INSTANT, U32), U64, mutable=False)
gup_garbage = Symbol("gup.garbage", (INSTANT, U32), U64, mutable=False)
migrates_or_fails = Symbol("gup.since_5_13", (), BOOL, mutable=False)
"""The kernel is 5.13 or later: a long-term pin never leaves a page in CMA behind."""

pin_called = Symbol("pin.called", (), BOOL)
pin_result = Symbol("pin.result", (), U32, signed=True)
pin_wanted = Symbol("pin.nr_pages", (), U32, signed=True)
pin_writes = Symbol("pin.writes_by_force", (), BOOL)
"""The pin was asked for with FOLL_WRITE and FOLL_FORCE."""
migration_failed = Symbol("pin.migration_failed", (), BOOL)

INIT = (neg(pin_called()), neg(migration_failed()))


@dataclass(frozen=True, slots=True)
class _Pin:
    """The arguments of a pin call, and the words that follow from them."""

    start: Term
    count: Term
    flags: Term
    pages: ArrayPointer
    any_count: bool = False
    """A count below 0 is to be searched, too, and so must bound nothing."""

    @property
    def all_pages(self) -> Term:
        """The count as a bound, where it is above 0."""
        zero = word(0, 32)
        return ite(s_lt(zero, self.count), self.count, zero) if self.any_count else self.count

    @property
    def first(self) -> Term:
        return page_address(untagged(self.start))

    @property
    def length(self) -> Term:
        return sign_extend(self.count, 64) * word(4096, 64)

    @property
    def end(self) -> Term:
        return self.first + self.length

    @property
    def long_term(self) -> Term:
        return neg(eq(self.flags & word(FOLL_LONGTERM, 32), 0))

    @property
    def flags_are_bad(self) -> Term:
        forbidden = word(~PERMITTED | FOLL_GET, 32)
        return neg(eq(self.flags & forbidden, 0))

    @property
    def wraps(self) -> Term:
        return u_le(self.end, self.first)

    def address(self, i: Term) -> Term:
        """The user address of the i-th page."""
        return self.first + zero_extend(i, 64) * word(4096, 64)

    def ordinary(self, t: Term, i: Term) -> Term:
        """The i-th page lies in a VMA that has pages of its own."""
        at, vma = gup_layout(t, i), gup_vma(t, i)
        return conj(contains(at, vma, self.address(i)), neg(is_raw(at, vma)))

    def pinnable(self, t: Term, i: Term, failed: Term) -> Term:
        """The rules for the i-th page to be pinned."""
        pfn = gup_pfn(t, i)
        dax = in_fsdax(pfn)
        return conj(
            self.ordinary(t, i),
            pfn_valid(pfn),
            u_lt(pfn, 1 << PFN_BITS),
            eq(dax, fsdax(gup_layout(t, i), gup_vma(t, i))),
            implies(self.long_term, neg(dax)),
            implies(self.long_term & in_cma(pfn), failed & neg(migrates_or_fails())),
        )


def _arguments(call: CallSite, *, any_count: bool = False) -> _Pin:
    start, count, flags, pages = call.arguments[:4]
    if not isinstance(pages, ArrayPointer) or pages.region != REGION:
        raise UnsupportedCError(f"{call.callee} stores pages through a pointer not modelled")
    assert isinstance(start, Term) and isinstance(count, Term) and isinstance(flags, Term)
    if count.sort == BitVec(64):
        count = extract(31, 0, count)
    return _Pin(start, count, flags, pages, any_count)


def pin_user_pages_fast(call: CallSite, *, any_count: bool = False) -> Effect:
    """Pins from the first page on, as far as it can: a count, 0 on a range that wraps, or -errno.

    Called without mmap_lock, which its slow path takes. With `any_count` calls for less than no
    pages are searched as well.
    """
    pin = _arguments(call, any_count=any_count)
    outcomes = [
        Outcome(
            "bad flags",
            errno(EINVAL),
            (),
            (pin.flags_are_bad,),
            _history(pin, errno(EINVAL)),
            doc="FOLL_GET, or a flag that the fast path does not know",
        ),
        *_outcomes(pin, (neg(pin.flags_are_bad),)),
    ]
    demands = (
        _room(pin),
        Demand("lock", neg(lock_is_held()), "mmap_lock is not held, as the slow path takes it"),
    )
    return Effect(
        tuple(outcomes),
        demands,
        "mm/gup.c: pin_user_pages_fast",
        "none; mmap_lock r inside",
        ASSUMPTIONS,
    )


def pin_user_pages_locked(call: CallSite) -> Effect:
    """As above under the caller's mmap_lock, which it may drop, saying so in *locked.

    It refuses FOLL_LONGTERM with a warning and -EINVAL.
    """
    pin = _arguments(call)
    locked = call.arguments[4]
    if not isinstance(locked, LocalAddress):
        raise UnsupportedCError("pin_user_pages_locked needs the address of a local `locked`")
    refuses = pin.long_term
    dropped = (
        assign(locked.symbol, (), word(0, 32)),
        assign(mmap_lock, (), mmap_lock() - 1),
    )
    outcomes = [
        Outcome(
            "refuses FOLL_LONGTERM",
            errno(EINVAL, 64),
            (),
            (refuses,),
            _history(pin, errno(EINVAL)),
            doc="FOLL_LONGTERM needs the lock dropped in between",
        )
    ]
    for outcome in _outcomes(pin, (neg(refuses),)):
        assert isinstance(outcome.result, Term)
        result = sign_extend(outcome.result, 64)
        kept = _under_this_layout(outcome)
        outcomes.append(_with(outcome, result, require=(*outcome.require, *kept)))
        outcomes.append(
            _with(
                outcome,
                result,
                name=f"{outcome.name}, lock dropped",
                updates=(*outcome.updates, *dropped),
            )
        )
    one = Demand("lock", eq(locked.symbol(), 1), "*locked is 1 when the call begins")
    return Effect(
        tuple(outcomes),
        (_room(pin), needs_lock("pin_user_pages_locked() starts"), one),
        "mm/gup.c: pin_user_pages_locked",
        "mmap_lock r",
        ASSUMPTIONS,
    )


def _under_this_layout(outcome: Outcome) -> tuple[Term, ...]:
    """The lock was never dropped, so the first page was looked up in the caller's layout."""
    instants = [p for p in outcome.params if p.sort == INSTANT]
    return tuple(eq(gup_layout(t, word(0, 32)), layout()) for t in instants)


def _with(
    outcome: Outcome,
    result: Term,
    name: str = "",
    require: tuple[Term, ...] | None = None,
    updates: tuple[Update, ...] | None = None,
) -> Outcome:
    return Outcome(
        name or outcome.name,
        result,
        outcome.params,
        outcome.require if require is None else require,
        outcome.updates if updates is None else updates,
        outcome.demands,
        outcome.doc,
    )


def _outcomes(pin: _Pin, always: tuple[Term, ...]) -> list[Outcome]:
    t, r = variable("t", INSTANT), variable("pinned", U32)
    i = variable("i", U32)
    failed = variable("migration_failed", BOOL)
    in_range = (*always, neg(pin.wraps), u_le(pin.end, task_size()))
    some = (
        *in_range,
        s_lt(word(0, 32), r),
        forall(i, pin.pinnable(t, i, failed), r),
    )
    all_of_them = Substitution({r: pin.all_pages}, {})
    fault = errno(EFAULT)
    return [
        Outcome(
            "range wraps",
            word(0, 32),
            (),
            (*always, pin.wraps),
            _history(pin, word(0, 32)),
            doc="start + length wraps around, or there is nothing to pin",
        ),
        Outcome(
            "not a user range",
            fault,
            (),
            (*always, neg(pin.wraps), u_lt(task_size(), pin.end)),
            _history(pin, fault),
            doc="the range ends above TASK_SIZE",
        ),
        Outcome(
            "pins all",
            pin.count,
            (t, failed),
            tuple(all_of_them(term) for term in some),
            (*_history(pin, pin.count, failed), *_stored(pin, t, pin.count)),
            doc="every page is pinned",
        ),
        Outcome(
            "pins some",
            r,
            (r, t, failed),
            (*some, s_lt(r, pin.count)),
            (*_history(pin, r, failed), *_stored(pin, t, r)),
            doc="a page on the way cannot be pinned; the ones before it stay pinned",
        ),
        *_failures(pin, in_range, t),
    ]


def _failures(pin: _Pin, in_range: tuple[Term, ...], t: Var) -> list[Outcome]:
    """No page was pinned: the errno says why the first one was not."""
    j, k = variable("j", U32), variable("k", U32)
    zero = word(0, 32)
    at, vma = gup_layout(t, k), gup_vma(t, k)
    ordinary = pin.ordinary(t, zero)
    dax = conj(
        pin.long_term,
        u_lt(k, pin.count),
        contains(at, vma, pin.address(k)),
        fsdax(at, vma),
        # Pages are tried in order; since 5.13 those before a DAX page stay pinned, and count.
        forall(j, pin.ordinary(t, j), k),
        implies(migrates_or_fails(), eq(k, 0)),
    )
    # Up to 5.12 a long-term pin first allocates an array of VMAs.
    allocation = conj(pin.long_term, neg(migrates_or_fails()))
    reasons: tuple[tuple[str, int, tuple[Var, ...], Term, str], ...] = (
        ("no page (-EFAULT)", EFAULT, (t,), TRUE, "no VMA, a VM_IO or VM_PFNMAP one, or a fault"),
        ("no memory (-ENOMEM)", ENOMEM, (t,), disj(ordinary, allocation), "allocation failed"),
        ("fatal signal (-EINTR)", EINTR, (t,), ordinary, "the thread is being killed"),
        ("bad memory (-EHWPOISON)", EHWPOISON, (t,), ordinary, "the page is poisoned"),
        ("DAX (-EOPNOTSUPP)", EOPNOTSUPP, (t, k), dax, "FOLL_LONGTERM refuses DAX files"),
    )
    return [
        Outcome(
            name,
            errno(number),
            params,
            (*in_range, condition),
            (*_history(pin, errno(number)), *_stored(pin, t, zero)),
            doc=doc,
        )
        for name, number, params, condition, doc in reasons
    ]


def _room(pin: _Pin) -> Demand:
    """The array has room for all pages that were asked for."""
    count = zero_extend(pin.count, 64)
    index, room = pin.pages.index, capacity(pin.pages.object)
    fits = conj(u_le(index, room), u_le(count, room - index))
    condition = disj(neg(s_lt(word(0, 32), pin.count)), fits)
    return Demand("bounds", condition, "ptrs[] has room for nr_pages pages")


def _history(pin: _Pin, result: Term, failed: Term = FALSE) -> tuple[Update, ...]:
    by_force = FOLL_WRITE | FOLL_FORCE
    return (
        assign(pin_called, (), TRUE),
        assign(pin_result, (), result),
        assign(pin_wanted, (), pin.count),
        assign(pin_writes, (), eq(pin.flags & word(by_force, 32), by_force)),
        assign(migration_failed, (), disj(migration_failed(), failed)),
    )


def _stored(pin: _Pin, t: Term, r: Term) -> tuple[Update, ...]:
    """The first `r` slots hold pinned pages; the rest of the range holds leftovers."""
    updates = []
    for symbol in (slot, slot_kind, slot_address, pinned, pin_pfn):
        vec, index = formals_of(symbol)
        i64 = index - pin.pages.index
        i = extract(31, 0, i64)
        in_vector = eq(vec, pin.pages.object)
        got = conj(in_vector, u_lt(i64, zero_extend(r, 64)))
        leftover = conj(in_vector, u_lt(i64, zero_extend(pin.count, 64)))
        old = symbol(vec, index)
        values: dict[Symbol, tuple[Term, Term]] = {
            slot: (page_of(gup_pfn(t, i)), gup_garbage(t, i)),
            slot_kind: (PAGE, NOTHING),
            slot_address: (pin.address(i), old),
            pinned: (TRUE, old),
            pin_pfn: (gup_pfn(t, i), old),
        }
        yes, rest = values[symbol]
        updates.append(Update(symbol, (vec, index), ite(got, yes, ite(leftover, rest, old))))
    return tuple(updates)


def unpin_user_pages(call: CallSite) -> Effect:
    """Gives back one pin per slot: each must hold the page that was pinned through it."""
    pages, count = call.arguments
    if not isinstance(pages, ArrayPointer) or pages.region != REGION:
        raise UnsupportedCError("unpin_user_pages gets pages through a pointer not modelled")
    assert isinstance(count, Term)
    vec, i = pages.object, variable("i", U64)
    at = pages.index + i
    is_ours = conj(pinned(vec, at), eq(slot(vec, at), page_of(pin_pfn(vec, at))))
    demands = (
        Demand(
            "bounds",
            conj(u_le(pages.index, capacity(vec)), u_le(count, capacity(vec) - pages.index)),
            "ptrs[] has nr_pages slots to read",
        ),
        Demand("unpin", forall(i, is_ours, count), "each page has a pin of ours to give back"),
    )
    formals = formals_of(pinned)
    inside = conj(eq(formals[0], vec), u_lt(formals[1] - pages.index, count))
    released = Update(pinned, formals, ite(inside, FALSE, pinned(*formals)))
    return Effect(
        (Outcome("released", updates=(released,)),), demands, "mm/gup.c: unpin_user_pages"
    )


ASSUMPTIONS = (
    Assumption(
        "GUP-CONTRACT",
        "pin_user_pages_fast and _locked behave as docs/kernel/pinning.md says; each pin is "
        "given back through the slot that it was returned in",
    ),
    Assumption(
        "GUP-FAST-CMA",
        "the lockless part of a long-term pin leaves pages in CMA to the slow part",
    ),
    Assumption(
        "GUP-DAX", "a page is a DAX page exactly if the VMA it was pinned in maps a DAX file"
    ),
)

CONTRACTS = {f.__name__: f for f in (pin_user_pages_fast, pin_user_pages_locked, unpin_user_pages)}
