"""get_vaddr_frames() of a version beside that of before the series, asked for normal memory.

The conditions are those of ``staleproof diff --when``. Videobuf2 is the caller: it asks for whole
pages, with FOLL_FORCE and FOLL_WRITE.
"""

from __future__ import annotations

from collections.abc import Iterator

from staleproof.cfront import SourceFile
from staleproof.cfront.translate import RETURN
from staleproof.engine.question import Killer, Question
from staleproof.engine.search import Limits
from staleproof.kernel.address_space import U64
from staleproof.kernel.equivalence.comparison import Pair, paired
from staleproof.kernel.equivalence.still_world import STILL_WORLD
from staleproof.kernel.equivalence.visible import statements
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.killers import CKiller, Edit
from staleproof.kernel.frame_vector.questions import GET, ClaimLike, Version, edited
from staleproof.kernel.frame_vector.versions import LEGACY
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Term, conj, disj, implies, neg, s_lt, variable, word
from staleproof.verdict import Word

NORMAL = (
    "gup_flags == (FOLL_FORCE | FOLL_WRITE)",
    "!(start & ~PAGE_MASK)",
    "normal_memory(start, nr_frames)",
)
DAX = "without_dax(start, nr_frames)"
CMA = "without_cma(start, nr_frames, gup_flags)"
ARRAY = "longterm_memory(start, gup_flags)"
CONDITIONS = {
    "EQ-3": (*NORMAL, DAX, CMA, ARRAY),
    "EQ-3a": (*NORMAL, DAX, CMA, ARRAY),
    "EQ-3d": (*NORMAL, CMA, ARRAY),
    "EQ-3c": (*NORMAL, DAX, ARRAY),
    "EQ-3m": (*NORMAL, DAX, CMA),
}
"""Where the two are compared, by claim."""

ERRNO_ASIDE = frozenset({"EQ-3a"})
TAGS = (vector.got_ref.name, vector.is_pfns.name)
OF_USE = (vector.slot.name, vector.pin_pfn.name)
"""What is compared of slots in use, and of pins that are held, alone."""
LIMITS = Limits(depth=80)

KILLERS = (
    CKiller(
        "got_ref forgotten",
        "pinned pages are tagged as not referenced",
        (Edit("vec->got_ref = true;", "vec->got_ref = false;"),),
    ),
    CKiller(
        "one frame less",
        "the pin is asked for one frame less",
        (Edit("_fast(start, nr_frames,", "_fast(start, nr_frames - 1,"),),
    ),
    CKiller(
        "read only",
        "the pin does not ask for write access",
        (Edit("FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM", "FOLL_FORCE | FOLL_LONGTERM"),),
    ),
)


def question(claim: ClaimLike, version: Version) -> Question:
    """The question of an EQ-3 claim at a version."""
    name = claim.property
    pair = _pair(version.source, name)
    system, prop = _asked(pair, name)
    if claim.expected is Word.REFUTED:
        return Question(system, prop, limits=LIMITS, search_first=True)
    return Question(
        pair.with_lemmas(system),
        prop,
        witness=_no_frames(pair),
        killers=tuple(_killers(version, name)),
        limits=LIMITS,
    )


def _pair(source: SourceFile, name: str) -> Pair:
    condition = " && ".join(CONDITIONS[name])
    return paired((LEGACY.source, source), GET, (), STILL_WORLD, lambda _: (), condition)


def _killers(version: Version, name: str) -> Iterator[Killer]:
    for killer in KILLERS:

        def build(killer: CKiller = killer) -> tuple[System, Property]:
            source = version.source
            changed = SourceFile(source.name, edited(source.text, killer.edits))
            return _asked(_pair(changed, name), name)

        yield Killer(killer.name, killer.sentence, build)


def _asked(pair: Pair, name: str) -> tuple[System, Property]:
    prop = _the_same(pair, name)
    return pair.system(f"{GET}() before the series, and in this version", (prop,)), prop


def _the_same(pair: Pair, name: str) -> Property:
    """The same result and the same pins; and the same frames, where there are any.

    A run in which the version breaks a rule is not the same, whatever it leaves.
    """
    a, b = pair.results
    zero = word(0, 32)
    told: list[Term] = []
    for statement in statements(pair.product, *pair.translations):
        prop = statement.prop
        if prop.name == "result":
            aside = s_lt(a, zero) & s_lt(b, zero) if name in ERRNO_ASIDE else FALSE
            told.append(disj(prop.formula, aside))
        elif prop.name in TAGS:
            told.append(implies(s_lt(zero, a), prop.formula))
        elif prop.name in OF_USE:
            told.append(prop.formula)
        elif prop.conclusion is not FALSE:
            told.append(prop.conclusion)
    params = (variable("at0", vector.VECTOR), variable("at1", U64))
    bad = (end for end in pair.product.ends.values() if end[0] is None)
    return Property(name, conj(*told), params, at=pair.ends((RETURN, RETURN), *bad))


def _no_frames(pair: Pair) -> Property:
    """Violated where both give frames."""
    both = conj(*(s_lt(word(0, 32), result) for result in pair.results))
    return Property("not both give frames", neg(both), at=pair.ends((RETURN, RETURN)))
