"""Two versions of get_vaddr_frames() side by side on normal memory: what a proof of it rests on."""

from __future__ import annotations

from functools import cache

import pytest

from staleproof.claims import matching
from staleproof.engine.induction import Inductive, Proof, Proved
from staleproof.engine.question import Question
from staleproof.engine.relating import Known
from staleproof.kernel.equivalence.by_pin import Manner, Outcome
from staleproof.kernel.equivalence.comparison import Pair, paired
from staleproof.kernel.equivalence.reasons import STATEMENTS
from staleproof.kernel.equivalence.still_world import STILL_WORLD
from staleproof.kernel.frame_vector.questions import GET
from staleproof.lang.product import BEGIN
from staleproof.logic.blocks import loop_heads
from staleproof.series.p05_frame_vector.versions import MERGED, V4
from staleproof.verdict import Word

CLAIMS = matching(("EQ-3*",))


@cache
def question(name: str) -> Question:
    """The question of a claim."""
    (claim,) = matching((name,))
    asked: Question = claim.build()
    return asked


@cache
def pair() -> Pair:
    """v4 and the merged version as they are, one called after the other."""
    return paired(
        (V4.source, MERGED.source),
        GET,
        (),
        STILL_WORLD,
        lambda _: (),
        alone=lambda system: Known(system, ()),
        in_turn=True,
    )


def test_every_statement_is_claimed() -> None:
    """A sentence of which nothing is claimed says nothing."""
    assert {c.property for c in CLAIMS} == STATEMENTS.keys()


def test_a_claim_that_is_proved_is_about_paths_and_has_killers() -> None:
    """That no run goes round a loop was proved of either side, and is part of the evidence."""
    asked = question("EQ-3a@merged")

    assert loop_heads(asked.system) == ()
    assert len(asked.before) == 2
    assert [k.name for k in asked.killers] == ["got_ref forgotten", "short-term pin"]


@pytest.mark.parametrize("name", [c.name for c in CLAIMS if c.expected is Word.PROVED])
def test_what_proves_it_is_named(name: str) -> None:
    """Among the assumptions are that of the pins, and that of what they are asked for."""
    (claim,) = (c for c in CLAIMS if c.name == name)
    kernel = {"v4": "GUP-5.12", "merged": "GUP-5.12", "no-fallback": "GUP-5.13"}
    wanted = {"EQ-PINS", "EQ-STILL", "NORMAL-MEMORY", "VB2-CALL"}
    wanted |= {kernel[claim.version]} if claim.version in kernel else set()

    assert wanted <= {a.name for a in question(name).system.assumptions}


def test_the_comparison_fails_without_what_the_second_comes_to() -> None:
    """It is about the lemmas of both, and about nothing that it takes for granted."""
    system = question("EQ-3a@merged").system
    (prop,) = system.safety
    of_the_first = [q for q in system.lemmas if q.name.startswith("A: ")]

    assert isinstance(Proof(Inductive(system), system.lemmas).prove([prop]), Proved)
    assert not isinstance(Proof(Inductive(system), of_the_first).prove([prop]), Proved)


def test_a_lemma_that_is_false_of_a_text_is_not_proved() -> None:
    """Say that the merged version returns the errno of its pin, as v4 does."""
    system = question("EQ-3a@merged").system
    end = frozenset({"return | return"})
    manners = (Manner(), Manner(tells_errno=True))
    (claimed,) = (q for q in Outcome(pair(), 1, manners).lemmas(end) if q.name == "B: no frames")
    (true,) = (q for q in system.lemmas if q.name == claimed.name)
    inductive = Inductive(system)

    assert isinstance(inductive.prove([true]), Proved)
    assert not isinstance(inductive.prove([claimed]), Proved)


def test_in_turn_the_second_begins_where_the_first_has_ended() -> None:
    """And nowhere else does its world come to be."""
    product = pair().product
    system = pair().system("both", ())
    (begins,) = (a for a in system.actions if a.name == "B begins")

    assert product.halfway == {f"return | {BEGIN}"}
    assert begins.source in product.halfway
    assert {u.symbol.name[0] for u in begins.updates} == {"B"}
    for action in system.actions:
        if action.source == BEGIN:
            assert {u.symbol.name[0] for u in action.updates} == {"A"}
