"""What /dev/mem may show: the tests of a page and of a range, as what is proved of their C texts.

Facts: arch/x86/mm/init.c, drivers/char/mem.c, v5.10.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.cfront.types import IntType
from staleproof.kernel.iomem.contract import DEVMEM, EXC, RANGE
from staleproof.kernel.iomem.resource import (
    IN_PAGE,
    U64,
    is_strict,
    needs_free_lock,
    pfn_of_address,
)
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import assign
from staleproof.lang.terms import (
    TRUE,
    Symbol,
    Term,
    conj,
    disj,
    eq,
    ite,
    neg,
    u_le,
    u_lt,
    variable,
    word,
)

LOW_PAGES = 256
"""The pages of the first MiB, which x86 treats apart."""

qualified = Symbol("page.keeps_out", (U64,), BOOL, mutable=False)
"""A busy resource that keeps user space out, if checks are strict, touches the page (EXC-1)."""

ram = Symbol("page.ram", (U64,), BOOL, mutable=False)
watched_page = Symbol("watched page", (), U64, mutable=False)
"""Any one page: what is shown of it is shown of every page."""

passed = Symbol("devmem.passed", (), BOOL)
"""devmem_is_allowed() was asked about the watched page and did not say 0."""

asked = Symbol("devmem.asked", (), BOOL)
"""devmem_is_allowed() was asked about the watched page."""

any_denied = Symbol("devmem.denied", (), BOOL)
"""devmem_is_allowed() was asked about some page and said 0."""

range_passed = Symbol("range.passed", (), BOOL)
"""range_is_allowed() was asked and did not say 0."""

range_refused = Symbol("range.refused", (), BOOL)
"""range_is_allowed() was asked and said 0."""


def _argument(call: CallSite, position: int = 0) -> Term:
    argument = call.arguments[position]
    assert isinstance(argument, Term)
    return argument


def is_exclusive(pfn: Term) -> Term:
    """What iomem_is_exclusive() says of the page."""
    return is_strict() & qualified(pfn)


def is_low(pfn: Term) -> Term:
    """The page lies in the first MiB."""
    return u_lt(pfn, word(LOW_PAGES, 64))


def is_denied(pfn: Term) -> Term:
    """devmem_is_allowed() of x86 says 0: the page is at or above 1 MiB, and RAM or exclusive."""
    return neg(is_low(pfn)) & disj(ram(pfn), is_exclusive(pfn))


def is_ordinary(pfn: Term, size: Term) -> Term:
    """The range lies below the last page of the 64-bit addresses, so that nothing wraps around."""
    start = pfn * word(IN_PAGE + 1, 64)
    return conj(
        u_lt(pfn, word(1 << 52, 64)),
        u_le(start, start + size),
        u_le(start + size, word(-(IN_PAGE + 1), 64)),
    )


def _truth(call: CallSite, truth: Term) -> Term:
    type_ = call.result_type
    assert isinstance(type_, IntType)
    return truth if type_.is_bool else ite(truth, word(1, type_.width), word(0, type_.width))


def iomem_is_exclusive(call: CallSite) -> Effect:
    """Whether a claim keeps user space out of the page of the address; takes resource_lock."""
    answer = _truth(call, is_exclusive(pfn_of_address(_argument(call))))
    return Effect(
        (Outcome("answers", answer),),
        (needs_free_lock("lock", "iomem_is_exclusive() takes it"),),
        "kernel/resource.c: iomem_is_exclusive",
        "resource_lock r inside",
        (EXC,),
    )


def devmem_is_allowed(call: CallSite) -> Effect:
    """0 deny, 1 allow, 2 allow as zeros (x86)."""
    pfn = _argument(call)
    shown = ite(ram(pfn), word(2, 32), word(1, 32))
    is_watched = eq(pfn, watched_page())
    looked = assign(asked, (), disj(asked(), is_watched))
    denied = (looked, assign(any_denied, (), TRUE))
    allowed = (looked, assign(passed, (), disj(passed(), is_watched)))
    outcomes = (
        Outcome("denies", word(0, 32), (), (is_denied(pfn),), denied),
        Outcome("allows", shown, (), (neg(is_denied(pfn)),), allowed),
    )
    return Effect(
        outcomes,
        (needs_free_lock("lock", "devmem_is_allowed() takes it"),),
        "arch/x86/mm/init.c: devmem_is_allowed",
        "resource_lock r inside",
        (DEVMEM,),
    )


def range_is_allowed(call: CallSite) -> Effect:
    """Whether every page of the range may be mapped."""
    answer = variable("allowed", BOOL)
    told = (assign(range_passed, (), answer), assign(range_refused, (), neg(answer)))
    outcome = Outcome("answers", _truth(call, answer), (answer,), (), told)
    ordinary = is_ordinary(_argument(call), _argument(call, 1))
    demand = Demand("range", ordinary, "the range lies below the last page of 64 bits")
    kernel = "drivers/char/mem.c: range_is_allowed"
    return Effect((outcome,), (demand,), kernel, "resource_lock r inside", (RANGE,))


def region_intersects(call: CallSite) -> Effect:
    """Whether the page has RAM in it: none (1), it is all RAM (0), or some of it (2)."""
    start, size = _argument(call), _argument(call, 1)
    mixed = variable("mixed", BOOL)
    some = ite(mixed, word(2, 32), word(0, 32))
    answer = ite(ram(pfn_of_address(start)), some, word(1, 32))
    one_page = conj(eq(start & word(IN_PAGE, 64), 0), eq(size, IN_PAGE + 1))
    demand = Demand("one-page", one_page, "the region that is asked about is one page")
    kernel = "kernel/resource.c: region_intersects"
    return Effect((Outcome("answers", answer, (mixed,)),), (demand,), kernel)


def page_is_ram(call: CallSite) -> Effect:
    """Whether the page is RAM."""
    answer = _truth(call, ram(_argument(call)))
    return Effect((Outcome("answers", answer),), (), "kernel/resource.c: page_is_ram")


def valid_mmap_phys_addr_range(call: CallSite) -> Effect:
    """Of x86: whether the last byte has a physical address, of which there are at most 52 bits."""
    pfn, size = _argument(call), _argument(call, 1)
    last = pfn * word(IN_PAGE + 1, 64) + size - word(1, 64)
    valid = variable("valid", BOOL)
    within = disj(neg(valid), u_le(last, word((1 << 52) - 1, 64)))
    outcome = Outcome("answers", _truth(call, valid), (valid,), (within,))
    return Effect((outcome,), (), "arch/x86/mm/mmap.c: valid_mmap_phys_addr_range")


INIT = (neg(range_passed()), neg(range_refused()), neg(asked()), neg(passed()), neg(any_denied()))
CONTRACTS = {
    f.__name__: f
    for f in (
        iomem_is_exclusive,
        devmem_is_allowed,
        range_is_allowed,
        region_intersects,
        page_is_ram,
        valid_mmap_phys_addr_range,
    )
}
