"""Unrollings are shared by systems that differ in what is claimed of them, and not all are kept."""

from __future__ import annotations

import pytest

from staleproof.lang.recent import Recent
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import TRUE, Symbol, neg
from staleproof.logic import unroll
from staleproof.logic.unroll import unrolling

done = Symbol("done", (), BOOL)


def system(name: str) -> System:
    """One that is done after a step."""
    step = Action("step", source="begin", target="end", updates=(assign(done, (), TRUE),))
    return System(name, (done,), (neg(done()),), (step,), entry="begin")


def test_what_is_claimed_makes_no_difference() -> None:
    """Another claim is about the same runs."""
    one = system("one")
    assert unrolling(one.with_safety(Property("is done", done()))) is unrolling(one)


def test_other_actions_are_another_unrolling() -> None:
    """Actions are the same only if they are the same objects: steps are told in their words."""
    assert unrolling(system("one")) is not unrolling(system("other"))


def test_what_was_asked_for_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has asked for longest goes first."""
    monkeypatch.setattr(unroll, "_known", Recent(2))
    one, other = system("one"), system("other")
    first, second = unrolling(one), unrolling(other)
    assert unrolling(one) is first
    unrolling(system("third"))
    assert unrolling(one) is first
    assert unrolling(other) is not second
