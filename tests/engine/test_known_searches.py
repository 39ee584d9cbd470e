"""What was searched for once is not searched for again, and is told in the words of who asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.revocation import InstallAfterLink, Revocation
from staleproof.engine import known_searches
from staleproof.engine.known_searches import search_once
from staleproof.engine.search import Found, GaveUp, Limits, NotFound, search
from staleproof.engine.solve import Budget
from staleproof.lang.model import build
from staleproof.lang.recent import Recent
from staleproof.lang.system import Property, System
from staleproof.trace.replay import replay

NEAR = Limits(3)
FAR = Limits(8)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[System]:
    """The systems that are really searched, from a beginning where nothing is known."""
    systems: list[System] = []

    def listening(
        system: System, prop: Property, limits: Limits, *, shortest: bool = True
    ) -> Found | NotFound | GaveUp:
        systems.append(system)
        return search(system, prop, limits, shortest=shortest)

    monkeypatch.setattr(known_searches, "search", listening)
    monkeypatch.setattr(known_searches, "_known", Recent(5))
    return systems


def in_other_words(system: System) -> System:
    """The same system; its actions are those of another place."""
    return system.with_actions(replace(a, doc=f"{a.doc} (moved)") for a in system.actions)


def test_a_run_is_told_in_the_words_of_the_system_that_is_asked_about(asked: list[System]) -> None:
    """The second system is not searched, and its run is one of its own."""
    first = build(Revocation)
    second = in_other_words(first)
    search_once(first, first.safety[0], FAR)

    found = search_once(second, second.safety[0], FAR)

    assert asked == [first]
    assert isinstance(found, Found)
    trace = replay(second, second.safety[0], found.script)
    assert all(step.action in second.actions for step in found.script.choices)
    assert len(trace.steps) == found.steps


def test_another_question_is_another_search(asked: list[System]) -> None:
    """Another system, other limits or another property: each is searched for."""
    first, other = build(Revocation), build(InstallAfterLink)
    prop = first.safety[0]

    answers = [
        search_once(first, prop, NEAR),
        search_once(first, prop, FAR),
        search_once(first, prop, FAR, shortest=False),
        search_once(first, replace(prop, premise=~prop.premise), FAR),
        search_once(other, other.safety[0], FAR),
    ]

    assert len(asked) == len(answers)
    assert isinstance(answers[0], NotFound)
    assert isinstance(answers[1], Found)


def test_what_was_given_up_is_tried_again(asked: list[System]) -> None:
    """That the solver gave up is remembered as nothing."""
    system = build(Revocation)
    hasty = Limits(8, budget=Budget(resources=1))

    for _ in range(2):
        assert isinstance(search_once(system, system.safety[0], hasty), GaveUp)

    assert len(asked) == 2


def test_only_so_many_answers_are_kept(
    asked: list[System], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest answer goes first."""
    monkeypatch.setattr(known_searches, "_known", Recent(1))
    system = build(Revocation)

    for limits in (NEAR, FAR, NEAR):
        search_once(system, system.safety[0], limits)

    assert len(asked) == 3
