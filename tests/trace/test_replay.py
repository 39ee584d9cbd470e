"""Replay accepts what happens in the system, step by step, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given

from oracles.effort import examples
from oracles.exhaustive import Space, Where
from oracles.plans import SEEDS, P
from oracles.systems import aimed_at, systems
from staleproof.errors import ReplayError
from staleproof.lang.evaluate import Interpretation, Table
from staleproof.lang.sorts import BOOL, BitVec, Value
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Note, Property, System
from staleproof.lang.terms import Symbol, Var, forall, neg, u_lt, variable
from staleproof.trace.itf import from_itf, to_itf
from staleproof.trace.model import changes
from staleproof.trace.replay import Choice, Script, execute, replay

B8 = BitVec(8)
R = Symbol("R", (P,), BOOL)
n = Symbol("n", (), B8)
limit = Symbol("limit", (), B8, mutable=False)
p, q, x = variable("p", P), variable("q", P), variable("x", B8)

PUT = Action(
    "put", (p, x), (u_lt(x, limit()),), (assign(R, (p,), True), assign(n, (), x)), "a", "b"
)
BACK = Action("back", (), (), (assign(n, (), 0),), "b", "a", notes=(Note("n was {}", (n(),)),))
EMPTY = forall(p, neg(R(p)))
GIVEN = u_lt(limit(), 10)
SYSTEM = System("put and back", (R, n, limit), (EMPTY, n() == 0), (PUT, BACK), (GIVEN,), "a")
SMALL = Property("small", u_lt(n(), 3), at=frozenset({"b"}))
UNMARKED = Property("unmarked", neg(R(q)), (q,))

START = Interpretation({R: Table({}, False), n: Table({}, 0), limit: Table({}, 9)}, {P: 2})
CHOICES = (Choice(PUT, {p: 0, x: 2}), Choice(BACK, {}), Choice(PUT, {p: 1, x: 3}))
SCRIPT = Script(START, CHOICES, {})


def starting(symbol: Symbol, table: Table) -> Script:
    """The script with another table at the start."""
    initial = replace(START, functions={**START.functions, symbol: table})
    return replace(SCRIPT, initial=initial)


def choosing(*choices: Choice) -> Script:
    """The script with other choices."""
    return replace(SCRIPT, choices=choices)


def put(environment: Mapping[Var, Value]) -> Choice:
    """A choice of `put`."""
    return Choice(PUT, environment)


REFUSED: dict[str, tuple[str, Callable[[], Script]]] = {
    "initial condition": ("initial condition", lambda: starting(n, Table({}, 1))),
    "axiom": ("axiom", lambda: starting(limit, Table({}, 10))),
    "guard": ("not enabled", lambda: choosing(put({p: 0, x: 9}))),
    "second guard": ("step 3", lambda: choosing(*CHOICES[:2], put({p: 0, x: 200}))),
    "location at the start": ("starts at b", lambda: choosing(Choice(BACK, {}))),
    "location on the way": ("starts at a", lambda: choosing(CHOICES[0], CHOICES[2])),
    "end where nothing is claimed": ("nothing about a", lambda: choosing(*CHOICES[:2])),
    "property that holds": ("not violated", lambda: choosing(CHOICES[0])),
    "action of another system": (
        "no action",
        lambda: choosing(Choice(replace(PUT, guard=()), {p: 0, x: 200})),
    ),
    "missing parameter": ("parameters", lambda: choosing(put({p: 0}))),
    "parameter of nobody": ("parameters", lambda: choosing(put({p: 0, x: 3, q: 1}))),
    "element that does not exist": ("no P", lambda: choosing(put({p: 2, x: 3}))),
    "word that is too large": ("no BitVec8", lambda: choosing(put({p: 0, x: 256}))),
    "number for a truth": ("no Bool", lambda: starting(R, Table({(0,): 0}, False))),
    "point that does not exist": ("no P", lambda: starting(R, Table({(5,): False}, False))),
    "empty universe": ("empty", lambda: replace(SCRIPT, initial=replace(START, universes={P: 0}))),
    "symbol without value": (
        "no value for R",
        lambda: replace(SCRIPT, initial=replace(START, functions={n: Table({}, 0)})),
    ),
}


class TestRefusals:
    """A run that does not happen is not shown."""

    def test_a_run_that_happens_is_accepted(self) -> None:
        """The unchanged script replays, so that each refusal is due to its one change."""
        assert len(replay(SYSTEM, SMALL, SCRIPT).steps) == 3

    @pytest.mark.parametrize(("message", "make"), REFUSED.values(), ids=REFUSED)
    def test_a_wrong_script_is_refused(self, message: str, make: Callable[[], Script]) -> None:
        """Each single thing that is wrong raises ReplayError with what it is."""
        with pytest.raises(ReplayError, match=message):
            replay(SYSTEM, SMALL, make())

    @pytest.mark.parametrize("violation", [{q: 0}, {q: 2}, {}], ids=["holds", "nobody", "missing"])
    def test_a_wrong_witness_is_refused(self, violation: dict[Var, Value]) -> None:
        """The parameters of the violation have to violate."""
        script = Script(START, (put({p: 1, x: 0}),), violation)
        with pytest.raises(ReplayError):
            replay(SYSTEM, UNMARKED, script)

    def test_an_equal_action_of_a_copy_is_accepted(self) -> None:
        """A script that comes from another process has other objects and the same actions."""
        copied = choosing(*(Choice(replace(c.action), c.environment) for c in CHOICES))

        assert replay(SYSTEM, SMALL, SCRIPT) == replay(SYSTEM, SMALL, copied)

    @examples(120)
    @given(systems(), SEEDS)
    def test_a_run_with_one_change_happens_or_is_refused(self, system: System, seed: int) -> None:
        """A random run replays; with another choice it is refused unless that happens too."""
        chance = Random(seed)
        space = Space(system, {P: 2})
        assume(space.size <= 500)
        assume(space.initial)
        values, choices = chance.choice(space.initial), []
        here = Where(system.entry, values)
        for _ in range(4):
            ways = list(space.steps(here))
            if not ways:
                break
            action, environment, here = chance.choice(ways)
            choices.append(Choice(action, environment))
        assume(choices)
        states = execute(system, Script(space.state(values), tuple(choices), {}))

        assert here.values == space.values(states[-1])
        other = chance.choice(system.actions)
        environment = chance.choice(list(space.environments(other.params)))
        position = chance.randrange(len(choices))
        changed = [*choices[:position], Choice(other, environment), *choices[position + 1 :]]
        assert happens(space, values, changed) == accepted(space, values, changed)


def happens(space: Space, values: tuple[Value, ...], choices: list[Choice]) -> bool:
    """Whether enumeration has that run."""
    here = Where(space.system.entry, values)
    for choice in choices:
        ways = [
            there
            for action, environment, there in space.steps(here)
            if action is choice.action and environment == choice.environment
        ]
        if not ways:
            return False
        here = ways[0]
    return True


def accepted(space: Space, values: tuple[Value, ...], choices: list[Choice]) -> bool:
    """Whether replay accepts that run."""
    try:
        execute(space.system, Script(space.state(values), tuple(choices), {}))
    except ReplayError:
        return False
    return True


class TestTraces:
    """What a replayed run says as a value."""

    def test_states_and_steps_are_recorded(self) -> None:
        """Locations, values, parameters and notes are those of the run."""
        trace = replay(SYSTEM, SMALL, SCRIPT)

        assert [s.location for s in trace.states] == ["a", "b", "a", "b"]
        assert [s.values["n"][()] for s in trace.states] == [0, 2, 0, 3]
        assert trace.steps[2].params == (("p", "P", 1), ("x", "BitVec8", 3))
        assert trace.steps[1].notes == ("n was 2",)

    def test_what_was_written_is_shown(self) -> None:
        """A point that was written is part of the trace even if nothing ever reads it."""
        trace = replay(SYSTEM, SMALL, SCRIPT)

        assert ("R", (0,), False, True) in changes(trace, 0)

    @examples(60)
    @given(systems(), SEEDS)
    def test_traces_survive_itf(self, system: System, seed: int) -> None:
        """The ITF document of a random trace reads back as an equal trace."""
        space = Space(system, {P: 2})
        assume(space.size <= 300)
        prop = aimed_at(space, Random(seed))
        assume(space.shortest_violation(prop) == 0)
        values = next(v for v in space.initial if not space.holds(prop, Where(system.entry, v)))
        trace = replay(system, prop, Script(space.state(values), (), {}))

        assert trace == from_itf(to_itf(trace))

    def test_a_long_run_replays(self) -> None:
        """Hundreds of steps are no deeper than a few."""
        many = (*CHOICES[:2] * 300, CHOICES[2])
        trace = replay(SYSTEM, SMALL, choosing(*many))

        assert len(trace.steps) == 601
