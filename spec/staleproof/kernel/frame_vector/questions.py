"""From a claim about a version's C text to the question that the engines answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import staleproof
from staleproof.cfront import SourceFile, load_function
from staleproof.cfront import read_source as read_any
from staleproof.cfront.translate import FAILED, RETURN, Translation, bad, translate
from staleproof.engine.question import Killer, Kind, Question
from staleproof.errors import ModelError
from staleproof.kernel.contracts.gup import migrates_or_fails
from staleproof.kernel.demands import comes_to
from staleproof.kernel.frame_vector import normal_memory, vector
from staleproof.kernel.frame_vector.conversions import ROWS, Row, at_start
from staleproof.kernel.frame_vector.killers import Edit, killers_of
from staleproof.kernel.frame_vector.properties import IN_USE, INDEX, PROPERTIES, Subject
from staleproof.kernel.page_table import INSTANT, now
from staleproof.kernel.world import WORLD
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import FALSE, Term, eq, neg, u_lt, variable
from staleproof.logic.blocks import loop_heads
from staleproof.verdict import Word

GET = "get_vaddr_frames"
PACKAGE = Path(staleproof.__file__).parent


@cache
def read_source(path: Path) -> SourceFile:
    """A C text of the package, named by its place in it: evidence must not depend on where the
    package is installed.
    """
    return SourceFile(path.relative_to(PACKAGE).as_posix(), read_any(path).text)


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def property(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Version:
    """A version of frame_vector.c: its text (or where it is), its caller's, and the kernel around.

    `since_5_13` tells which pin_user_pages it runs on (None: either). `raw` says whether a filled
    vector may hold raw pfns, which is what GVF-19 decides.
    """

    text: Path | SourceFile
    caller: Path
    release: Path
    since_5_13: bool | None
    raw: bool

    @property
    def source(self) -> SourceFile:
        return read_source(self.text) if isinstance(self.text, Path) else self.text


SERIES_ERA = Assumption("GUP-5.12", "the kernel is older than 5.13: a failed migration pins anyway")
LATER_ERA = Assumption("GUP-5.13", "the kernel is 5.13 or later: a failed migration fails the pin")
NO_RAW = Assumption("VEC-NO-RAW", "the vector holds no raw pfns (what GVF-19 says of this version)")


def question(claim: ClaimLike, version: Version) -> Question:
    """The question of a GVF claim at a version."""
    if claim.property == "GVF-7":
        return _caller_question(version)
    if claim.property == "GVF-15":
        return _put_question(version)
    if claim.property == "GVF-16":
        return _release_question(version)
    if claim.property == normal_memory.NAME:
        return _normal_question(version)
    if claim.property in ROWS:
        return _row_question(ROWS[claim.property], version)
    return _get_question(claim, version)


# get_vaddr_frames


def in_use() -> Action:
    """After the call: time passes, and other CPUs change page tables as they like."""
    t = variable("t", INSTANT)
    return Action(
        "the buffer is in use",
        params=(t,),
        updates=(assign(now, (), t),),
        source=RETURN,
        target=IN_USE,
        doc="time passes; another CPU may zap PTEs and give their pages away",
        kernel="mm/memory.c: unmap_mapping_range",
        holds="nothing that stops it",
    )


def properties_of(translation: Translation, names: tuple[str, ...] = ()) -> tuple[Property, ...]:
    """The GVF properties that this function can be asked (all, or those named)."""
    subject = Subject(translation)
    locations = translation.locations | {IN_USE}
    found = []
    for name, make in PROPERTIES.items():
        if names and name not in names:
            continue
        prop = make(subject)
        at = (prop.at or frozenset()) & locations
        if at:
            found.append(Property(prop.name, prop.conclusion, prop.params, prop.premise, at))
    return tuple(found)


def get_system(
    translation: Translation, properties: tuple[Property, ...], since_5_13: bool | None
) -> System:
    """The system of a get_vaddr_frames, called on an empty vector that is well made."""
    subject = Subject(translation)
    kernel, assumption = era(since_5_13)
    return translation.system(
        properties,
        init=(*vector.well_made(subject.vec), *vector.empty(subject.vec), *kernel),
        assumptions=(*vector.ASSUMPTIONS, vector.EMPTY, *assumption),
        more_actions=(in_use(),),
        hints=(subject.base, subject.wanted, subject.asked),
    )


def era(since_5_13: bool | None) -> tuple[tuple[Term, ...], tuple[Assumption, ...]]:
    """Which pin_user_pages there is: what holds of it, and the assumption by name."""
    if since_5_13 is None:
        return (), ()
    later = migrates_or_fails()
    return ((later,), (LATER_ERA,)) if since_5_13 else ((neg(later),), (SERIES_ERA,))


@lru_cache(maxsize=24)
def _translated(source: SourceFile, function: str) -> Translation:
    return translate(load_function(source, function), WORLD)


@lru_cache(maxsize=24)
def _whole_system(source: SourceFile, since_5_13: bool | None) -> System:
    """One system for all properties of a text: what is found out about it is found once."""
    translation = _translated(source, GET)
    return get_system(translation, properties_of(translation), since_5_13)


def _get_question(claim: ClaimLike, version: Version) -> Question:
    system = _whole_system(version.source, version.since_5_13)
    refuted = claim.expected is Word.REFUTED
    if claim.property == "GVF-13":
        return Question(
            system,
            Property("GVF-13", FALSE),
            Kind.TERMINATION,
            witness=_reached(loop_heads(system)),
            killers=_get_killers(claim.property, version),
        )
    prop = system.property_named(claim.property)
    return Question(
        system,
        prop,
        witness=_access(_translated(version.source, GET)) if _at_bad(prop) else None,
        killers=() if refuted else _get_killers(claim.property, version),
        search_first=refuted,
    )


def _at_bad(prop: Property) -> bool:
    return prop.conclusion is FALSE and prop.at is not None and RETURN not in prop.at


def _reached(locations: tuple[str, ...]) -> Property | None:
    if not locations:
        return None
    return Property("no loop is reached", FALSE, at=frozenset(locations))


def _access(translation: Translation) -> Property:
    """Violated by a run that comes to where an index is checked."""
    sources = frozenset(a.source for a in translation.actions if a.target == bad("bounds"))
    return Property("no slot is written", FALSE, at=sources)


def _normal_system(source: SourceFile, since_5_13: bool | None) -> System:
    """The system of a text that is called for normal memory."""
    subject = Subject(_translated(source, GET))
    return normal_memory.of_normal_memory(_whole_system(source, since_5_13), subject)


def _normal_question(version: Version) -> Question:
    system = _normal_system(version.source, version.since_5_13)
    killers = _get_killers(normal_memory.NAME, version, _normal_system)
    return Question(system, system.property_named(normal_memory.NAME), killers=killers)


def _get_killers(
    name: str,
    version: Version,
    system_of: Callable[[SourceFile, bool | None], System] = _whole_system,
) -> tuple[Killer, ...]:
    source = version.source

    def killer(edits: tuple[Edit, ...], title: str, sentence: str) -> Killer:
        def build() -> tuple[System, Property]:
            changed = SourceFile(source.name, edited(source.text, edits))
            system = system_of(changed, version.since_5_13)
            prop = Property(name, FALSE) if name == "GVF-13" else system.property_named(name)
            return system, prop

        return Killer(title, sentence, build)

    return tuple(killer(k.edits, k.name, k.sentence) for k in killers_of(name, source.text))


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after some edits. Raises ModelError for one that has not exactly one place."""
    for edit in edits:
        if text.count(edit.old) != 1:
            raise ModelError(f"a killer's edit does not fit the text once: {edit.old!r}")
        text = text.replace(edit.old, edit.new)
    return text


# What callers do with the vector


def _caller_question(version: Version) -> Question:
    """GVF-7, of videobuf2's caller: it fills an empty vector and frees an empty one."""
    return _vector_question(
        read_source(version.caller),
        "vb2_create_framevec",
        lambda translation: Property("GVF-7", FALSE, at=frozenset({bad("not-empty")})),
        (),
        (),
        (
            "freed while filled",
            "the put on the error path is dropped",
            Edit("\tput_vaddr_frames(vec);\ndestroy:", "destroy:"),
        ),
    )


def _put_question(version: Version) -> Question:
    """GVF-15, of put_vaddr_frames: every pin is given back, none twice."""

    def prop(translation: Translation) -> Property:
        vec = Subject(translation).vec
        gone = neg(vector.pinned(vec, INDEX)) & neg(FAILED())
        is_slot = u_lt(INDEX, vector.capacity(vec))
        at = frozenset({RETURN, bad("unpin")}) & translation.locations
        return Property("GVF-15", gone, (INDEX,), is_slot, at)

    return _vector_question(
        version.source,
        "put_vaddr_frames",
        prop,
        lambda vec: (*vector.well_made(vec), *vector.filled(vec)),
        (vector.FILLED,),
        (
            "pins kept",
            "the unpin is dropped",
            Edit("unpin_user_pages(pages, frame_vector_count(vec));", ";"),
        ),
    )


def _row_question(row: Row, version: Version) -> Question:
    """GVF-25 and later, of put_vaddr_frames and the conversions."""
    (edit,) = row.killer.edits
    return _vector_question(
        version.source,
        row.function,
        row.claimed,
        at_start,
        (vector.FILLED,),
        (row.killer.name, row.killer.sentence, edit),
    )


def _release_question(version: Version) -> Question:
    """GVF-16, of the dma-contig release: what it marks dirty is pinned."""

    def start(vec: Term) -> tuple[Term, ...]:
        no_raw = vector.got_ref(vec) | eq(vector.nr_frames(vec), 0)
        filled = (*vector.well_made(vec), *vector.filled(vec), vector.has_pages(vec))
        return filled if version.raw else (*filled, no_raw)

    return _vector_question(
        read_source(version.release),
        "vb2_dc_userptr_release",
        lambda translation: Property("GVF-16", FALSE, at=frozenset({bad("dirty")})),
        start,
        (vector.FILLED,) if version.raw else (vector.FILLED, NO_RAW),
        (
            "dirty after unpin",
            "the pages are unpinned before they are marked dirty",
            Edit(
                "\tif (direction == DMA_FROM_DEVICE",
                "\tunpin_user_pages(pages, frame_vector_count(vec));\n"
                "\tif (direction == DMA_FROM_DEVICE",
            ),
        ),
    )


def _vector_question(
    source: SourceFile,
    function: str,
    claimed: Callable[[Translation], Property],
    start: Callable[[Term], tuple[Term, ...]] | tuple[()],
    assumptions: tuple[Assumption, ...],
    killer: tuple[str, str, Edit],
) -> Question:
    """A property of a function that gets a vector, or makes one."""

    def built(text: SourceFile) -> tuple[System, Property, Translation]:
        translation = _translated(text, function)
        prop = claimed(translation)
        init: tuple[Term, ...] = ()
        hints: tuple[Term, ...] = ()
        taken = assumptions
        if start:
            vec = Subject(translation).vec
            init = start(vec)
            hints = (vector.nr_frames(vec), vector.nr_allocated(vec))
            taken = (*vector.ASSUMPTIONS, *assumptions)
        system = translation.system((prop,), init=init, assumptions=taken, hints=hints)
        return system, prop, translation

    def killed() -> tuple[System, Property]:
        system, prop, _ = built(SourceFile(source.name, edited(source.text, (edit,))))
        return system, prop

    title, sentence, edit = killer
    system, prop, translation = built(source)
    asking = frozenset(a.source for a in translation.actions if a.target in (prop.at or ()))
    return Question(
        system,
        prop,
        witness=comes_to(asking - {RETURN}),
        killers=(Killer(title, sentence, killed),),
    )
