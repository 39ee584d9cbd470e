"""A system without its loops: only where it is shown that no run goes round them."""

from __future__ import annotations

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import World
from staleproof.cfront.translate import RETURN, translate
from staleproof.engine.loopless import loopless
from staleproof.lang.system import System
from staleproof.logic.blocks import loop_heads

LOOP = """
int f(unsigned int n)
{
	int i = 0;

	while (i < LIMIT) {
		i++;
		if (LEAVES)
			break;
	}
	return i;
}
"""


def looping(limit: str, leaves: str = "n") -> System:
    """A loop that goes round as long as the limit and `leaves` let it."""
    text = LOOP.replace("LIMIT", limit).replace("LEAVES", leaves)
    system = translate(load_function(SourceFile("f.c", text), "f"), World()).system(())
    assert loop_heads(system)
    return system


@pytest.mark.parametrize(("limit", "leaves"), [("0", "n"), ("100", "i > n - n"), ("1", "i == 1")])
def test_a_loop_that_no_run_goes_round_is_none(limit: str, leaves: str) -> None:
    """Its head is met once, and that no run comes further is handed on as an obligation."""
    found = loopless(looping(limit, leaves), {RETURN})

    assert found is not None
    assert not loop_heads(found.system)
    (shown,) = found.shown
    assert (shown.answer, len(shown.digest)) == ("unsat", 16)


@pytest.mark.parametrize(("limit", "leaves"), [("1", "n"), ("2", "n"), ("100", "n"), ("n", "0")])
def test_a_loop_that_some_run_goes_round_stays(limit: str, leaves: str) -> None:
    """Once is enough: a system of the same actions has a loop."""
    assert loopless(looping(limit, leaves), {RETURN}) is None


def test_an_end_that_is_not_wanted_must_not_be_reached() -> None:
    """Here a run returns, and no end is wanted at all."""
    assert loopless(looping("0"), ()) is None
