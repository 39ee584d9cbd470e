"""Addresses: tags are taken off as the hardware ignores them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oracles.effort import examples
from staleproof.kernel.address_space import tagged_addresses, untagged
from staleproof.lang.evaluate import Interpretation, Table, evaluate
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import variable

ADDRESS = variable("address", BitVec(64))
TOP_BYTE = 0xFF << 56


def taken_off(address: int, tagged: bool) -> int:
    """What untagged_addr() makes of an address."""
    here = Interpretation({tagged_addresses: Table({}, tagged)}, {})
    value = evaluate(untagged(ADDRESS), here, {ADDRESS: address})
    assert isinstance(value, int)
    return value


@examples(200)
@given(st.integers(0, (1 << 64) - 1))
def test_bit_55_is_what_counts(address: int) -> None:
    """With tags, the top byte becomes copies of bit 55; without, an address is left alone."""
    plain = address & ~TOP_BYTE
    expected = plain | TOP_BYTE if address >> 55 & 1 else plain

    assert taken_off(address, tagged=True) == expected
    assert taken_off(address, tagged=False) == address


def test_there_is_nothing_to_take_off_twice() -> None:
    """What has no tag stays the very same term, so nothing is asked about it."""
    once = untagged(ADDRESS)

    assert untagged(once) is once
