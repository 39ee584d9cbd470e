"""The tree of resources: walking through it, and putting a new resource into it.

Facts: kernel/resource.c, v5.10.
"""

from __future__ import annotations

from staleproof.cfront.contracts import CallSite, Demand, Effect, Outcome
from staleproof.kernel.iomem.resource import (
    BUSY,
    CHANGING,
    RESOURCE,
    U64,
    has_flag,
    in_tree,
    iomem_resource,
    ioport_resource,
    needs_free_lock,
    not_null,
    null_resource,
    place,
    readers,
    writer,
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
    forall,
    implies,
    neg,
    u_le,
    u_lt,
    variable,
    word,
)

KERNEL = "kernel/resource.c: {}"

existing = Symbol("resource.existing", (RESOURCE,), BOOL, mutable=False)
"""The resource is not one that this call makes, so no allocation of its own returns it."""

inserted = Symbol("claim.inserted", (), BOOL)
"""The claim has put its resource into the tree."""

claim = Symbol("claim.resource", (), RESOURCE)
"""The resource that the claim has put into the tree."""


def _resource(call: CallSite, position: int = 0) -> Term:
    resource = call.arguments[position]
    assert isinstance(resource, Term) and resource.sort == RESOURCE
    return resource


def next_resource(call: CallSite) -> Effect:
    """The next resource of the walk, or NULL after the last."""
    here = _resource(call)
    v, w = variable("v", RESOURCE), variable("w", RESOURCE)
    after = in_tree(w) & u_lt(place(here), place(w))
    first = forall(w, implies(after, u_le(place(v), place(w))))
    wanted = conj(in_tree(v), u_lt(place(here), place(v)), first)
    nothing = forall(w, implies(in_tree(w), u_le(place(w), place(here))))
    held = disj(neg(eq(readers(), 0)), writer())
    demands = (
        not_null(here),
        Demand("unlocked", held, "resource_lock is held while next_resource() looks"),
    )
    outcomes = (
        Outcome("gives the next", v, (v,), (wanted,)),
        Outcome("gives none", null_resource(), (), (nothing,), doc="that was the last"),
    )
    return Effect(outcomes, demands, KERNEL.format("next_resource"), "resource_lock r")


def alloc_resource(call: CallSite) -> Effect:
    """A resource of zeros that nobody else knows, or NULL."""
    r = variable("r", RESOURCE)
    zeros = tuple(assign(field, (r,), word(0, 64)) for field in CHANGING.all.values())
    outcomes = (
        Outcome("makes one", r, (r,), (neg(existing(r)),), zeros),
        Outcome("no memory", null_resource()),
    )
    return Effect(outcomes, (), KERNEL.format("alloc_resource"))


def free_resource(call: CallSite) -> Effect:
    """Gives back a resource that is not in the tree."""
    resource = _resource(call)
    free = neg(conj(inserted(), eq(claim(), resource)))
    demand = Demand("freed", free, "the resource that is freed is not in the tree")
    return Effect((Outcome("freed"),), (demand,), KERNEL.format("free_resource"))


def request_resource(call: CallSite) -> Effect:
    """__request_resource(): puts the new one under the root, or gives what is in its way.

    What is in the way is any resource, with any flags: other threads made it.
    """
    root, new = _resource(call), _resource(call, 1)
    c, flags = variable("c", RESOURCE), variable("flags", U64)
    there = conj(existing(c), neg(eq(c, null_resource())))
    outcomes = (
        Outcome(
            "puts it in",
            null_resource(),
            (),
            (),
            (assign(inserted, (), TRUE), assign(claim, (), new)),
        ),
        Outcome(
            "finds another in the way",
            c,
            (c, flags),
            (there,),
            (assign(CHANGING.flags, (c,), flags),),
        ),
    )
    held = Demand("lock", writer(), "resource_lock is held for writing when the tree is changed")
    demands = (not_null(root), not_null(new), held)
    return Effect(outcomes, demands, KERNEL.format("__request_resource"), "resource_lock w")


def wait_for_muxed_resource(call: CallSite) -> Effect:
    """Sleeps until a shared region is released; other threads change the tree meanwhile."""
    demand = needs_free_lock("sleep", "the claim sleeps")
    return Effect((Outcome("wakes up"),), (demand,), KERNEL.format("__request_region"))


def is_claimed(resource: Term) -> Term:
    """The resource is in the tree, busy, and visible: the lock it was put in under is free."""
    there = conj(inserted(), eq(claim(), resource), neg(writer()))
    return there & has_flag(CHANGING, resource, BUSY)


AXIOMS = (
    existing(null_resource()),
    existing(iomem_resource()),
    existing(ioport_resource()),
)
CONTRACTS = {
    "next_resource": next_resource,
    "alloc_resource": alloc_resource,
    "free_resource": free_resource,
    "__request_resource": request_resource,
    "wait_for_muxed_resource": wait_for_muxed_resource,
}
