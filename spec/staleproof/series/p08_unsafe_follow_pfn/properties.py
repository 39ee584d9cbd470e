"""What unsafe_follow_pfn() and follow_fault_pfn() should do, with the option set and not set."""

from __future__ import annotations

from collections.abc import Callable

from staleproof.kernel.contracts.follow_pfn import pfn_stored, strict_follow_pfn
from staleproof.kernel.contracts.looks import (
    fault_in_vain,
    look_result,
    looked_since_fault,
    waited,
)
from staleproof.kernel.contracts.taint import tainted_by_user
from staleproof.kernel.contracts.user_fault import (
    FAULT_FLAG_REMOTE,
    FAULT_FLAG_WRITE,
    fault_address,
    fault_flags,
    fault_result,
    fault_taken,
    user_pte_set,
)
from staleproof.kernel.errno import EAGAIN, EINVAL, errno
from staleproof.kernel.iomem.properties import AT_RETURN, Subject
from staleproof.lang.system import Property
from staleproof.lang.terms import Term, conj, disj, eq, iff, implies, ite, neg, word
from staleproof.series.p08_unsafe_follow_pfn.asking import answer, asked_just_this

Make = Callable[[Subject], Property]


def _strict(name: str, conclusion: Term) -> Property:
    return Property(name, conclusion, premise=strict_follow_pfn(), at=AT_RETURN)


def _relaxed(name: str, conclusion: Term) -> Property:
    return Property(name, conclusion, premise=neg(strict_follow_pfn()), at=AT_RETURN)


def _passed_on(s: Subject) -> Term:
    return conj(asked_just_this(s["vma"], s["address"], s["pfn"]), eq(s.result, answer()))


def refuses(name: str) -> Make:
    """Strict: -EINVAL, and no pfn."""
    return lambda s: _strict(name, conj(eq(s.result, errno(EINVAL)), neg(pfn_stored())))


def passes_on(name: str) -> Make:
    """Not strict: what follow_pfn() says of the same arguments."""
    return lambda s: _relaxed(name, _passed_on(s))


def passes_on_and_taints(name: str) -> Make:
    """Not strict: what follow_pfn() says of the same arguments, and the taint."""
    return lambda s: _relaxed(name, conj(_passed_on(s), tainted_by_user()))


def gives_vfio_nothing(s: Subject) -> Property:
    """Strict: neither 0 nor a pfn."""
    return _strict("UFP-3a", conj(neg(eq(s.result, 0)), neg(pfn_stored())))


def leaves_page_tables_alone(s: Subject) -> Property:
    """Strict: no PTE is set for the user."""
    return _strict("UFP-4", neg(user_pte_set()))


def tells_vfio_what_it_found(s: Subject) -> Property:
    """The option or not: the result is that of the last look, or of the fault before it."""
    missing = ite(looked_since_fault(), errno(EINVAL), fault_result())
    looked = ite(eq(look_result(), 0), word(0, 32), missing)
    said = eq(s.result, ite(waited(), errno(EAGAIN), looked))
    # A fault that failed is the end.
    ended = implies(neg(waited()) & looked_since_fault(), eq(fault_result(), 0))
    right = conj(said, ended, iff(pfn_stored(), eq(s.result, 0)))
    return Property("UFP-12", right, at=AT_RETURN)


def takes_vfios_fault(s: Subject) -> Property:
    """The option or not: a fault is taken where no PTE was found, once, for what is wanted."""
    writes = ite(s["write_fault"], word(FAULT_FLAG_WRITE, 32), word(0, 32))
    flags = word(FAULT_FLAG_REMOTE, 32) | writes
    its_own = conj(eq(fault_address(), s["vaddr"]), eq(fault_flags(), flags))
    right = conj(neg(fault_in_vain()), implies(disj(fault_taken(), waited()), its_own))
    return Property("UFP-13", right, at=AT_RETURN)
