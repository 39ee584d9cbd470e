"""What is found of a system holds of those that have no other runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.counting import WIDE, count, least, limit, marked
from staleproof.engine.induction import NotShown, Proved
from staleproof.engine.study import study_of
from staleproof.errors import ModelError
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import eq

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
