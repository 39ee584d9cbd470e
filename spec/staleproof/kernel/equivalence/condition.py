"""The condition of a comparison: a C expression over the parameters, as a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import CallSite, Effect, Outcome, World
from staleproof.cfront.oracles import is_count
from staleproof.cfront.translate import RETURN, Translation, translate
from staleproof.errors import UsageError
from staleproof.kernel.address_space import (
    VMA,
    contains,
    fsdax,
    is_raw,
    live,
    page_address,
    task_size,
    untagged,
    vm_end,
    vm_start,
)
from staleproof.kernel.contracts.gup import gup_pfn, gup_vma
from staleproof.kernel.equivalence.still_world import (
    NO_MEMORY,
    longterm_why,
    pin_instant,
    pin_reach,
    pin_why,
    plain,
    the_layout,
)
from staleproof.kernel.frame_vector.vector import U32
from staleproof.kernel.page_table import in_cma
from staleproof.lang.substitute import Update, substitute
from staleproof.lang.terms import (
    Symbol,
    Term,
    conj,
    disj,
    eq,
    forall,
    implies,
    neg,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)
from staleproof.logic.blocks import blocks, cut_points

NAME = "staleproof_when"


def normal_memory(call: CallSite) -> Effect:
    """No VMA that has a page of the range is VM_IO or VM_PFNMAP."""
    return _of_each_vma(call, lambda v: neg(is_raw(the_layout(), v)))


def without_dax(call: CallSite) -> Effect:
    """No VMA that has a page of the range maps a DAX file."""
    return _of_each_vma(call, lambda v: neg(fsdax(the_layout(), v)))


def without_cma(call: CallSite) -> Effect:
    """None of the pages that a pin of the range finds is in CMA."""
    start, count, flags = _arguments(call)
    i = variable("i", U32)
    page = gup_pfn(pin_instant(first_page(start), plain(flags)), i)
    return _truth(forall(i, neg(in_cma(page)), count))


def longterm_memory(call: CallSite) -> Effect:
    """There is memory for what a long-term pin allocates: it never fails for want of it where a
    short one would not.
    """
    start, flags = _arguments(call)
    at = (first_page(start), plain(flags))
    first = gup_vma(pin_instant(*at), word(0, 32))
    ordinary = conj(contains(the_layout(), first, at[0]), neg(is_raw(the_layout(), first)))
    by_both = implies(eq(pin_why(*at), NO_MEMORY), ordinary)
    return _truth(conj(by_both, neg(eq(longterm_why(*at), NO_MEMORY))))


def in_user_space(call: CallSite) -> Effect:
    """The range ends at or below TASK_SIZE."""
    start, count = _arguments(call)
    length = zero_extend(count, 64) * word(4096, 64)
    first = first_page(start)
    return _truth(conj(u_le(first, task_size()), u_le(length, task_size() - first)))


def can_be_pinned(call: CallSite) -> Effect:
    """A pin with these flags gets the first page at least, FOLL_LONGTERM aside."""
    start, flags = _arguments(call)
    return _truth(neg(eq(pin_reach(first_page(start), plain(flags)), 0)))


def _of_each_vma(call: CallSite, holds: Callable[[Term], Term]) -> Effect:
    start, count = _arguments(call)
    v = variable("v", VMA)
    at = the_layout()
    first = first_page(start)
    last = first + zero_extend(count, 64) * word(4096, 64)
    meets = conj(live(at, v), u_lt(first, vm_end(at, v)), u_lt(vm_start(at, v), last))
    return _truth(forall(v, implies(meets, holds(v))))


def first_page(start: Term) -> Term:
    """The address of the first page, written as a pin sees it whose caller has untagged it, too:
    proofs find what is said of it by its form.
    """
    return page_address(untagged(untagged(start)))


def _truth(holds: Term) -> Effect:
    return Effect((Outcome("", holds),))


def _arguments(call: CallSite) -> list[Term]:
    assert all(isinstance(a, Term) for a in call.arguments)
    return [a for a in call.arguments if isinstance(a, Term)]


PREDICATES = {
    f.__name__: f
    for f in (
        normal_memory,
        without_dax,
        without_cma,
        longterm_memory,
        can_be_pinned,
        in_user_space,
    )
}
PROTOTYPES = """
bool normal_memory(unsigned long start, unsigned int nr_pages);
bool without_dax(unsigned long start, unsigned int nr_pages);
bool without_cma(unsigned long start, unsigned int nr_pages, unsigned int gup_flags);
bool longterm_memory(unsigned long start, unsigned int gup_flags);
bool can_be_pinned(unsigned long start, unsigned int gup_flags);
bool in_user_space(unsigned long start, unsigned int nr_pages);
"""


def condition_term(
    source: SourceFile, condition: str, parameters: Mapping[str, tuple[str, Symbol]], world: World
) -> Term:
    """The condition over the shared parameters, each given by its C type and its symbol.

    Raises the front end's errors, and UsageError for what changes anything, or does not come to one
    truth value.
    """
    declared = ", ".join(_declared(type_, name) for name, (type_, _) in parameters.items())
    text = f"{PROTOTYPES}int {NAME}({declared or 'void'}) {{ return !!({condition}); }}\n"
    whole = SourceFile("--when", f"{source.text}\n{text}")
    contracts = {**world.contracts, **PREDICATES}
    asked = replace(world, contracts=contracts)
    translation = translate(load_function(whole, NAME), asked)
    changed = _changed(translation)
    if changed:
        raise UsageError(
            f"the condition changes {' and '.join(changed)}: {condition}",
            why="both functions are called with what the condition was asked of",
            fix="compare with ==, and leave out =, ++, -- and calls that change something",
        )
    system = translation.system(())
    found = [b for b in blocks(system, cut_points(system)) if b.target == RETURN]
    assert translation.result is not None
    result = translation.result()
    met = disj(*(conj(b.guard, neg(eq(b.after(result), 0))) for b in found))
    if any(a.params for a in system.actions) or len({b.source for b in found}) != 1 or met.free:
        raise UsageError(
            f"the condition is no plain expression: {condition}",
            fix="use the parameters, constants, CONFIG_ options and " + ", ".join(PREDICATES),
        )
    given = {
        symbol: Update(symbol, (), parameters[name][1]())
        for name, symbol in translation.parameters.items()
    }
    return substitute(met, {}, given)


def _changed(translation: Translation) -> list[str]:
    """What the function changes but variables of its own and of what it calls, by name."""
    own = {s.name for s in translation.symbols} - set(translation.parameters)
    updated = {u.symbol for a in translation.actions for u in a.updates if not is_count(u.symbol)}
    return sorted({s.name for s in updated} - own)


def _declared(type_: str, name: str) -> str:
    return f"{type_}{'' if type_.endswith('*') else ' '}{name}"
