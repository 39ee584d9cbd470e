"""What is found of a system holds of those that have no other runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.counting import WIDE, count, least, limit, marked
from staleproof.engine.houdini import largest_inductive
from staleproof.engine.induction import Inductive, NotShown, Proved
from staleproof.engine.portfolio import decide, word_of
from staleproof.engine.question import Kind, Question
from staleproof.engine.search import Limits
from staleproof.engine.study import study_of
from staleproof.engine.termination import NoRanking, prove_termination
from staleproof.errors import ModelError
from staleproof.lang.sorts import BOOL, BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, forall, neg, u_le, variable, word
from staleproof.verdict import Word

NONE_WANTED = (eq(limit(), 0),)
IDLE = (Property("is idle", eq(count(), least()), at=frozenset({"end"})),)
NARROW = replace(WIDE, name="counting to 0", axioms=NONE_WANTED, safety=IDLE, wider=WIDE)


def test_a_narrow_system_leans_on_the_lemmas_of_the_wide_one() -> None:
    """They are not sought again, and where they suffice no others are."""
    wide, narrow = study_of(WIDE), study_of(NARROW)

    assert isinstance(wide.outcomes["ends at the limit"], Proved)
    assert isinstance(wide.outcomes["does nothing"], NotShown)
    assert isinstance(narrow.outcomes["is idle"], Proved)
    assert wide.invariants
    assert set(wide.invariants) <= set(narrow.invariants)


def test_it_is_studied_with_its_own_axioms() -> None:
    """What holds of the narrow system alone is proved of that alone."""
    assert isinstance(study_of(replace(WIDE, safety=IDLE)).outcomes["is idle"], NotShown)


def test_lemmas_that_do_not_suffice_are_added_to() -> None:
    """A block that cannot happen under the axioms makes room for more."""
    wanted = Property("is never marked", eq(marked(), 0), at=frozenset({"end"}))
    found = study_of(replace(NARROW, name="idling", safety=(wanted,)))

    assert isinstance(found.outcomes["is never marked"], Proved)
    assert "never taken: round" in {o.name for o in found.proof.shown or ()}


@pytest.mark.parametrize(
    "wide",
    [
        replace(WIDE, init=(eq(least(), limit()),)),
        replace(WIDE, actions=(*WIDE.actions, Action("again", source="end", target="head"))),
        replace(WIDE, axioms=(eq(least(), 3),)),
        replace(WIDE, assumptions=(Assumption("TOY", "what is said of toys is true"),)),
    ],
    ids=["other initial states", "other actions", "another axiom", "an assumption more"],
)
def test_a_system_that_may_lack_runs_is_no_wider_one(wide: System) -> None:
    """What holds of it would be believed of what it says nothing about."""
    with pytest.raises(ModelError, match="may lack runs of"):
        replace(NARROW, wider=wide)


# Lemmas that a model brings: each is proved only where a proof leans on it

a, b, c, k = (Symbol(name, (), BOOL, mutable=name != "k") for name in "abck")
SAFE = Property("safe", neg(a()))
RELATIONAL = System(
    "switches",
    (a, b, c, k),
    (neg(a()), neg(b()), neg(c())),
    (
        Action("a after b", guard=(b(),), updates=(assign(a, (), TRUE),)),
        Action("b after c", guard=(c(),), updates=(assign(b, (), TRUE),)),
    ),
    safety=(SAFE,),
    lemmas=(Property("c stays off", neg(c())), Property("b stays off", neg(b()))),
)
C_GOES_ON = replace(
    RELATIONAL, actions=(*RELATIONAL.actions, Action("c", updates=(assign(c, (), TRUE),)))
)
WORD = variable("w", BitVec(4))
OF_WORDS = forall(WORD, k() | u_le(WORD, 3), word(2, 4))


@pytest.mark.parametrize("own", [(), C_GOES_ON.lemmas], ids=["no lemmas", "the same lemmas"])
@pytest.mark.parametrize("axiom", [k(), OF_WORDS], ids=["relational", "not relational"])
def test_a_lemma_that_fails_is_not_taken_over(axiom: Term, own: tuple[Property, ...]) -> None:
    """It was never shown of the wide system either."""
    narrow = replace(C_GOES_ON, name="narrow", axioms=(axiom,), lemmas=own, wider=C_GOES_ON)
    question = Question(narrow, SAFE, limits=Limits(6))

    assert C_GOES_ON.is_relational
    assert narrow.is_relational == (axiom is not OF_WORDS)
    assert word_of(question) is Word.REFUTED
    assert decide(question).verdict.word is Word.REFUTED


def test_a_lemma_that_was_leaned_on_is() -> None:
    """What shows it is listed with the proof that leans on it."""
    narrow = replace(RELATIONAL, name="narrow", axioms=(k(),), lemmas=(), wider=RELATIONAL)
    proved = study_of(narrow).outcome_of(SAFE)

    assert isinstance(proved, Proved)
    assert {q.name for q in proved.lemmas} == {"b stays off"}
    assert {o.name.partition(":")[0] for o in proved.obligations} >= {"b stays off", "c stays off"}


# Properties of places that the wide system is not cut at

x, f, fixed = Symbol("x", (), BitVec(4)), Symbol("f", (), BOOL), Symbol("c", (), BOOL, False)
NEVER_NINE = Property("never 9", neg(eq(x(), 9)), at=frozenset({"head"}))
ROUND = System(
    "two steps a round",
    (x, f, fixed),
    (eq(x(), 0), neg(f())),
    (
        Action("begin", source="start", target="head"),
        Action("in", updates=(assign(f, (), TRUE),), source="head", target="within"),
        Action(
            "out",
            guard=(f(),),
            updates=(assign(f, (), FALSE), assign(x, (), x() + 1)),
            source="within",
            target="head",
        ),
    ),
    entry="start",
    safety=(NEVER_NINE,),
)
NEVER_ON = Property("f is false", neg(f()), at=frozenset({"head", "within"}))
ON_WITHIN = Property("f is true", f(), at=frozenset({"within"}))


def narrowed(lemma: Property) -> System:
    """The system with an axiom more and a lemma at a place that the wide one is not cut at."""
    return replace(ROUND, name="narrow", axioms=(fixed(),), lemmas=(lemma,), wider=ROUND)


def test_a_lemma_is_asked_wherever_it_speaks() -> None:
    """It fails between the heads of loops, and there k-induction would lean on it."""
    narrow = narrowed(NEVER_ON)

    assert NEVER_ON not in study_of(narrow).invariants
    answer = decide(Question(narrow, NEVER_NINE, limits=Limits(8)))
    assert answer.verdict.word is Word.NOT_INDUCTIVE


def test_a_lemma_of_places_where_nothing_is_cut_is_not_kept() -> None:
    """Nobody has looked there; the same lemma about the places that were looked at is kept."""
    at_head = replace(NEVER_ON, at=frozenset({"head"}))
    assert largest_inductive(Inductive(ROUND), [NEVER_ON, at_head]) == [at_head]


def test_a_lemma_between_the_heads_of_loops_hides_no_loop() -> None:
    """The word comes back to what it was: the run never ends."""
    at_head = Property("no loop", FALSE, at=frozenset({"head"}))
    ends = Property("ends", FALSE)
    for system in (narrowed(ON_WITHIN), replace(narrowed(ON_WITHIN), wider=None)):
        asked = Question(system, ends, Kind.TERMINATION, at_head, limits=Limits(40))
        assert decide(asked).verdict.word is Word.REFUTED


def test_rankings_are_sought_at_the_cuts_of_the_proof() -> None:
    """Whatever the system claims of other places."""
    inductive = Inductive(ROUND)
    inductive.system = narrowed(ON_WITHIN)
    assert isinstance(prove_termination(inductive, ()), NoRanking)
