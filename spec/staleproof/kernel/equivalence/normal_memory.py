"""get_vaddr_frames() of a version beside that of the version before it, asked for normal memory.

The caller is videobuf2: it asks for whole pages, with FOLL_FORCE and FOLL_WRITE where a version
leaves the flags to it. On normal memory no version goes round a loop, so each is without loops,
which is proved first. One is called after the other; what each comes to is proved where it has
ended, told by its pin (by_pin.py), and then the two are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from staleproof.cfront import SourceFile
from staleproof.cfront.translate import RETURN, Translation
from staleproof.engine.loopless import loopless
from staleproof.engine.question import Killer, Question
from staleproof.engine.relating import Known
from staleproof.engine.search import Limits
from staleproof.engine.solve import Budget
from staleproof.errors import ModelError
from staleproof.kernel.address_space import U64, contains, fsdax, layout
from staleproof.kernel.contracts.gup import gup_vma
from staleproof.kernel.equivalence.by_pin import PAGE, ZERO, Call, Manner, Outcome
from staleproof.kernel.equivalence.comparison import Pair, paired
from staleproof.kernel.equivalence.condition import condition_term
from staleproof.kernel.equivalence.still_world import STILL_WORLD, the_instant, the_layout
from staleproof.kernel.equivalence.visible import all_seen
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.killers import CKiller
from staleproof.kernel.frame_vector.normal_memory import NORMAL
from staleproof.kernel.frame_vector.questions import GET, ClaimLike, Version, edited, era
from staleproof.kernel.page_table import INSTANT, in_cma, now
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import (
    TRUE,
    Symbol,
    Term,
    Var,
    conj,
    disj,
    eq,
    forall,
    implies,
    neg,
    s_le,
    s_lt,
    u_lt,
    variable,
    zero_extend,
)
from staleproof.logic.scope import Scope
from staleproof.verdict import Obligation, Word

FLAGS = "FOLL_FORCE | FOLL_WRITE"
WHOLE_PAGES = "!(start & ~PAGE_MASK)"
NORMAL_MEMORY = "normal_memory(start, nr_frames)"
CALLER = Assumption(
    "VB2-CALL",
    "start is page-aligned, and gup_flags, where a version has them, are FOLL_FORCE | FOLL_WRITE: "
    "what videobuf2 asks for",
)
TAGS = frozenset({vector.got_ref, vector.is_pfns})
COMPARED = "both are compared"
SMALL = Scope({INSTANT: 2}, 1)
"""One VMA and one page, of which two pins may get two."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A version beside the one before it.

    `proved` are the properties that are claimed to hold; the others fail in some run of at most so
    many `steps`. In `success` steps both have given frames.
    """

    before: Version
    after: Version
    manners: tuple[Manner, Manner]
    proved: tuple[str, ...]
    killers: tuple[CKiller, ...]
    success: int
    steps: int = 0


def question(claim: ClaimLike, beside: Beside) -> Question:
    """The question of an EQ-3 claim."""
    if claim.expected is Word.REFUTED:
        system = _both_without_loops(beside, (claim.property,)).system
        prop = system.property_named(claim.property)
        limits = Limits(beside.steps, (SMALL,), Budget(resources=10_000_000), beside.steps)
        return Question(system, prop, limits=limits, search_first=True)
    whole = _both_without_loops(beside, beside.proved)
    prop = whole.system.property_named(claim.property)
    return Question(
        whole.system,
        prop,
        witness=whole.witness if prop.premise is TRUE else None,
        killers=tuple(_killers(beside, claim.property)),
        limits=Limits(beside.success),
        before=whole.shown,
    )


@dataclass(frozen=True, eq=False)
class Whole:
    """Both versions as one system; `witness` is violated where both give frames and nothing that a
    property leaves out is in the way.
    """

    system: System
    witness: Property
    shown: tuple[Obligation, ...] = ()


@lru_cache(maxsize=4)
def _both_without_loops(beside: Beside, names: tuple[str, ...]) -> Whole:
    """Both without their loops, with what each comes to as lemmas; all that is claimed to hold of
    the two is asked at once.
    """
    pair, bare, shown = _pair_without_loops(beside)
    whole = _asked(pair, bare, beside, names)
    end = pair.ends((RETURN, RETURN))
    first, second = (Outcome(pair, index, beside.manners) for index in (0, 1))
    lemmas = (*first.lemmas(pair.product.halfway | end), *second.lemmas(end))
    return replace(whole, system=replace(whole.system, lemmas=lemmas), shown=shown)


@lru_cache(maxsize=2)
def _pair_without_loops(beside: Beside) -> tuple[Pair, System, tuple[Obligation, ...]]:
    """Both without their loops, as one system, and what shows that they go round none."""
    shown: list[Obligation] = []

    def alone(system: System) -> Known:
        found = loopless(system, {RETURN})
        if found is None:
            raise ModelError(f"{GET}() is not shown to go round no loop on normal memory")
        shown.extend(found.shown)
        return Known(found.system, ())

    pair = _paired(beside, alone)
    return pair, _compared(pair, beside), tuple(shown)


def _both(beside: Beside, names: tuple[str, ...]) -> Whole:
    """Both as their texts have them."""
    pair = _paired(beside, lambda system: Known(system, ()))
    return _asked(pair, _compared(pair, beside), beside, names)


def _killers(beside: Beside, name: str) -> Iterator[Killer]:
    for killer in beside.killers:

        def build(killer: CKiller = killer) -> tuple[System, Property]:
            source = beside.after.source
            text = SourceFile(source.name, edited(source.text, killer.edits))
            changed = replace(beside, after=replace(beside.after, text=text))
            system = _both(changed, (name,)).system
            return system, system.property_named(name)

        yield Killer(killer.name, killer.sentence, build)


def _paired(beside: Beside, alone: Callable[[System], Known]) -> Pair:
    sources = (beside.before.source, beside.after.source)
    kernel, _ = _era(beside)

    def start(translation: Translation) -> tuple[Term, ...]:
        types = {p.name: str(p.type) for p in translation.function.parameters}
        given = {name: (types[name], s) for name, s in translation.parameters.items()}
        asked = [WHOLE_PAGES, NORMAL_MEMORY]
        if "gup_flags" in given:
            asked.append(f"gup_flags == ({FLAGS})")
        called = condition_term(sources[0], " && ".join(asked), given, STILL_WORLD)
        return (*kernel, eq(layout(), the_layout()), eq(now(), the_instant()), called)

    return paired(sources, GET, (), STILL_WORLD, start, alone=alone, in_turn=True)


def _era(beside: Beside) -> tuple[tuple[Term, ...], tuple[Assumption, ...]]:
    """The kernel around the two: that of both, if it is the same."""
    one, other = beside.before.since_5_13, beside.after.since_5_13
    return era(one if one == other else None)


def _compared(pair: Pair, beside: Beside) -> System:
    """The pair as one system, with a last step in which the two are compared."""
    (end,) = pair.ends((RETURN, RETURN))
    name = f"{GET}() for normal memory, before and after"
    _, kernel = _era(beside)
    bare = pair.system(name, ())
    return replace(
        bare,
        actions=(*bare.actions, Action(COMPARED, source=end, target=COMPARED)),
        assumptions=(*bare.assumptions, NORMAL, CALLER, *kernel),
    )


def _asked(pair: Pair, compared: System, beside: Beside, names: tuple[str, ...]) -> Whole:
    """What is claimed of the pair, in that last step."""
    at = frozenset({COMPARED})
    claims = _Claims(pair, beside)
    safety = tuple(replace(claims.named(name), at=at) for name in names)
    return Whole(replace(compared, safety=safety), replace(claims.witness, at=at))


class _Claims:
    """What is claimed of the two where both have ended."""

    def __init__(self, pair: Pair, beside: Beside) -> None:
        self._pair, self._source = pair, beside.before.source
        self._call = Call(pair)
        self._parts = tuple(all_seen(pair.product))
        self._results = pair.results
        self._gives = tuple(s_lt(ZERO, result) for result in pair.results)

    def named(self, name: str) -> Property:
        """The property of that name."""
        return {
            "EQ-3": self._the_same,
            "EQ-3a": self._the_same_frames,
            "EQ-3b": self._the_same_but_for_the_long_term,
            "EQ-3c": self._none_that_is_new,
        }[name](name)

    @property
    def witness(self) -> Property:
        """Violated where both give frames although nothing is in the way of a long-term pin."""
        return Property("not both give frames", neg(conj(*self._gives, self._is_plain)))

    def _the_same(self, name: str) -> Property:
        return Property(name, conj(eq(*self._results), self._same_world), self._params)

    def _the_same_frames(self, name: str) -> Property:
        return replace(self._the_same(name), premise=disj(*self._gives))

    def _the_same_but_for_the_long_term(self, name: str) -> Property:
        same = self._the_same(name)
        return replace(same, conclusion=implies(self._is_plain, same.conclusion))

    def _none_that_is_new(self, name: str) -> Property:
        """As many at least before, each pinned; and the same, save for those in CMA."""
        product, (first, second) = self._pair.product, self._results
        vec, index = self._call.vec, variable("at1", U64)
        before = product.first.named(vector.pin_pfn)(vec, index)
        one = u_lt(index, zero_extend(second, 64))
        tags = [self._same_part(tag, vec) for tag in (vector.got_ref, vector.is_pfns)]
        tags += [self._same_part(vector.pinned, vec, index)]
        page = [self._same_part(s, vec, index) for s in (vector.slot, vector.pin_pfn)]
        same = conj(*tags, in_cma(before) | conj(*page))
        no_more = conj(s_le(second, first), implies(one, same))
        return Property(name, implies(self._gives[1], no_more), (index,))

    @property
    def _same_world(self) -> Term:
        """The frames of a vector that has none are as they may be, and so are its tags."""
        some = disj(*self._gives)
        return conj(
            *(
                implies(conj(seen.where, some) if seen.symbol in TAGS else seen.where, seen.is_same)
                for seen in self._parts
            )
        )

    def _same_part(self, symbol: Symbol, *at: Term) -> Term:
        product = self._pair.product
        return eq(product.first.named(symbol)(*at), product.second.named(symbol)(*at))

    @property
    def _params(self) -> tuple[Var, ...]:
        """One vector and one index, for all parts of the world."""
        return max((seen.params for seen in self._parts), key=len)

    @property
    def _is_plain(self) -> Term:
        """Nothing is in the way of a long-term pin that is not in that of a short one: no DAX file,
        no page in CMA, and memory for its array.
        """
        called = f"without_cma(start, nr_frames, {FLAGS}) && longterm_memory(start, {FLAGS})"
        condition = condition_term(self._source, called, self._pair.parameters, STILL_WORLD)
        # Of the VMA that the pin finds it is said once more: there proofs look for it.
        vma = gup_vma(self._call.reach(longterm=False).instant, PAGE)
        there = contains(the_layout(), vma, self._call.address(PAGE))
        found = forall(PAGE, implies(there, neg(fsdax(the_layout(), vma))), self._call.count)
        return conj(condition, neg(self._call.has_dax), found)
