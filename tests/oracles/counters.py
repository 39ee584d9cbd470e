"""Random small programs of what C functions are made of: loops, counters, comparisons."""

from __future__ import annotations

from random import Random

from oracles.plans import B2, B3
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, Term, eq, neg, u_lt, word

LONG, SHORT, FLAG = Symbol("long", (), B3), Symbol("short", (), B2), Symbol("flag", (), BOOL)
WIDTHS = {LONG: 3, SHORT: 2}


def program(seed: int) -> System:
    """A program of a few lines: two counters, a flag, up to four locations."""
    chance = Random(seed)
    locations = ("a", "b", "c", "d")[: chance.choice((2, 3, 3, 4))]
    actions: list[Action] = []
    for number in range(chance.randint(2, 6)):
        guard = tuple(_test(chance) for _ in range(chance.choice((0, 1, 1, 2))))
        branches = [a for a in actions if a.guard]
        if branches and chance.random() < 0.4:
            guard = (neg(chance.choice(branches).guard[0]),)
        writes = {_write(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))}
        updates = {update.symbol: update for update in sorted(writes, key=lambda u: str(u.value))}
        source, target = chance.choice(locations), chance.choice(locations)
        actions.append(Action(f"line{number}", (), guard, tuple(updates.values()), source, target))
    init = tuple(eq(s(), 0) for s in WIDTHS if chance.random() < 0.7)
    return System("program", (LONG, SHORT, FLAG), init, tuple(actions), entry="a")


def _test(chance: Random) -> Term:
    symbol = chance.choice((LONG, SHORT))
    limit = chance.randrange(1 << WIDTHS[symbol])
    below, same = u_lt(symbol(), limit), eq(symbol(), limit)
    return chance.choice((below, neg(below), same, neg(same), FLAG(), neg(FLAG())))


def _write(chance: Random) -> Update:
    symbol = chance.choice((LONG, SHORT, LONG, SHORT, FLAG))
    if symbol is FLAG:
        return assign(FLAG, (), chance.choice((True, False, neg(FLAG()))))
    width = WIDTHS[symbol]
    steps = [symbol() + 1, symbol() + 1, symbol() - 1, symbol() + 2]
    return assign(symbol, (), chance.choice([*steps, word(chance.randrange(1 << width), width)]))
