"""A malformed system is refused when it is made, with the name of what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from staleproof.errors import ModelError, SortError
from staleproof.lang.sorts import BOOL, BitVec, Enum, Unbounded
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Action, Definition, Note, Property, System
from staleproof.lang.terms import Symbol, exists, literal, variable

P = Unbounded("P")
W = BitVec(3)
R = Symbol("R", (P,), BOOL)
n = Symbol("n", (), W)
fixed = Symbol("fixed", (P,), BOOL, mutable=False)
other = Symbol("other", (), W)
p, q = variable("p", P), variable("q", P)
marked = variable("p@1", P)

mark = Action("mark", (p,), (~R(p),), (assign(R, (p,), True),))
step = Action("step", (), (), (assign(n, (), n() + 1),))
small = Property("small", n() == 0)
GOOD = System("toy", (R, n, fixed), (n() == 0,), (mark, step), safety=(small,))


def with_action(**changes: object) -> Callable[[], object]:
    """The good system with its first action changed."""
    return lambda: replace(GOOD, actions=(replace(mark, **changes), step))  # type: ignore[arg-type]


MALFORMED: dict[str, tuple[str, Callable[[], object]]] = {
    "symbol twice": ("R", lambda: replace(GOOD, symbols=(R, n, fixed, Symbol("R", (), BOOL)))),
    "action twice": ("step", lambda: replace(GOOD, actions=(step, step))),
    "property twice": ("small", lambda: replace(GOOD, lemmas=(small,))),
    "parameter twice": ("p", with_action(params=(p, variable("p", W)))),
    "unknown symbol in init": ("other", lambda: replace(GOOD, init=(other() == 0,))),
    "unknown symbol in a guard": ("other", with_action(guard=(other() == 0,))),
    "unknown symbol in a value": ("other", with_action(updates=(assign(n, (), other()),))),
    "unknown symbol in a note": ("other", with_action(notes=(Note("{}", (other(),)),))),
    "unknown symbol updated": ("other", with_action(updates=(assign(other, (), 1),))),
    "two updates": ("n", with_action(updates=(assign(n, (), 1), assign(n, (), 2)))),
    "immutable update": ("fixed", with_action(updates=(assign(fixed, (p,), True),))),
    "wrong formals": ("R", with_action(updates=(Update(R, (), R(p)),))),
    "formals that are parameters": ("R", with_action(updates=(Update(R, (p,), R(p)),))),
    "guard that is no formula": ("mark", with_action(guard=(n(),))),
    "value of another sort": ("n", with_action(updates=(Update(n, (), R(p)),))),
    "axiom over what changes": ("n", lambda: replace(GOOD, axioms=(n() == 0,))),
    "element by number": ("P1", with_action(guard=(R(literal(1, P)),))),
    "two sorts of one name": (
        "sorts named P",
        lambda: replace(GOOD, symbols=(*GOOD.symbols, Symbol("c", (), Enum("P", ("a", "b"))))),
    ),
    "two sorts of one name in a property": (
        "sorts named P",
        lambda: GOOD.with_safety(replace(small, params=(variable("c", Enum("P", ("a", "b"))),))),
    ),
    "name of the engines": ("p@1", with_action(params=(marked,), guard=(), updates=())),
    "name of the engines, bound": ("p@1", with_action(guard=(exists(marked, R(marked)),))),
    "name of the engines, in a property": (
        "p!1",
        lambda: GOOD.with_safety(replace(small, params=(variable("p!1", P),))),
    ),
    "definition of a symbol": (
        "fixed",
        lambda: replace(GOOD, definitions=(Definition(fixed, (p,), R(p)),)),
    ),
    "no such location": (
        "nowhere",
        lambda: GOOD.with_safety(replace(small, at=frozenset({"nowhere"}))),
    ),
}


class TestConstruction:
    """`System(...)` checks everything that the engines rely on."""

    @pytest.mark.parametrize(("name", "make"), MALFORMED.values(), ids=MALFORMED)
    def test_malformed_systems_are_refused(self, name: str, make: Callable[[], object]) -> None:
        """Each mistake is an error whose message names the culprit."""
        with pytest.raises((ModelError, SortError), match=name):
            make()

    def test_free_variables_are_refused(self) -> None:
        """A guard, value or property may use its own parameters only."""
        for make in (
            with_action(guard=(R(q),)),
            with_action(updates=(assign(R, (p,), R(q)),)),
            lambda: GOOD.with_safety(Property("loose", R(q))),
            lambda: replace(GOOD, init=(R(q),)),
        ):
            with pytest.raises(SortError, match="q, which nothing binds"):
                make()

    def test_a_property_is_found_by_name(self) -> None:
        """Only by a name that exists."""
        assert GOOD.property_named("small") is small
        with pytest.raises(ModelError, match="large"):
            GOOD.property_named("large")


class TestDigest:
    """The digest of a system changes with everything that decides a verdict."""

    @pytest.mark.parametrize(
        "changed",
        [
            replace(GOOD, init=()),
            replace(GOOD, init=(), axioms=(exists(p, fixed(p)),)),
            replace(GOOD, actions=(step, mark)),
            replace(GOOD, actions=(replace(mark, guard=()), step)),
            replace(GOOD, actions=(replace(mark, updates=()), step)),
            replace(GOOD, actions=(replace(mark, target="elsewhere"), step)),
            replace(GOOD, symbols=(R, n, replace(fixed, mutable=True))),
        ],
        ids=["init", "axioms", "order", "guard", "updates", "target", "symbols"],
    )
    def test_any_change_of_behaviour_changes_it(self, changed: System) -> None:
        """Another system has another digest."""
        assert GOOD.digest != changed.digest

    def test_words_for_readers_do_not(self) -> None:
        """Documentation, names of functions and places are not behaviour."""
        reworded = replace(mark, doc="Mark one.", kernel="mm/x.c: mark", holds="a lock")

        assert GOOD.digest == replace(GOOD, actions=(reworded, step), doc="A toy.").digest
