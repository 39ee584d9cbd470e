"""Contracts whose answers two programs share: what is left open becomes a function of the call.

A contract leaves open what the world decides: whether a lock was free, what an unknown function
returned. To compare two programs both must live in one world, in which the same question has the
same answer. So each parameter of an outcome becomes an oracle: an unknown function of the callee,
its arguments, and how often it was called before.

Where an outcome depends on what the program itself has changed, its parameters stay open, for an
answer that was possible for one program might be impossible for the other, and what happens then
would not be compared. Leaving them open compares too much rather than too little.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from staleproof.cfront.contracts import (
    ArrayPointer,
    CallSite,
    Contract,
    Effect,
    FieldAddress,
    GlobalAddress,
    LocalAddress,
    Outcome,
    World,
)
from staleproof.cfront.pointers import word_of
from staleproof.cfront.translate import anything
from staleproof.cfront.types import FunctionType
from staleproof.lang.sorts import BitVec, Sort
from staleproof.lang.substitute import Substitution, Update, assign, symbols_of
from staleproof.lang.terms import Symbol, Term, Var, eq, neg

COUNT = BitVec(32)
WAY = BitVec(8)

Answers = Callable[[CallSite, Effect], Effect]
"""What a callee does in a world that both programs share."""


def shared_answers(
    world: World,
    fixed: Mapping[Sort, Term],
    frozen: Collection[Symbol],
    own: Mapping[str, Answers],
    timeless: Collection[Sort],
) -> World:
    """`world`, with what its contracts leave open made oracles.

    Parameters of the sorts in `fixed` are these terms, those of the sorts in `timeless` do not
    depend on how often the callee was called; `own` has callees that share their answers in a way
    of their own. `frozen` are symbols that can change and do not.
    """

    def shared(contract: Contract, name: str) -> Contract:
        answers = own.get(name)

        def answer(call: CallSite) -> Effect:
            effect = contract(call)
            if answers is not None:
                return answers(call, effect)
            outcomes = tuple(_fixed(o, fixed) for o in effect.outcomes)
            return _by_oracle(call, replace(effect, outcomes=outcomes), frozen, timeless)

        return answer

    contracts = {name: shared(c, name) for name, c in world.contracts.items()}
    counts = tuple(eq(calls_of(name)(), 0) for name in contracts)
    return replace(world, contracts=contracts, init=(*world.init, *counts))


def with_any(world: World, callees: Collection[str]) -> World:
    """`world` with callees that may answer anything, the same for the same call."""

    def answer(call: CallSite) -> Effect:
        return _by_oracle(call, anything(call, world), (), ())

    counts = tuple(eq(calls_of(name)(), 0) for name in callees)
    contracts = {**world.contracts, **dict.fromkeys(callees, answer)}

    def prototypes(callee: str) -> tuple[FunctionType, ...]:
        return () if callee in callees else world.prototypes(callee)

    return replace(world, contracts=contracts, prototypes=prototypes, init=(*world.init, *counts))


def calls_of(callee: str) -> Symbol:
    """How often a callee was called."""
    return Symbol(f"calls of {callee}", (), COUNT)


def is_count(symbol: Symbol) -> bool:
    """Whether the symbol only counts the calls of a callee."""
    return symbol == calls_of(symbol.name.removeprefix("calls of "))


def _fixed(outcome: Outcome, fixed: Mapping[Sort, Term]) -> Outcome:
    known = {p: fixed[p.sort] for p in outcome.params if p.sort in fixed}
    return substituted(outcome, known) if known else outcome


def substituted(outcome: Outcome, known: Mapping[Var, Term]) -> Outcome:
    """The outcome with some of its parameters given."""
    reading = Substitution(known, {})
    result = outcome.result
    if isinstance(result, ArrayPointer):
        word = None if result.word is None else reading(result.word)
        result = ArrayPointer(result.region, reading(result.object), reading(result.index), word)
    elif isinstance(result, Term):
        result = reading(result)
    return replace(
        outcome,
        result=result,
        params=tuple(p for p in outcome.params if p not in known),
        require=tuple(map(reading, outcome.require)),
        updates=tuple(
            Update(u.symbol, u.formals, reading(u.value), reading(u.where)) for u in outcome.updates
        ),
        demands=tuple(replace(d, condition=reading(d.condition)) for d in outcome.demands),
    )


def _by_oracle(
    call: CallSite, effect: Effect, frozen: Collection[Symbol], timeless: Collection[Sort]
) -> Effect:
    words = _words(call)
    asked = (*words, calls_of(call.callee)())
    outcomes = []
    used = False
    for outcome in effect.outcomes:
        changing = {s for s in symbols_of(*outcome.require) if s.mutable and s not in frozen}
        known = {}
        for param in () if changing else outcome.params:
            of = words if param.sort in timeless else asked
            known[param] = _oracle(f"{_named(call)}: {param.name}", of, param.sort)(*of)
            used |= param.sort not in timeless
        outcome = substituted(outcome, known) if known else outcome
        outcomes.append(outcome)
    if len(outcomes) > 1 and not any(o.require for o in outcomes):
        way = _oracle(f"{_named(call)}: way", asked, WAY)(*asked)
        outcomes, used = list(_ways(outcomes, way)), True
    if not used:
        return replace(effect, outcomes=tuple(outcomes))
    once_more = assign(calls_of(call.callee), (), calls_of(call.callee)() + 1)
    counted = tuple(replace(o, updates=(*o.updates, once_more)) for o in outcomes)
    return replace(effect, outcomes=counted)


def _ways(outcomes: list[Outcome], way: Term) -> list[Outcome]:
    """A number tells which of several ways that are always possible; the last has all others."""
    chosen = []
    others: tuple[Term, ...] = ()
    for number, outcome in enumerate(outcomes):
        here = () if number == len(outcomes) - 1 else (eq(way, number),)
        chosen.append(replace(outcome, require=(*others, *here)))
        others = (*others, *(neg(h) for h in here))
    return chosen


def _oracle(name: str, asked: tuple[Term, ...], sort: Sort) -> Symbol:
    return Symbol(name, tuple(t.sort for t in asked), sort, mutable=False)


def _named(call: CallSite) -> str:
    """The callee, with what it is given that is told by its name: `g(&lock)`."""
    names = []
    for value in call.arguments:
        match value:
            case FieldAddress(tag, field):
                names.append(f"&{tag}.{field}")
            case GlobalAddress(name):
                names.append(f"&{name}")
    return f"{call.callee}({', '.join(names)})" if names else call.callee


def _words(call: CallSite) -> tuple[Term, ...]:
    """The arguments, as far as they are values of the model; of the address of a variable, what it
    holds.
    """
    found: list[Term] = []
    for value in call.arguments:
        match value:
            case Term():
                found.append(value)
            case ArrayPointer(_, object_, index):
                found += [object_, index, word_of(value)]
            case FieldAddress(_, _, object_):
                found.append(object_)
            case LocalAddress(symbol, True):
                found.append(symbol())
    return tuple(found)
