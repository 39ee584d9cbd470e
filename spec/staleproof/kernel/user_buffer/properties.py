"""What getting and releasing a user buffer should do, as statements about the C texts."""

from __future__ import annotations

from dataclasses import dataclass

from staleproof.cfront.translate import FAILED, RETURN, Translation, bad
from staleproof.errors import ModelError
from staleproof.kernel.address_space import (
    LAYOUT,
    U64,
    VMA,
    contains,
    is_raw,
    page_address,
    untagged,
)
from staleproof.kernel.contracts.gup import pin_called, pin_result
from staleproof.kernel.contracts.user_memory import all_long_term
from staleproof.kernel.errno import EFAULT, ENOMEM, errno
from staleproof.kernel.frame_vector.vector import VECTOR, capacity, pinned
from staleproof.kernel.user_buffer.buffer import (
    BUFFER,
    count,
    covered,
    holds_its_pin,
    is_mapped,
    marked_dirty,
    npages,
    reachable,
    slots,
    slots_read,
    table,
)
from staleproof.lang.substitute import Update, substitute
from staleproof.lang.system import Property
from staleproof.lang.terms import (
    FALSE,
    TRUE,
    Term,
    conj,
    disj,
    eq,
    exists,
    forall,
    iff,
    implies,
    neg,
    s_le,
    s_lt,
    u_le,
    u_lt,
    variable,
    word,
    zero_extend,
)

AT_RETURN = frozenset({RETURN})
ARRAY, INDEX = variable("array", VECTOR), variable("i", U64)
MOST = word(0x7FFFFFFF, 32)
"""INT_MAX: the most pages that pin_user_pages_fast() can be asked for."""


@dataclass(frozen=True)
class Subject:
    """A get or a release of a driver; `maps` says whether its get makes the DMA mapping, too."""

    translation: Translation
    maps: bool

    def __getitem__(self, name: str) -> Term:
        """The value of a parameter at the call."""
        return self.translation.parameters[name]()

    @property
    def buffer(self) -> Term:
        """The record of the buffer."""
        (found,) = (s for s in self.translation.parameters.values() if s.range == BUFFER)
        return found()

    @property
    def result(self) -> Term:
        """What was returned: 0 or an errno."""
        if self.translation.result is None:
            raise ModelError(f"{self.translation.function.name} returns nothing")
        return self.translation.result()

    @property
    def succeeds(self) -> Term:
        """The get says so."""
        return eq(self.result, 0)

    @property
    def mapped(self) -> Term:
        """Whether a device reaches the pages after a get, and before the release."""
        return TRUE if self.maps else is_mapped(self.buffer)

    @property
    def countable(self) -> Term:
        """An int can count the pages."""
        return u_le(self["npages"], MOST)

    def ends(self, *kinds: str) -> frozenset[str]:
        """The return, and where demands of these kinds fail."""
        return (AT_RETURN | {bad(kind) for kind in kinds}) & self.translation.locations


def never(s: Subject, name: str, kind: str) -> Property:
    """No demand of that kind fails."""
    return Property(name, FALSE, at=frozenset({bad(kind)}))


def _balanced(s: Subject) -> Term:
    """Of slot INDEX of ARRAY: pinned if the get succeeds and it is one of the buffer's."""
    asked = u_lt(INDEX, zero_extend(s["npages"], 64))
    wanted = conj(eq(ARRAY, slots(s.buffer)), asked)
    return conj(
        neg(FAILED()),
        implies(neg(s.succeeds), neg(pinned(ARRAY, INDEX))),
        implies(s.succeeds, iff(pinned(ARRAY, INDEX), wanted)),
    )


def pin_1(s: Subject) -> Property:
    """All pages or none."""
    is_slot = u_lt(INDEX, capacity(ARRAY)) & s.countable
    ends = s.ends("leak", "unpin", "bounds")
    return Property("PIN-1", _balanced(s), (ARRAY, INDEX), is_slot, ends)


def pin_1a(s: Subject) -> Property:
    """None after the release."""
    array = slots(s.buffer)
    gone = neg(pinned(array, INDEX)) & neg(FAILED())
    is_slot = u_lt(INDEX, capacity(array))
    return Property("PIN-1a", gone, (INDEX,), is_slot, s.ends("leak", "unpin", "bounds"))


def pin_2(s: Subject) -> Property:
    """Leftovers of a pin that failed are not read."""
    failed = conj(pin_called(), s_lt(pin_result(), word(0, 32)), s.countable)
    unread = neg(slots_read()) & neg(FAILED())
    ends = s.ends("unpin", "bounds", "slot-type")
    return Property("PIN-2", unread, premise=failed, at=ends)


def pin_2a(s: Subject) -> Property:
    """No list of leftovers, however many pages were asked for: it is not so."""
    listing = frozenset(a.source for a in s.translation.actions if a.target == bad("slot-type"))
    pinned_some = s_le(word(0, 32), pin_result())
    return Property("PIN-2a", pinned_some, premise=pin_called(), at=listing)


def _is_raw_at(address: Term) -> Term:
    """Whenever one looks, the address lies in a VM_IO or VM_PFNMAP mapping."""
    at, vma = variable("l", LAYOUT), variable("v", VMA)
    return forall(at, exists(vma, contains(at, vma, address) & is_raw(at, vma)))


def _page(s: Subject, i: Term) -> Term:
    """The address of page `i` of the buffer."""
    return page_address(untagged(s["start"])) + i * word(4096, 64)


def pin_3(s: Subject) -> Property:
    """Raw memory at the start is -EFAULT."""
    premise = conj(_is_raw_at(_page(s, word(0, 64))), neg(eq(s["npages"], 0)), s.countable)
    refused = disj(eq(s.result, errno(EFAULT)), eq(s.result, errno(ENOMEM)))
    return Property("PIN-3", refused, premise=premise, at=AT_RETURN)


def comes_through(s: Subject, prop: Property, head: str) -> tuple[Property, ...]:
    """What is demanded of the result holds of `ret` wherever frame vectors begin a round of their
    walk: so it is if the walk never counts.
    """
    ret = next((r() for r in s.translation.symbols if r.name == "get_vaddr_frames.ret"), None)
    result = s.translation.result
    if ret is None or result is None:
        return ()
    of_ret = substitute(prop.conclusion, {}, {result: Update(result, (), ret)})
    name = f"errno comes through {head}"
    return (Property(name, of_ret, prop.params, prop.premise, frozenset({head})),)


def pin_3a(s: Subject) -> Property:
    """Raw memory anywhere in the range is refused."""
    inside = u_lt(INDEX, zero_extend(s["npages"], 64))
    premise = conj(_is_raw_at(_page(s, INDEX)), inside, s.countable)
    refused = s_lt(s.result, word(0, 32))
    return Property("PIN-3a", refused, (INDEX,), premise, AT_RETURN)


def pin_4(s: Subject) -> Property:
    """The release unmaps first."""
    return never(s, "PIN-4", "dma")


def pin_4a(s: Subject) -> Property:
    """The get gives no page back that it has mapped."""
    return never(s, "PIN-4a", "dma")


def pin_5(s: Subject, name: str = "PIN-5") -> Property:
    """Pins are long-term ones."""
    return Property(name, all_long_term(), premise=pin_called(), at=AT_RETURN)


def pin_6(s: Subject) -> Property:
    """What was pinned is marked dirty."""
    inside = u_lt(INDEX, count(s.buffer))
    return Property("PIN-6", marked_dirty(slots(s.buffer), INDEX), (INDEX,), inside, AT_RETURN)


def pin_7(s: Subject) -> Property:
    """What the release relies on."""
    array = slots(s.buffer)
    premise = conj(s.succeeds, s.countable)
    inside = u_lt(INDEX, zero_extend(s["npages"], 64))
    left = conj(
        eq(npages(s.buffer), s["npages"]),
        eq(capacity(array), count(s.buffer)),
        implies(inside, holds_its_pin(array, INDEX)),
        eq(covered(table(s.buffer)), array),
        iff(reachable(array), s.mapped),
    )
    return Property("PIN-7", left, (INDEX,), premise, AT_RETURN)
