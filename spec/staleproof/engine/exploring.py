"""What known runs show to be possible, without a solver: the actions that could have been taken.

Every state of a replayed run can be reached, so an action that is enabled in it can happen; and so
can what is enabled after that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from staleproof.engine.following import all_hold, tried
from staleproof.lang.evaluate import Interpretation
from staleproof.lang.sorts import BitVec, Sort, Value
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Var
from staleproof.trace.replay import Script

KnownRun = tuple[Script, Sequence[Interpretation]]
"""A run, and the states that it passes."""

MOST_STATES = 200
"""How many states are looked at."""

MOST_OLD = 25
"""How far is walked along actions that are known to be possible."""

MOST_CHOICES = 64
"""How many combinations of parameters are tried of one action."""

ERRNO = -14
"""A value of what functions return: most outcomes are errors, 0, or a small number."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A state that some run comes to; `old` steps ago an action was taken that was new."""

    location: str
    state: Interpretation
    old: int = 0


@dataclass(frozen=True, slots=True)
class Explored:
    """Actions that can happen, and states that can be reached, by their location."""

    actions: set[Action]
    states: Mapping[str, Sequence[Interpretation]]


def possible_actions(
    system: System, runs: Iterable[KnownRun], known: Collection[Action] = ()
) -> set[Action]:
    """Actions that can happen: those of the runs, what could have been done in their place, and
    those that are `known` to be possible, of which there is nothing to find out.
    """
    return explored(system, runs, known).actions


def explored(system: System, runs: Iterable[KnownRun], known: Collection[Action] = ()) -> Explored:
    """What `possible_actions` tells, and the states that were looked at for it."""
    possible = set(known)
    states: dict[str, list[Interpretation]] = {}
    waiting: deque[_Reached] = deque()
    for script, passed in runs:
        possible |= {choice.action for choice in script.choices}
        locations = [system.entry, *(choice.action.target for choice in script.choices)]
        waiting += map(_Reached, locations, passed)
    for _ in range(MOST_STATES):
        if not waiting:
            break
        here = waiting.popleft()
        states.setdefault(here.location, []).append(here.state)
        for action in system.leaving(here.location):
            environment = _enabling(action, here.state)
            if environment is None:
                continue
            is_new = action not in possible
            if not is_new and here.old == MOST_OLD:
                continue
            after = here.state.after(action.updates, environment)
            if is_new:
                possible.add(action)
                waiting.appendleft(_Reached(action.target, after))
            else:
                waiting.append(_Reached(action.target, after, here.old + 1))
    return Explored(possible, states)


def _enabling(action: Action, state: Interpretation) -> Mapping[Var, Value] | None:
    """Parameters with which the action can happen in the state; None if none of the tried do."""
    return next((e for e in _environments(action, state) if all_hold(action.guard, state, e)), None)


def _environments(action: Action, state: Interpretation) -> Iterator[Mapping[Var, Value]]:
    values = product(*(_values(p.sort, state) for p in action.params))
    for chosen in islice(values, MOST_CHOICES):
        yield dict(zip(action.params, chosen, strict=True))


def _values(sort: Sort, state: Interpretation) -> tuple[Value, ...]:
    if isinstance(sort, BitVec):
        return (*tried(sort, state), ERRNO % (1 << sort.width))
    return tried(sort, state)
