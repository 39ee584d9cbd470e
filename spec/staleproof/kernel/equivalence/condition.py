"""The condition of a comparison: a C expression over the parameters, as a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import CallSite, Effect, Outcome, World
from staleproof.cfront.translate import RETURN, translate
from staleproof.errors import UsageError
from staleproof.kernel.address_space import (
    VMA,
    is_raw,
    live,
    page_address,
    untagged,
    vm_end,
    vm_start,
)
from staleproof.kernel.equivalence.still_world import the_layout
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
    u_lt,
    variable,
    word,
    zero_extend,
)
from staleproof.logic.blocks import blocks, cut_points

NAME = "staleproof_when"


def normal_memory(call: CallSite) -> Effect:
    """No VMA that has a page of the range is VM_IO or VM_PFNMAP."""
    start, count = call.arguments
    assert isinstance(start, Term) and isinstance(count, Term)
    v = variable("v", VMA)
    at = the_layout()
    first = page_address(untagged(start))
    last = first + zero_extend(count, 64) * word(4096, 64)
    meets = conj(live(at, v), u_lt(first, vm_end(at, v)), u_lt(vm_start(at, v), last))
    return Effect((Outcome("", forall(v, implies(meets, neg(is_raw(at, v))))),))


PREDICATES = {f.__name__: f for f in (normal_memory,)}
PROTOTYPES = "bool normal_memory(unsigned long start, unsigned int nr_pages);\n"


def condition_term(
    source: SourceFile, condition: str, parameters: Mapping[str, tuple[str, Symbol]], world: World
) -> Term:
    """The condition over the shared parameters, each given by its C type and its symbol.

    Raises the front end's errors, and UsageError for what does not come to one truth value.
    """
    declared = ", ".join(_declared(type_, name) for name, (type_, _) in parameters.items())
    text = f"{PROTOTYPES}int {NAME}({declared or 'void'}) {{ return !!({condition}); }}\n"
    whole = SourceFile("--when", f"{source.text}\n{text}")
    contracts = {**world.contracts, **PREDICATES}
    asked = replace(world, contracts=contracts)
    translation = translate(load_function(whole, NAME), asked)
    system = translation.system(())
    found = [b for b in blocks(system, cut_points(system)) if b.target == RETURN]
    if any(a.params for a in system.actions) or len({b.source for b in found}) != 1:
        raise UsageError(
            f"the condition is no plain expression: {condition}",
            fix="use the parameters, constants, CONFIG_ options and " + ", ".join(PREDICATES),
        )
    assert translation.result is not None
    result = translation.result()
    met = disj(*(conj(b.guard, neg(eq(b.after(result), 0))) for b in found))
    given = {
        symbol: Update(symbol, (), parameters[name][1]())
        for name, symbol in translation.parameters.items()
    }
    return substitute(met, {}, given)


def _declared(type_: str, name: str) -> str:
    return f"{type_}{'' if type_.endswith('*') else ' '}{name}"
