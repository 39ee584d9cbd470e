"""What get_vaddr_frames does of normal memory, in whichever version: what its pin does.

Said of each version alone, it is what makes two of them alike: a pin is one and the same function
of the world for all of them, FOLL_LONGTERM aside (GVF-10, GVF-11).
"""

from __future__ import annotations

from dataclasses import replace

from staleproof.kernel.address_space import LAYOUT, VMA, contains, is_raw
from staleproof.kernel.contracts.gup import pin_called, pin_result
from staleproof.kernel.frame_vector.properties import AT_RETURN, Subject
from staleproof.kernel.frame_vector.vector import U32, got_ref, is_pfns
from staleproof.lang.system import Assumption, Property, System
from staleproof.lang.terms import (
    Term,
    conj,
    eq,
    forall,
    ite,
    neg,
    s_lt,
    variable,
    word,
    zero_extend,
)

NAME = "GVF-35"
NORMAL = Assumption(
    "NORMAL-MEMORY",
    "no page of the range that is asked for lies in a VM_IO or VM_PFNMAP VMA while the call lasts",
)


def only_normal_memory(s: Subject) -> Term:
    """In no layout of the mm has a page of the range such a VMA."""
    at, v, i = variable("l", LAYOUT), variable("v", VMA), variable("page", U32)
    raw = contains(at, v, s.address(zero_extend(i, 64))) & is_raw(at, v)
    return forall(at, forall(i, forall(v, neg(raw)), s.asked))


def gvf_35(s: Subject) -> Property:
    """Frames are those of the pin, and without any there is an errno."""
    gave = pin_called() & s_lt(word(0, 32), pin_result())
    pinned = conj(eq(s.result, pin_result()), got_ref(s.vec), neg(is_pfns(s.vec)))
    conclusion = ite(gave, pinned, s_lt(s.result, word(0, 32)))
    return Property(NAME, conclusion, premise=neg(eq(s.asked, 0)), at=AT_RETURN)


def of_normal_memory(system: System, s: Subject) -> System:
    """The system, called for normal memory alone, and asked what it does of that."""
    return replace(
        system,
        axioms=(*system.axioms, only_normal_memory(s)),
        assumptions=(*system.assumptions, NORMAL),
        safety=(gvf_35(s),),
        wider=system,
    )
