"""The world that two functions are compared in: it stands still, so both see the same.

One set of VMAs, one set of page tables, and pages that can be pinned or cannot, whoever asks. How
far a pin gets is a fact of the world: `pin.reach` pages from its first one on, and `pin.why` tells
what is in the way where that is none. It may depend on the flags, and so may the pages: a pin for
writing breaks copy-on-write. A long-term pin gets no further than the same pin without
FOLL_LONGTERM, and only fails where that would not if it meets what its contract names: a page of a
DAX file, a page in CMA that cannot be moved, or no memory for the array of VMAs. It gets the same
pages, save for those in CMA, which it moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from staleproof.cfront.contracts import CallSite, Effect, Outcome, World
from staleproof.cfront.oracles import shared_answers, substituted
from staleproof.kernel.address_space import (
    LAYOUT,
    U64,
    VMA,
    contains,
    fsdax,
    layout,
    page_address,
    untagged,
)
from staleproof.kernel.contracts import gup, taint
from staleproof.kernel.contracts.gup import (
    FOLL_LONGTERM,
    gup_layout,
    gup_pfn,
    gup_vma,
    migrates_or_fails,
)
from staleproof.kernel.errno import EFAULT, EHWPOISON, EINTR, ENOMEM, EOPNOTSUPP
from staleproof.kernel.frame_vector.vector import U32
from staleproof.kernel.page_table import INSTANT, in_cma, now
from staleproof.kernel.world import WORLD
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import Substitution, Update, formals_of
from staleproof.lang.system import Assumption
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    disj,
    eq,
    extract,
    forall,
    implies,
    ite,
    neg,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

the_layout = Symbol("the.layout", (), LAYOUT, mutable=False)
the_instant = Symbol("the.instant", (), INSTANT, mutable=False)
FROZEN = {layout: the_layout, now: the_instant}
"""What could change and does not, and what it stands at."""

pin_instant = Symbol("pin.instant", (U64, U32), INSTANT, mutable=False)
pin_reach = Symbol("pin.reach", (U64, U32), U32, mutable=False)
pin_why = Symbol("pin.why", (U64, U32), BitVec(3), mutable=False)
pin_lost = Symbol("pin.migration_fails", (U64, U32), BOOL, mutable=False)
longterm_instant = Symbol("longterm.instant", (U64, U32), INSTANT, mutable=False)
longterm_fails = Symbol("longterm.differs", (U64, U32), BOOL, mutable=False)
longterm_reach = Symbol("longterm.reach", (U64, U32), U32, mutable=False)
longterm_why = Symbol("longterm.why", (U64, U32), BitVec(3), mutable=False)

_OPTION = re.compile(r"\bCONFIG_\w+")

FAILURES = {
    "no page (-EFAULT)": EFAULT,
    "no memory (-ENOMEM)": ENOMEM,
    "fatal signal (-EINTR)": EINTR,
    "bad memory (-EHWPOISON)": EHWPOISON,
    "DAX (-EOPNOTSUPP)": EOPNOTSUPP,
}
"""Why a pin gets no page, and the errno for it, in the order of the numbers that `pin.why` has for
them; the last for all others.
"""
NO_MEMORY, DAX = 1, 4

ONE_WORLD = Assumption(
    "EQ-STILL",
    "both functions are called in the same state of one world, which stands still: one set of "
    "VMAs and page tables, and a callee that is asked the same as often answers the same",
)
PINS_ALIKE = Assumption(
    "EQ-PINS",
    "how many pages from an address on can be pinned, and why the first cannot, is the same for "
    "both; FOLL_LONGTERM changes it only for DAX, CMA and the memory of its VMA array, and the "
    "pages only where they are moved out of CMA",
)


def plain(flags: Term) -> Term:
    """The flags of the same pin without FOLL_LONGTERM."""
    return flags & word(~FOLL_LONGTERM, 32)


class Reach:
    """How far one pin gets in the still world: `pages`, and `why` no further where that is none."""

    def __init__(self, start: Term, count: Term, flags: Term) -> None:
        self.count = count if count.sort == U32 else extract(31, 0, count)
        self.first = page_address(untagged(start))
        self.long = neg(eq(flags & word(FOLL_LONGTERM, 32), 0))
        at = (self.first, plain(flags))
        self.differs = self.long & longterm_fails(*at)
        self.plain = pin_reach(*at)
        self.pages = ite(self.differs, longterm_reach(*at), self.plain)
        self.why = ite(self.differs, longterm_why(*at), pin_why(*at))
        self.lost = pin_lost(*at)
        self.plainly = pin_instant(*at)
        self.instant = ite(self.long, longterm_instant(*at), self.plainly)

    def chosen(self, outcome: Outcome) -> tuple[Term, ...]:
        """When a pin ends this way; the ways that are not listed here are told by the arguments."""
        name = outcome.name.removesuffix(", lock dropped")
        nothing = eq(self.pages, 0)
        if name == "pins all":
            known = (self.is_a_reason(), self.the_same_pages(self.count))
            return (neg(nothing), u_le(self.count, self.pages), *known)
        if name == "pins some":
            known = (self.is_a_reason(), self.the_same_pages(self.pages))
            return (neg(nothing), u_lt(self.pages, self.count), *known)
        if name in FAILURES:
            number = list(FAILURES).index(name)
            last = number == len(FAILURES) - 1
            told = u_le(word(number, 3), self.why) if last else eq(self.why, number)
            return (nothing, told, self.is_a_reason())
        return ()

    def is_a_reason(self) -> Term:
        """Where FOLL_LONGTERM makes a difference, the page it stops at is a reason for one."""
        at, pages = self.plainly, self.pages
        there = self.first + zero_extend(pages, 64) * word(4096, 64)
        vma = gup_vma(at, pages)
        dax = conj(contains(the_layout(), vma, there), fsdax(the_layout(), vma))
        cma = conj(in_cma(gup_pfn(at, pages)), migrates_or_fails())
        named = conj(eq(pages, 0), disj(eq(self.why, NO_MEMORY), u_le(word(DAX, 3), self.why)))
        return implies(self.differs, u_le(pages, self.plain) & disj(named, dax, cma))

    def the_same_pages(self, most: Term) -> Term:
        """A long-term pin gets the pages that are there, save for those that it moves."""
        i = variable("i", U32)
        there, got = gup_pfn(self.plainly, i), gup_pfn(self.instant, i)
        same = eq(gup_vma(self.plainly, i), gup_vma(self.instant, i))
        stays = implies(neg(in_cma(there)), eq(got, there))
        return implies(self.long, forall(i, same & stays, most))


def pins(call: CallSite, effect: Effect) -> Effect:
    """A pin call, whichever: the world tells how far it gets."""
    start, count, flags = call.arguments[:3]
    assert isinstance(start, Term) and isinstance(count, Term) and isinstance(flags, Term)
    reach = Reach(start, count, flags)
    outcomes = []
    for outcome in effect.outcomes:
        known: dict[Any, Term] = {}
        for param in outcome.params:
            if param.sort == INSTANT:
                known[param] = reach.instant
            elif param.name == "pinned":
                known[param] = reach.pages
            elif param.name == "migration_failed":
                known[param] = reach.lost
        given = substituted(outcome, known)
        outcomes.append(
            _in_one_layout(replace(given, require=(*reach.chosen(outcome), *given.require)))
        )
    return replace(effect, outcomes=tuple(outcomes))


def _in_one_layout(outcome: Outcome) -> Outcome:
    """Each page of the range is looked up among the VMAs that stand still."""
    reading = Substitution(
        {}, {gup_layout: Update(gup_layout, formals_of(gup_layout), the_layout())}
    )
    return replace(
        outcome,
        require=tuple(map(reading, outcome.require)),
        updates=tuple(
            Update(u.symbol, u.formals, reading(u.value), reading(u.where)) for u in outcome.updates
        ),
    )


def stilled(world: World) -> World:
    """A world of the kernel's, standing still."""
    return shared_answers(
        world,
        {LAYOUT: the_layout(), INSTANT: the_instant()},
        FROZEN,
        {f.__name__: pins for f in (gup.pin_user_pages_fast, gup.pin_user_pages_locked)},
        (VMA,),
    )


def with_options(world: World, texts: Iterable[str]) -> World:
    """A world that has the configuration options that the texts name, each set or not for good."""
    names = dict.fromkeys(name for text in texts for name in _OPTION.findall(text))
    options = {name: Symbol(name, (), BOOL, mutable=False)() for name in names}
    return replace(world, globals={**options, **world.globals})


STILL_WORLD = stilled(replace(WORLD, contracts={**WORLD.contracts, **taint.CONTRACTS}))
