"""Small functions on addresses, pfns and struct pages."""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.cfront.types import IntType
from staleproof.kernel.address_space import untagged
from staleproof.kernel.frame_vector.vector import VECTOR, capacity, pin_pfn, pinned
from staleproof.kernel.page_table import page_of, pfn_of, pfn_valid
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import Term, conj, eq, exists, ite, variable, word


def _argument(call: CallSite) -> Term:
    return call.word(0)


def _answers(call: CallSite, value: Term, where: str) -> Effect:
    return Effect((Outcome("", value),), kernel=where)


def untagged_addr(call: CallSite) -> Effect:
    """The address without the tag that arm64 user space may keep in its top byte."""
    return _answers(call, untagged(_argument(call)), "arch/*/include/asm: untagged_addr")


def pfn_is_valid(call: CallSite) -> Effect:
    """pfn_valid(): whether the pfn has a struct page."""
    truth = pfn_valid(_argument(call))
    type_ = call.result_type
    if isinstance(type_, IntType) and not type_.is_bool:
        truth = ite(truth, word(1, type_.width), word(0, type_.width))
    return _answers(call, truth, "include/linux/mmzone.h: pfn_valid")


def page_to_pfn(call: CallSite) -> Effect:
    """The pfn of a struct page."""
    return _answers(call, pfn_of(_argument(call)), "include/asm-generic/memory_model.h")


def pfn_to_page(call: CallSite) -> Effect:
    """The struct page of a pfn; it takes no reference."""
    return _answers(call, page_of(_argument(call)), "include/asm-generic/memory_model.h")


def set_page_dirty_lock(call: CallSite) -> Effect:
    """Marks a page dirty, under its page lock: the caller must hold a reference on it."""
    page = _argument(call)
    vec, i = variable("vec", VECTOR), variable("i", BitVec(64))
    held = exists(
        vec, exists(i, conj(pinned(vec, i), eq(page, page_of(pin_pfn(vec, i)))), capacity(vec))
    )
    demand = Demand("dirty", held, "the page that is marked dirty is pinned")
    where = "mm/page-writeback.c: set_page_dirty_lock"
    return Effect((Outcome("marks it dirty"),), (demand,), where, "page lock inside")


CONTRACTS = {
    "untagged_addr": untagged_addr,
    "pfn_valid": pfn_is_valid,
    "page_to_pfn": page_to_pfn,
    "pfn_to_page": pfn_to_page,
    "set_page_dirty_lock": set_page_dirty_lock,
}
