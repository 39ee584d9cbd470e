"""Run the transition system of a C text in a scripted world, on plain values and without a solver.

A script fixes every choice that the contracts leave open, so in each state exactly one step is
possible: a `Player` takes it, and comes to the same `Outcome` as the compiled text does. Where the
compiled text goes astray, the system ends at a ``bad:`` location, which is then the fate of the
run.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

from staleproof.cfront.contracts import ArrayPointer
from staleproof.cfront.contracts import Outcome as Ending
from staleproof.cfront.translate import FAILED, RETURN
from staleproof.cfront.types import IntType
from staleproof.kernel.address_space import LAYOUT, VMA, mmap_lock
from staleproof.kernel.contracts import gup
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.page_table import INSTANT
from staleproof.lang.evaluate import Evaluator, FunctionValue, Interpretation, evaluate
from staleproof.lang.operators import to_signed
from staleproof.lang.sorts import BitVec, BoolSort, Enum, Sort, Unbounded, Value
from staleproof.lang.system import Action
from staleproof.lang.terms import Symbol, Term, Var

from .encoding import SCRIPTED, VEC, constant, kernel_of, universes
from .harness import EINVAL, FOLL_LONGTERM, SHOWN_SLOTS, Call, Operation, Outcome, Script, page_word
from .machine import ANSWER, SINCE_5_13, Machine, Site, machine

Environment = Mapping[Var, Value]

SHOWN_ARGUMENTS: Final = {
    "mmap_read_lock": (),
    "mmap_read_unlock": (),
    "find_vma_intersection": (1, 2),
    "vma_is_fsdax": (),
    "follow_pfn": (1, 2),
    "pin_user_pages_fast": (0, 1, 2),
    "pin_user_pages_locked": (0, 1, 2),
    "unpin_user_pages": (1,),
}
"""The calls that the harness records, with the arguments that it does."""
MOST_ARGUMENTS: Final = 20
LONGEST: Final = 20_000


class WrongStartError(Exception):
    """The script is one that the model leaves out from the start."""


class StuckError(Exception):
    """In this state no step is possible, although the function has not returned."""


class AmbiguousError(Exception):
    """In this state the script allows several steps."""


class Player:
    """One script, played with the systems of a version: one operation after the other."""

    def __init__(self, version: str, script: Script, *, lenient: bool = False) -> None:
        self.version, self.script, self.lenient = version, script, lenient
        self.taken: dict[Operation, set[str]] = defaultdict(set)
        self.kernel = kernel_of(script)
        self.universes = universes(script)
        self.garbage = random.Random(script.start ^ script.pin_first_pfn)
        self.looks = 0
        self.calls: list[Call] = []
        self.writes: list[tuple[int, int]] = []
        self.violations: list[str] = []

    def play(self) -> Outcome:
        """The outcome. Raises StuckError or AmbiguousError in a state from which the script leads
        on in no way, or in several.
        """
        results: list[int] = []
        fate = "returned"
        for operation in self.script.operations:
            machine_ = machine(self.version, operation, self.lenient)
            location = self._run(machine_, self.taken[operation])
            if location != RETURN:
                fate = location
                break
            results.append(self._result(machine_))
        return self._summary(fate, tuple(results))

    def demand_start(self) -> None:
        """Raise WrongStartError unless the kernel is one that the axioms allow, and the first
        operation may start in it.
        """
        machine_ = machine(self.version, self.script.operations[0], self.lenient)
        start = Interpretation(self._functions(machine_), self.universes)
        here = Evaluator(start, {})
        for formula in (*machine_.system.axioms, *machine_.system.init):
            if not here.value(formula):
                raise WrongStartError(f"{machine_.system.name} starts in a state with {formula}")

    def _run(self, machine_: Machine, taken: set[str]) -> str:
        """The location where the operation ends; the names of its steps go into `taken`."""
        self.state = Interpretation(self._functions(machine_), self.universes)
        location = machine_.system.entry
        for _ in range(LONGEST):
            leaving = machine_.leaving.get(location)
            if leaving is None:
                self.kernel = {s: self.state.functions[s] for s in self.kernel}
                return location
            action, environment = self._only_step(machine_, leaving)
            taken.add(action.name)
            after = self.state.after(action.updates, environment)
            if action in machine_.calls:
                self._note_call(*machine_.calls[action], environment, after)
            self.state, location = after, action.target
        raise StuckError(f"{self.version} has not returned after {LONGEST} steps")

    # The state before

    def _functions(self, machine_: Machine) -> dict[Symbol, FunctionValue]:
        """The kernel as it is, the parameters as scripted, and garbage in all else."""
        translation = machine_.translation
        given: dict[str, Value] = {
            "start": self.script.start,
            "nr_frames": self.script.nr_frames,
            "gup_flags": self.script.gup_flags,
            "vec": VEC,
        }
        functions = dict(self.kernel)
        functions[gup.migrates_or_fails] = constant(self.version in SINCE_5_13)
        parameters = {at.name: name for name, at in translation.parameters.items()}
        parameters |= {name: name for name in translation.parameters}
        for symbol in translation.symbols:
            if symbol.name in parameters:
                value = given[parameters[symbol.name]]
            elif symbol is FAILED or symbol.name.endswith(" is set"):
                value = False
            else:
                value = self._any(symbol.range)
            functions[symbol] = constant(value)
        return functions

    def _any(self, sort: Sort) -> Value:
        match sort:
            case BoolSort():
                return self.garbage.random() < 0.5
            case BitVec(width):
                return self.garbage.getrandbits(width)
            case Unbounded():
                return self.garbage.randrange(min(self.universes[sort], 8))
            case Enum(_, members):
                return self.garbage.choice(members)
        raise AssertionError(f"no local is a {sort.name}")

    # A step

    def _only_step(
        self, machine_: Machine, leaving: tuple[Action, ...]
    ) -> tuple[Action, Environment]:
        here = Evaluator(self.state, {})
        possible = [
            (action, environment)
            for action in leaving
            if self._is_scripted(machine_.calls.get(action))
            for environment in self._environments(action, machine_)
            if self._is_possible(action, environment, here)
        ]
        if len(possible) == 1:
            return possible[0]
        if possible:
            names = [action.name for action, _ in possible]
            raise AmbiguousError(f"{self.version} can go on in several ways: {names}")
        names = [action.name for action in leaving]
        raise StuckError(f"{self.version} can take none of these: {names}")

    def _is_possible(self, action: Action, environment: Environment, here: Evaluator) -> bool:
        evaluator = Evaluator(self.state, environment) if environment else here
        return all(evaluator.value(guard) for guard in action.guard)

    def _is_scripted(self, call: tuple[Site, Ending | None] | None) -> bool:
        """Whether the call ends so, as far as the contracts leave it open."""
        site, ending = (None, None) if call is None else call
        if site is None or ending is None or not site.callee.startswith("pin_user_pages"):
            return True
        drops = any(update.symbol is mmap_lock for update in ending.updates)
        if site.callee == "pin_user_pages_locked" and drops != self.script.pin_drops_lock:
            return False
        assert isinstance(ending.result, Term)
        if ending.result.free:
            return True
        return self._number(ending.result, {}) == self.script.pin_result

    def _environments(self, action: Action, machine_: Machine) -> Iterator[Environment]:
        if not action.params:
            yield {}
            return
        choices = [self._offers(param, machine_.calls[action][0]) for param in action.params]
        for values in product(*choices):
            yield dict(zip(action.params, values, strict=True))

    def _offers(self, param: Var, site: Site) -> range | tuple[Value, ...]:
        """The values that the script allows for a parameter."""
        if param.sort == VMA:
            return range(self.universes[VMA])
        if param.sort == LAYOUT:
            return (SCRIPTED,)
        if param.sort == INSTANT:
            return (self.looks,)
        if param is ANSWER and site.callee == "follow_pfn":
            found = self.script.lookup(self.looks)
            return (_unsigned(found if found < 0 else -EINVAL, 32),)
        named = {
            "answer": _unsigned(self.script.pin_result, 32),
            "pinned": _unsigned(self.script.pin_result, 32),
            "migration_failed": False,
            "k": 0,
        }
        return (named[param.name],)

    # What is seen of a step

    def _note_call(
        self,
        site: Site,
        ending: Ending | None,
        environment: Environment,
        after: Interpretation,
    ) -> None:
        shown = SHOWN_ARGUMENTS.get(site.callee)
        if shown is None:
            return
        arguments = [self._argument(site, position) for position in shown]
        if site.callee == "unpin_user_pages":
            arguments += self._words(site.arguments[0], arguments[0])
        result = 0
        if ending is not None and isinstance(ending.result, Term):
            result = self._number(ending.result, environment)
        self.calls.append(Call(site.callee, tuple(arguments), result))
        self._note_violation(site, arguments)
        if site.callee == "follow_pfn":
            self.looks += 1
            if ending is not None and result == 0:
                index = arguments[1]
                stored = after.value(vector.slot, VEC, _unsigned(index, 64))
                assert isinstance(stored, int)
                self.writes.append((index, stored))

    def _note_violation(self, site: Site, arguments: list[int]) -> None:
        """What the harness forbids, and the contracts do not demand: they say what happens then."""
        if site.callee == "pin_user_pages_locked" and arguments[2] & FOLL_LONGTERM:
            self.violations.append("pin_user_pages_locked: with FOLL_LONGTERM")
        if site.callee == "follow_pfn":
            asked = site.arguments[0]
            assert isinstance(asked, Term)
            vma = self.script.vmas[self._number(asked, {})]
            if not vma.start <= arguments[0] < vma.end:
                self.violations.append("follow_pfn: address outside the VMA")

    def _argument(self, site: Site, position: int) -> int:
        argument = site.arguments[position]
        if isinstance(argument, ArrayPointer):
            return self._number(argument.index, {})
        assert isinstance(argument, Term)
        signed = (site.callee, position) == ("pin_user_pages_fast", 1)
        return self._number(argument, {}, signed=signed)

    def _words(self, pages: object, count: int) -> list[int]:
        """The slots that a call is given, as far as the harness shows them."""
        assert isinstance(pages, ArrayPointer)
        first = self._number(pages.index, {})
        shown = range(first, first + min(count, MOST_ARGUMENTS - 1))
        return [int(self.state.value(vector.slot, VEC, _unsigned(i, 64))) for i in shown]

    def _number(self, term: Term, environment: Environment, signed: bool = True) -> int:
        """The value as the harness prints it."""
        value = evaluate(term, self.state, environment)
        assert isinstance(value, int)
        if term.sort == VMA:
            return value if value < len(self.script.vmas) else -1
        if signed and isinstance(term.sort, BitVec):
            return to_signed(value, term.sort.width)
        return int(value)

    # The state after

    def _result(self, machine_: Machine) -> int:
        result, type_ = machine_.translation.result, machine_.translation.function.return_type
        if result is None:
            return 0
        unsigned = isinstance(type_, IntType) and not type_.signed
        return self._number(result(), {}, signed=not unsigned)

    def _summary(self, fate: str, results: tuple[int, ...]) -> Outcome:
        allocated = self.script.nr_allocated

        def read(symbol: Symbol, *points: int) -> int:
            return int(self.state.value(symbol, *points))

        pinned = (i for i in range(allocated) if read(vector.pinned, VEC, i))
        return Outcome(
            fate=fate,
            results=results,
            nr_allocated=read(vector.nr_allocated, VEC),
            nr_frames=read(vector.nr_frames, VEC),
            got_ref=read(vector.got_ref, VEC),
            is_pfns=read(vector.is_pfns, VEC),
            lock_depth=read(mmap_lock),
            slots=tuple(read(vector.slot, VEC, i) for i in range(min(allocated, SHOWN_SLOTS))),
            pinned=tuple(sorted(_page(read(vector.pin_pfn, VEC, i)) for i in pinned)),
            writes=tuple(self.writes),
            stray=(),
            calls=tuple(self.calls),
            warnings=(),
            violations=tuple(self.violations),
        )


def _page(pfn: int) -> int:
    return _unsigned(page_word(pfn), 64)


def _unsigned(value: int, width: int) -> int:
    return value & ((1 << width) - 1)
