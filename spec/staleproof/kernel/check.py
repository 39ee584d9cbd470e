"""A C function of the user's own: which properties it can be asked, and their verdicts.

Every function is asked what C and the contracts demand (no index outside its array, no lock taken
twice, ...), each kind a property of its own, whether it gives back the mmap_lock that it takes, and
whether it ends. A function with the parameters of get_vaddr_frames is asked the GVF properties too.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable
from pathlib import Path

from staleproof.cfront import load_function, read_source
from staleproof.cfront.translate import RETURN, Translation, bad, translate
from staleproof.engine.portfolio import record
from staleproof.engine.question import Kind, Question
from staleproof.errors import UsageError
from staleproof.kernel.address_space import mmap_lock
from staleproof.kernel.callees import require_called
from staleproof.kernel.contracts.mmap_lock import takes_lock
from staleproof.kernel.demands import comes_to
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.frame_vector.properties import Subject
from staleproof.kernel.frame_vector.questions import get_system, properties_of
from staleproof.kernel.sentences import BALANCE, ENDS, sentence_of
from staleproof.kernel.world import WORLD
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE, Term, eq
from staleproof.logic.blocks import loop_heads
from staleproof.verdict import ClaimResult, Word

NOT_ASKED = ("GVF-10a", "GVF-19")
"""Weaker forms, and what only some versions want."""


def check_file(
    path: str,
    function: str,
    properties: tuple[str, ...] = (),
    havoc: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> list[ClaimResult]:
    """The results for one function of a C file, each expected to be PROVED.

    `properties` narrows them; calls of `havoc` may do anything that the model does not see.
    Raises the front end's errors (SP2xx), and UsageError for an unknown property or callee.
    """
    loaded = load_function(read_source(Path(path)), function)
    require_called(havoc, function, (loaded,))
    translation = translate(loaded, WORLD, havoc=frozenset(havoc))
    questions = _questions(translation)
    _require_known(properties, tuple(questions))
    wanted = properties or tuple(questions)
    return [
        record(
            f"{name} of {function}",
            name,
            path,
            Word.PROVED,
            questions[name],
            functools.partial(_told, progress, name),
        )
        for name in questions
        if name in wanted
    ]


def _told(progress: Callable[[str], None], name: str, note: str) -> None:
    progress(f"{name}: {note}")


def _questions(translation: Translation) -> dict[str, Question]:
    demands = tuple(
        _named(f"C-{kind.upper()}", FALSE, bad(kind)) for kind in sorted(translation.kinds)
    )
    sources = {
        prop.name: frozenset(a.source for a in translation.actions if a.target in (prop.at or ()))
        for prop in demands
    }
    taking = frozenset(a.source for a in translation.actions if takes_lock(a))
    if taking and not Subject(translation).is_complete:
        # MMAP-UNHELD says that none is held at the call; of a get_vaddr_frames GVF-12 says it.
        demands = (*demands, _named(BALANCE, eq(mmap_lock(), 0), RETURN))
        sources[BALANCE] = taking
    asked, system = _system(translation, demands)
    questions = {
        prop.name: Question(system, prop, witness=_witness(prop, sources)) for prop in asked
    }
    ends = "GVF-13" if len(asked) > len(demands) else ENDS
    loops = loop_heads(system)
    reached = Property("no loop is reached", FALSE, at=frozenset(loops)) if loops else None
    questions[ends] = Question(system, Property(ends, FALSE), Kind.TERMINATION, witness=reached)
    return dict(sorted(questions.items(), key=lambda item: _order(item[0])))


def _named(name: str, conclusion: Term, at: str) -> Property:
    return Property(name, conclusion, at=frozenset({at}), doc=sentence_of(name))


def _order(name: str) -> tuple[bool, int, str]:
    family, _, number = name.partition("-")
    return family != "GVF", int(number) if number.isdigit() else 0, name


def _system(
    translation: Translation, demands: tuple[Property, ...]
) -> tuple[tuple[Property, ...], System]:
    """The properties that this function can be asked, and the system they are asked of."""
    if Subject(translation).is_complete:
        gvf = tuple(p for p in properties_of(translation) if p.name not in NOT_ASKED)
        asked = (*gvf, *demands)
        return asked, get_system(translation, asked, since_5_13=None)
    vectors = [s() for s in translation.parameters.values() if s.range == vector.VECTOR]
    init = tuple(t for v in vectors for t in (*vector.well_made(v), *vector.filled(v)))
    assumptions = (*vector.ASSUMPTIONS, vector.FILLED) if vectors else ()
    return demands, translation.system(demands, init=init, assumptions=assumptions)


def _witness(prop: Property, sources: dict[str, frozenset[str]]) -> Property | None:
    """Of a demand: a run that comes to where it is made."""
    at = sources.get(prop.name)
    if prop.name == "GVF-1":
        at = sources.get("C-BOUNDS")
    return None if at is None else comes_to(at)


def _require_known(wanted: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(
                f"{name} is no property of this function",
                fix=f"{hint}it can be asked: {', '.join(known)}",
            )
