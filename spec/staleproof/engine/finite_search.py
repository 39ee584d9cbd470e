"""Search over finite scopes where a scope makes everything finite: one formula per step.

The lengths are asked one after the other in one conversation, so the first violation is a shortest
one. Of the shortest the one is taken that has the fewest elements, then the earliest actions, then
the plainest initial state: which of several the solver happened to find makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence

from staleproof.engine.solve import Answer, Budget, Session
from staleproof.lang.evaluate import Interpretation, Table
from staleproof.lang.sorts import BitVec, BoolSort, Value, default_value
from staleproof.lang.system import Property, System
from staleproof.lang.terms import Term, Var, disj, eq, literal, neg, u_lt
from staleproof.logic.finite import Violation, written_out
from staleproof.logic.scope import Scope
from staleproof.logic.z3_lowering import Z3Lowering
from staleproof.trace.replay import Choice, Script


class FiniteSearch:
    """One scope: the conversation about runs of growing length."""

    def __init__(
        self,
        system: System,
        props: Sequence[Property],
        scope: Scope,
        budget: Budget,
        lowering: Z3Lowering,
    ) -> None:
        self.finite = written_out(system, scope)
        self.session = Session(budget, lowering, finite=True)
        self.session.add(*(self.finite.at(t, 0) for t in self.finite.initial))
        self._ways = [v for prop in props for v in self.finite.violations(prop)]
        self._fails = disj(*(v.term for v in self._ways))
        self.length = 0
        self.prop = props[0]
        """Which property fails, once `settle` has found that out."""

    def run(self, most: int) -> int | Answer:
        """The length of a shortest violation of at most so many steps; UNSAT if there is none."""
        while self.length <= most:
            answer = self.session.ask(self.fails(self.length))
            if answer is not Answer.UNSAT:
                return self.length if answer is Answer.SAT else answer
            self.session.add(neg(self.fails(self.length)))
            self.session.add_renamed(self.finite.first_step, self.finite.names_from(self.length))
            self.length += 1
        return Answer.UNSAT

    def fails(self, time: int) -> Term:
        """That some property fails after so many steps."""
        return self.finite.at(self._fails, time)

    def some(self) -> Script:
        """One of the shortest violations of one property, after `run` has found that there is
        one.
        """
        failing = (self.finite.at(w.term, self.length) for w in self._ways)
        return self._script(
            next(w for w, t in zip(self._ways, failing, strict=True) if self._is_true(t))
        )

    def settle(self) -> Script:
        """The plainest of the shortest violations, after `run` has found that there is one."""
        self.session.add(self.fails(self.length))
        self.session.ask()
        for time in range(self.length):
            self._least(self.finite.chosen(time))
        way = next(w for w in self._ways if self._can_be(self.finite.at(w.term, self.length)))
        self.prop = way.prop
        self._plain_start()
        assert self.session.ask() is Answer.SAT
        return self._script(way)

    def _is_true(self, term: Term) -> bool:
        return self.session.value(term) is True

    def _can_be(self, term: Term) -> bool:
        if self.session.ask(term) is not Answer.SAT:
            return False
        self.session.add(term)
        return True

    def _least(self, word: Var) -> None:
        """Fix a word to the least value that it can have."""
        value = self._value(word)
        low = 0
        while low < value:
            middle = (low + value) // 2
            if self.session.ask(u_lt(word, middle + 1)) is Answer.SAT:
                value = self._value(word)
            else:
                low = middle + 1
        self.session.add(eq(word, literal(value, word.sort)))
        self.session.ask()

    def _value(self, word: Var) -> int:
        value = self.session.value(word)
        assert value is not None
        return int(value)

    def _plain_start(self) -> None:
        """Make the initial state as plain as it can be: as many points as possible at zero."""
        for point in self.finite.points:
            now = self.finite.at(point, 0)
            zero = eq(now, literal(default_value(now.sort), now.sort))
            if self.session.value(zero) is True or self.session.ask(zero) is Answer.SAT:
                self.session.add(zero)
                continue
            if isinstance(now.sort, BitVec):
                assert isinstance(now, Var)
                self.session.ask()
                self._least(now)
            else:
                self.session.add(neg(zero))
                self.session.ask()

    def _script(self, way: Violation) -> Script:
        """That violation in the run that the last answer is about."""
        finite, session = self.finite, self.session
        entries: dict[str, dict[tuple[Value, ...], Value]] = {}
        for var, (symbol, point) in finite.points.items():
            value = session.value(finite.at(var, 0))
            assert value is not None
            plain = finite.decode(value, symbol.range)
            # What never changes and is no truth value tells what the run is about.
            telling = not symbol.mutable and not isinstance(symbol.range, BoolSort)
            if plain != default_value(symbol.range) or telling or not symbol.domain:
                entries.setdefault(symbol.name, {})[point] = plain
        tables = {
            s: Table(entries.get(s.name, {}), default_value(s.range))
            if s.domain
            else Table({}, entries[s.name][()])
            for s in finite.system.symbols
        }
        choices = []
        for time in range(self.length):
            instance = finite.instances[self._value(finite.chosen(time))]
            choices.append(Choice(instance.action, instance.values))
        start = Interpretation(tables, dict(finite.scope.sizes))
        return Script(start, tuple(choices), way.values)
