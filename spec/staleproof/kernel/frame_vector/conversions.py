"""What the rest of frame_vector.c should do: put_vaddr_frames, and the conversions of slots.

Each function is asked on a filled vector. What the vector held at the call is kept in constants, so
that a statement about the end can speak of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from staleproof.cfront.locals import POINTS
from staleproof.cfront.translate import FAILED, RETURN, Translation, bad
from staleproof.errors import ModelError
from staleproof.kernel.address_space import U64
from staleproof.kernel.errno import EINVAL, errno
from staleproof.kernel.frame_vector.killers import CKiller, Edit
from staleproof.kernel.frame_vector.properties import INDEX, Subject
from staleproof.kernel.frame_vector.vector import (
    PAGE,
    PFN,
    VECTOR,
    capacity,
    filled,
    got_ref,
    is_pfns,
    nr_frames,
    slot,
    slot_kind,
    used,
    well_made,
)
from staleproof.kernel.page_table import page_of, pfn_of, pfn_valid
from staleproof.lang.sorts import BOOL
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    disj,
    eq,
    exists,
    forall,
    iff,
    implies,
    ite,
    neg,
    u_lt,
    variable,
    word,
)

slot_before = Symbol("frame_vector.ptrs at the call", (VECTOR, U64), U64, mutable=False)
were_pfns = Symbol("frame_vector.is_pfns at the call", (VECTOR,), BOOL, mutable=False)


def at_start(vec: Term) -> tuple[Term, ...]:
    """The vector at the call: filled, and what it holds is kept."""
    i = variable("i", U64)
    kept = forall(i, eq(slot(vec, i), slot_before(vec, i)), capacity(vec))
    return (*well_made(vec), *filled(vec), iff(is_pfns(vec), were_pfns(vec)), kept)


def _claimed(translation: Translation, name: str, conclusion: Term) -> Property:
    """Of every slot, after the call; and no demand of C fails on the way."""
    ends = frozenset({RETURN, *(bad(kind) for kind in translation.kinds)})
    at = ends & translation.locations
    is_slot = u_lt(INDEX, capacity(Subject(translation).vec))
    return Property(name, conclusion & neg(FAILED()), (INDEX,), is_slot, at)


def _holds(vec: Term, kind: Term, value: Term) -> Term:
    """Slot INDEX, if it is used, holds that kind of value, and this one."""
    inside = u_lt(INDEX, used(vec))
    return implies(inside, eq(slot_kind(vec, INDEX), kind) & eq(slot(vec, INDEX), value))


def _pages(vec: Term) -> Term:
    """Slot INDEX is the page of what it was."""
    before = slot_before(vec, INDEX)
    valid = implies(were_pfns(vec) & u_lt(INDEX, used(vec)), pfn_valid(before))
    as_page = ite(were_pfns(vec), page_of(before), before)
    return conj(neg(is_pfns(vec)), valid, _holds(vec, PAGE, as_page))


def _refused(vec: Term) -> Term:
    """Nothing has changed, and some pfn has no page."""
    j = variable("j", U64)
    invalid = exists(j, neg(pfn_valid(slot_before(vec, j))), used(vec))
    unchanged = _holds(vec, PFN, slot_before(vec, INDEX))
    return conj(is_pfns(vec), were_pfns(vec), unchanged, invalid)


def _all_or_none(vec: Term, done: Term, refused: Term) -> Term:
    return conj(disj(done, refused), implies(done, _pages(vec)), implies(refused, _refused(vec)))


def _pfns(vec: Term) -> Term:
    """Slot INDEX is the pfn of what it was."""
    before = slot_before(vec, INDEX)
    return conj(is_pfns(vec), _holds(vec, PFN, ite(were_pfns(vec), before, pfn_of(before))))


def _returns(translation: Translation, value: Term) -> Term:
    if translation.result is None:
        raise ModelError(f"{translation.function.name} returns nothing")
    return eq(translation.result(), value)


def gvf_25(translation: Translation) -> Property:
    """The vector is empty after a put."""
    vec = Subject(translation).vec
    return _claimed(translation, "GVF-25", eq(nr_frames(vec), 0) & neg(got_ref(vec)))


def gvf_26(translation: Translation) -> Property:
    """Pfns become pages, all or none."""
    vec = Subject(translation).vec
    done, refused = _returns(translation, word(0, 32)), _returns(translation, errno(EINVAL))
    return _claimed(translation, "GVF-26", _all_or_none(vec, done, refused))


def gvf_27(translation: Translation) -> Property:
    """Pages, whatever the slots were, or an ERR_PTR."""
    vec = Subject(translation).vec
    done, refused = _returns(translation, POINTS), _returns(translation, errno(EINVAL, 64))
    return _claimed(translation, "GVF-27", _all_or_none(vec, done, refused))


def gvf_28(translation: Translation) -> Property:
    """Pages become pfns."""
    return _claimed(translation, "GVF-28", _pfns(Subject(translation).vec))


def gvf_29(translation: Translation) -> Property:
    """Pfns, whatever the slots were."""
    points = _returns(translation, POINTS)
    return _claimed(translation, "GVF-29", points & _pfns(Subject(translation).vec))


@dataclass(frozen=True, slots=True)
class Row:
    """A property of one function of the file, and its killer."""

    function: str
    claimed: Callable[[Translation], Property]
    killer: CKiller


ROWS = {
    "GVF-25": Row(
        "put_vaddr_frames",
        gvf_25,
        CKiller(
            "tag kept",
            "got_ref stays true",
            (Edit("\tvec->got_ref = false;\nempty:", "empty:"),),
        ),
    ),
    "GVF-26": Row(
        "frame_vector_to_pages",
        gvf_26,
        CKiller(
            "untested pfns",
            "pfns without a struct page are converted, too",
            (Edit("\t\t\treturn -EINVAL;", "\t\t\t;"),),
        ),
    ),
    "GVF-27": Row(
        "frame_vector_pages",
        gvf_27,
        CKiller(
            "error lost", "a failed conversion is ignored", (Edit("return ERR_PTR(err);", ";"),)
        ),
    ),
    "GVF-28": Row(
        "frame_vector_to_pfns",
        gvf_28,
        CKiller("tag kept", "is_pfns stays false", (Edit("\tvec->is_pfns = true;\n}", "}"),)),
    ),
    "GVF-29": Row(
        "frame_vector_pfns",
        gvf_29,
        CKiller(
            "not converted",
            "page pointers are returned as if they were pfns",
            (Edit("\t\tframe_vector_to_pfns(vec);", "\t\t;"),),
        ),
    ),
}
