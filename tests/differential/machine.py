"""The transition systems of C texts that claims are decided on, with the calls they make.

Those of frame_vector.c are there for the kernel's world, as it is, and for a lenient one, in which
pins and looks may answer what a kernel never would.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from staleproof.cfront import ir, load_function, read_source
from staleproof.cfront.contracts import ArrayPointer, CallSite, Contract, Effect, Value, World
from staleproof.cfront.contracts import Outcome as Ending
from staleproof.cfront.translate import Translation, translate
from staleproof.evidence import BESIDE, file_of
from staleproof.kernel.contracts import follow_pfn, gup
from staleproof.kernel.frame_vector.questions import get_system, properties_of
from staleproof.kernel.world import WORLD
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import symbols_of
from staleproof.lang.system import Action, System
from staleproof.lang.terms import Symbol, Term, s_le, s_lt, sign_extend, variable, word

from .harness import (
    VERSIONS,
    Operation,
)

FUNCTIONS: Final = {
    Operation.GET: "get_vaddr_frames",
    Operation.PUT: "put_vaddr_frames",
    Operation.TO_PAGES: "frame_vector_to_pages",
    Operation.TO_PFNS: "frame_vector_to_pfns",
    Operation.PAGES: "frame_vector_pages",
    Operation.PFNS: "frame_vector_pfns",
    Operation.COUNT: "frame_vector_count",
}
"""The operations of the harness that have a system, with the function that each calls."""
SINCE_5_13: Final = frozenset({"errno-fix", "no-fallback"})
"""The versions that run on a kernel in which a long-term pin leaves no page in CMA."""


# The system of a C function, with its calls


@dataclass(frozen=True, eq=False)
class Site:
    """A call in the text, as the front end has translated it."""

    callee: str
    arguments: tuple[Value, ...]
    endings: tuple[Ending, ...]


@dataclass(frozen=True, eq=False)
class Machine:
    """A function of a version as its transition system."""

    translation: Translation
    system: System
    leaving: Mapping[str, tuple[Action, ...]]
    calls: Mapping[Action, tuple[Site, Ending | None]]
    """For each action that is a call: which one, and how it ends (None: a demand has failed)."""

    @functools.cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Those of the system, and those that only arguments and results speak of."""
        sites = {id(site): site for site, _ in self.calls.values()}.values()
        values = [v for site in sites for v in (*site.arguments, *(e.result for e in site.endings))]
        terms = [v for v in values if isinstance(v, Term)]
        terms += [t for v in values if isinstance(v, ArrayPointer) for t in _terms(v)]
        more = sorted(symbols_of(*terms), key=lambda s: s.name)
        return tuple(dict.fromkeys((*self.system.symbols, *more)))


def _terms(pointer: ArrayPointer) -> list[Term]:
    return [t for t in (pointer.object, pointer.index, pointer.word) if t is not None]


def machine(version: str, operation: Operation, lenient: bool = False) -> Machine:
    """What the version does for that operation, in the kernel's world or in the lenient one."""
    return _machine(version, FUNCTIONS[operation], lenient)


@functools.cache
def _machine(version: str, function: str, lenient: bool) -> Machine:
    def asked(translation: Translation) -> System:
        if function == FUNCTIONS[Operation.GET]:
            return get_system(translation, properties_of(translation), version in SINCE_5_13)
        return translation.system(())

    text = load_function(read_source(VERSIONS[version]), function)
    return recording(text, LENIENT if lenient else WORLD, asked)


def recording(text: ir.Function, world: World, asked: Callable[[Translation], System]) -> Machine:
    """What the function does in the world, as the system that is asked about."""
    sites: list[Site] = []
    contracts = {name: _recorded(contract, sites) for name, contract in world.contracts.items()}
    translation = translate(text, replace(world, contracts=contracts))
    leaving: dict[str, list[Action]] = {}
    for action in translation.actions:
        leaving.setdefault(action.source, []).append(action)
    return Machine(
        translation,
        asked(translation),
        {location: tuple(actions) for location, actions in leaving.items()},
        {a: _call(a, sites) for a in translation.actions if a.kernel},
    )


def _recorded(contract: Contract, sites: list[Site]) -> Contract:
    """The contract, with each effect saying of which call it is, and each outcome which it is."""

    def record(call: CallSite) -> Effect:
        effect = contract(call)
        sites.append(Site(call.callee, call.arguments, effect.outcomes))
        numbered = (replace(o, doc=str(n)) for n, o in enumerate(effect.outcomes))
        return replace(effect, kernel=str(len(sites) - 1), outcomes=tuple(numbered))

    return record


def _call(action: Action, sites: list[Site]) -> tuple[Site, Ending | None]:
    site = sites[int(action.kernel)]
    return site, site.endings[int(action.doc)] if action.doc.isdigit() else None


def proved_dead(claim: str, steps: set[str]) -> set[str]:
    """Those of the steps that the evidence of a claim records as never taken."""
    document = json.loads(file_of(claim, BESIDE).read_text(encoding="utf-8"))
    answers = {asked["question"]: asked["answer"] for asked in document["vacuity"]}
    names = answers["is any action never taken?"].removeprefix("never")
    return {step for step in steps if f" {step}; " in f"{names}; "}


# A world in which the kernel may answer anything

ANSWER: Final = variable("answer", BitVec(32))


def _lenient_pin(contract: Contract) -> Contract:
    """Pins as many pages as it likes, or none with any result, whatever lies there."""

    def pin(call: CallSite) -> Effect:
        effect = contract(call)
        by_name = {ending.name.partition(",")[::2]: ending for ending in effect.outcomes}
        endings = []
        for (name, _), ending in by_name.items():
            if name == "pins some":
                count = next(p for p in ending.params if p.name == "pinned")
                endings.append(replace(ending, require=(s_lt(word(0, 32), count),)))
            elif name == "no page (-EFAULT)":
                assert isinstance(ending.result, Term)
                wide = ending.result.sort != ANSWER.sort
                result = sign_extend(ANSWER, 64) if wide else ANSWER
                none = (s_le(ANSWER, word(0, 32)),)
                params = (*ending.params, ANSWER)
                endings.append(replace(ending, result=result, params=params, require=none))
        return replace(effect, outcomes=tuple(endings))

    return pin


def _lenient_look(contract: Contract) -> Contract:
    """A page that cannot be looked up gives any errno."""

    def look(call: CallSite) -> Effect:
        effect = contract(call)
        endings = (
            replace(ending, result=ANSWER, params=(*ending.params, ANSWER))
            if ending.name == "finds no PTE"
            else ending
            for ending in effect.outcomes
        )
        return replace(effect, outcomes=tuple(endings))

    return look


LENIENT: Final = replace(
    WORLD,
    contracts={
        **WORLD.contracts,
        "pin_user_pages_fast": _lenient_pin(gup.pin_user_pages_fast),
        "pin_user_pages_locked": _lenient_pin(gup.pin_user_pages_locked),
        "follow_pfn": _lenient_look(follow_pfn.follow_pfn),
    },
)
"""The world as it is, but pins and looks may answer what a kernel never would."""
