"""A system that is written out has a variable for each point of each symbol."""

from __future__ import annotations

from staleproof.engine.search import Found, Limits, search
from staleproof.lang.sorts import BOOL, Enum
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Property, System
from staleproof.lang.terms import Symbol, literal
from staleproof.logic.finite import FiniteSystem
from staleproof.logic.scope import Scope

LEFT, RIGHT = Enum("Left", ("a,b", "a")), Enum("Right", ("c", "b,c"))
pair = Symbol("f", (LEFT, RIGHT), BOOL)
plain, odd = Symbol("g[0", (), BOOL), Symbol("g", (Enum("Odd", ("0[", "1")),), BOOL)


def test_points_are_told_apart_whatever_the_names() -> None:
    """Commas and brackets may stand in names: f at (a,b c) is not f at (a b,c)."""
    system = System("odd names", (pair, plain, odd), (), ())
    finite = FiniteSystem(system, Scope({}))

    assert len(finite.points) == 4 + 1 + 2
    assert {finite.point(s, place): (s, place) for s, place in finite.points.values()} == (
        finite.points
    )


def test_a_run_sets_the_one_point_and_not_the_other() -> None:
    """The one that is read is false until its own action sets it."""
    one = literal("a,b", LEFT), literal("c", RIGHT)
    other = literal("a", LEFT), literal("b,c", RIGHT)
    ready = Symbol("ready", (), BOOL)
    actions = (
        Action("get ready", (), (), (assign(ready, (), True), assign(pair, one, True))),
        Action("set", (), (ready(),), (assign(pair, other, True),)),
    )
    system = System("pair", (pair, ready), (~ready(), ~pair(*one), ~pair(*other)), actions)
    found = search(system, Property("unset", ~pair(*other)), Limits(4))

    assert isinstance(found, Found)
    assert found.steps == 2
