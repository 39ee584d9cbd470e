"""A violation of known length, over the smallest scope and with the smallest numbers.

Once some run is known, its locations are: along them the same violation is a question of a
fraction of the size, and most of what makes a run small is asked of that alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from staleproof.engine.reading import Runs, script_of, steps_of
from staleproof.engine.scoped import Asked, Goal, has_beginning, minimise
from staleproof.engine.solve import Answer, Budget
from staleproof.lang.sorts import Unbounded
from staleproof.lang.system import System
from staleproof.lang.terms import App, Term, postorder
from staleproof.logic.scope import Scope
from staleproof.logic.unroll import Unrolling
from staleproof.logic.z3_lowering import Z3Lowering
from staleproof.trace.replay import Script

ALONG = Budget(resources=1_000_000)
"""What it may cost to ask whether a run along the same locations needs fewer elements."""

ELSEWHERE = Budget(resources=300_000)
"""What it may cost to ask whether another run of that length does where this one does not: hardly
one in fifty, and when it is not known, the run that is known is no longer for it.
"""

PLAIN = 150_000
"""What it may cost to ask whether one number can be smaller: five times what most answers take."""


class Smallest:
    """What makes violations of one system small.

    `runs` are all its runs, `base` is what is given, and `goals_along` tells the goals of a depth
    among other runs.
    """

    def __init__(
        self,
        system: System,
        runs: Runs,
        base: Sequence[Term],
        goals_along: Callable[[Runs, int], Sequence[Goal]],
        budget: Budget,
    ) -> None:
        self._system, self._runs, self._base = system, runs, base
        self._goals_along, self._budget = goals_along, budget
        self._lowering = Z3Lowering()
        self.asked_second = False
        """Whether that no scope is smaller rests on the second solver, too."""

    def of(self, goal: Goal, asked: Asked) -> tuple[Script, Scope] | None:
        """The violation over a scope as small as is found within that of `asked`, whose last model
        is a run to the goal; None where the solver gave up.
        """
        scope = asked.scope
        way, ends = self._way(goal, asked)
        for candidate in smaller(scope):
            narrower = narrow(scope, candidate)
            # Given constants that differ need two elements, whatever the run does: asked once.
            if narrower is None or (candidate[1] == 1 and not has_beginning(narrower, self._base)):
                continue
            # Most often the run needs no more elements than that; if it does, another may not.
            if self._asked(ends, narrower, ALONG) is None:
                other = self._asked([goal], narrower, ELSEWHERE)
                if other is None:
                    continue
                way, ends = self._way(goal, other)
            scope = narrower
        # In a context where nothing else was asked: what was tried before makes no difference.
        self._lowering = Z3Lowering()
        last = self._asked(ends, scope)
        if last is None:
            return None
        last.session.allow(replace(self._budget, resources=PLAIN))
        last.insist()
        minimise(last.session, self._numbers(way, goal.depth, last))
        return script_of(self._system, way, last.hit(), last), scope

    def _asked(
        self, goals: Sequence[Goal], scope: Scope, budget: Budget | None = None
    ) -> Asked | None:
        """One of the goals, reached over a scope; None where none is."""
        asked = Asked(scope, self._base, goals, budget or self._budget, self._lowering)
        answer = asked.answer()
        self.asked_second |= asked.denied_by_second
        return asked if answer is Answer.SAT else None

    def _way(self, goal: Goal, asked: Asked) -> tuple[Unrolling, Sequence[Goal]]:
        """The runs that pass the locations of the run that was found, and the goals at their
        end.
        """
        passed = [self._system.entry]
        passed += [step.target for step in steps_of(self._system, self._runs, goal, asked)]
        way = Unrolling(self._system, passed)
        return way, self._goals_along(way, goal.depth)

    def _numbers(self, way: Unrolling, depth: int, asked: Asked) -> Iterator[Term]:
        """What to make small, first things first: choices, constants, parameters, tables.

        Each is asked for when what comes before it is fixed.
        """
        occurring = dict.fromkeys(postorder(*asked.terms))
        leaving = [steps for layer in way.layers[:depth] for steps in layer.values()]
        for steps in leaving:
            # The first choice that is made leaves nothing to the later ones.
            for choice in dict.fromkeys(v for step in steps for v in step.choices):
                yield choice
                if asked.value(choice) is True:
                    break
        constants = [s() for s in self._system.symbols if not s.domain]
        params = [v for steps in leaving for step in steps for v in step.renaming.values()]
        tables = [t for t in occurring if isinstance(t, App) and t.children]
        wanted = [asked.scoper(t) for t in (*constants, *params)]
        yield from (t for t in dict.fromkeys((*wanted, *tables)) if t in occurring)


def smaller(scope: Scope) -> list[tuple[Unbounded | None, int]]:
    """Single reductions to try, in order: each sort from 1 upwards, then the loops' length."""
    sorts = [(s, size) for s in scope.sizes for size in range(1, scope.sizes[s])]
    return [*sorts, *((None, longest) for longest in range(1, scope.longest))]


def narrow(scope: Scope, candidate: tuple[Unbounded | None, int]) -> Scope | None:
    """The scope with that reduction; None where it is so small already."""
    sort, size = candidate
    if sort is None:
        return replace(scope, longest=size) if size < scope.longest else None
    if size >= scope.sizes[sort]:
        return None
    return replace(scope, sizes={**scope.sizes, sort: size})
