"""unsafe_follow_pfn() beside follow_pfn(), which everybody called before patch 08.

Before is a function that is nothing but that call: the text that v4 has for the build without an
MMU is just that.
"""

from __future__ import annotations

from staleproof.cfront import SourceFile
from staleproof.cfront.translate import RETURN, Translation
from staleproof.engine.question import Killer, Question
from staleproof.kernel.contracts.follow_pfn import strict_follow_pfn
from staleproof.kernel.contracts.taint import tainted_by_user
from staleproof.kernel.equivalence.comparison import ENDING, RULES, UNSEEN, paired
from staleproof.kernel.equivalence.still_world import ONE_WORLD, stilled
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.questions import ClaimLike, edited, row_named
from staleproof.kernel.iomem.rows import Asked, Wrong
from staleproof.lang.system import Property, System
from staleproof.lang.terms import TRUE, Term, conj, eq, neg
from staleproof.series.p08_unsafe_follow_pfn.rows import SAME_KILLERS, V4, V5
from staleproof.series.p08_unsafe_follow_pfn.versions import POSTED
from staleproof.verdict import Word

BUT_FOR_THE_TAINT = ("EQ-1", "EQ-1n")
BARE_CALL = "nommu_v4"


def v4(claim: ClaimLike) -> Question:
    """As posted in v4."""
    return _question(claim, V4)


def v5(claim: ClaimLike) -> Question:
    """As posted in v5."""
    return _question(claim, V5)


def _question(claim: ClaimLike, rows: tuple[Asked, ...]) -> Question:
    suffix = "n" if claim.property.endswith("n") else ""
    asked, _ = row_named(f"UFP-2a{suffix}", rows)
    after = POSTED.source(asked)
    system = _beside(asked, after, claim.property)
    refuted = claim.expected is Word.REFUTED
    killers = () if refuted else SAME_KILLERS
    return Question(
        system,
        system.property_named(claim.property),
        killers=tuple(_killer(asked, after, claim.property, w) for w in killers),
        search_first=refuted,
    )


def _killer(asked: Asked, after: SourceFile, name: str, wrong: Wrong) -> Killer:
    def build() -> tuple[System, Property]:
        text = edited(after.text, POSTED, wrong)
        system = _beside(asked, SourceFile(after.name, text), name)
        return system, system.property_named(name)

    return Killer(wrong.name, wrong.sentence, build)


def _beside(asked: Asked, after: SourceFile, name: str) -> System:
    """The bare call and the function, in one world; what is asked is that both do the same."""
    before = SourceFile("before.c", (POSTED.path / f"{BARE_CALL}.c").read_text())

    def start(translation: Translation) -> tuple[Term, ...]:
        return asked.start(Subject(translation))

    pair = paired((before, after), asked.function, (), stilled(asked.world), start)
    product = pair.product
    first, second = (t.result for t in pair.translations)
    assert first is not None and second is not None
    left_out = {tainted_by_user} if name in BUT_FOR_THE_TAINT else set()
    same = [eq(product.at_first(first()), product.at_second(second()))]
    for symbol in product.world:
        if symbol not in left_out:
            assert not symbol.domain
            same.append(eq(product.at_first(symbol()), product.at_second(symbol())))
    both = frozenset(at for at, ends in product.ends.items() if ends == (RETURN, RETURN))
    # A text without the option is the same with it and without.
    asks = any(strict_follow_pfn in k.system.symbols for k in pair.known)
    relaxed = neg(strict_follow_pfn()) if asks else TRUE
    prop = Property(name, conj(*same), premise=relaxed, at=both)
    assumptions = (ONE_WORLD, UNSEEN, RULES, ENDING, *asked.assumptions)
    return product.whole(f"follow_pfn() and {asked.function}()", (prop,), assumptions=assumptions)
