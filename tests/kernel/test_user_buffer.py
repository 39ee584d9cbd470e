"""The PIN rows, their claims, their killers, and the contracts that they rest on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import ArrayPointer
from staleproof.cfront.translate import translate
from staleproof.claims import Claim, all_claims
from staleproof.engine.question import Question
from staleproof.engine.search import Found, Limits, search
from staleproof.errors import UnsupportedCError
from staleproof.kernel.frame_vector.vector import REGION, null_vector
from staleproof.kernel.user_buffer.buffer import STRUCT, null_buffer, slots
from staleproof.kernel.user_buffer.rows import ROWS
from staleproof.kernel.user_buffer.statements import STATEMENTS
from staleproof.kernel.user_buffer.world import DRIVERS
from staleproof.lang.system import Property
from staleproof.lang.terms import FALSE, word
from staleproof.logic.scope import Scope
from staleproof.verdict import Word

NAMES = {row.name for row in ROWS}
CLAIMS = [c for c in all_claims() if c.property in NAMES]
SMALL = Limits(scopes=(Scope({}, 2),))
CALLS = ("kvmalloc_array", "kzalloc", "pin_user_pages_fast", "sg_alloc_table", "dma_map_sgtable")


def test_each_row_is_stated_and_claimed() -> None:
    """A row without a sentence, or of which nothing is claimed, says nothing."""
    assert {c.property for c in CLAIMS} == NAMES == STATEMENTS.keys()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_that_is_proved_has_killers_and_no_other_has(claim: Claim) -> None:
    """Some killer fits the text of its version, and each that does changes the system."""
    question: Question = claim.build()

    assert bool(question.killers) is (claim.expected is Word.PROVED)
    for killer in question.killers:
        system, _ = killer.build()
        assert system.digest != question.system.digest


def test_each_getter_of_the_series_has_its_killer() -> None:
    """PIN-5 at v4 is a claim for each getter, and the killer is the flag that its pin lacks."""
    claims = [c for c in CLAIMS if c.property.startswith("PIN-5") and c.version == "v4"]

    assert [(c.name, [k.name for k in c.build().killers]) for c in claims] == [
        ("PIN-5e@v4", ["short-term pin of exynos"]),
        ("PIN-5h@v4", ["short-term pin of habanalabs"]),
        ("PIN-5v@v4", ["short-term pin of frame vectors"]),
    ]


def test_each_outcome_of_a_contract_can_happen() -> None:
    """Every way for a call to end leads on, taken as the only one."""
    (claim,) = (c for c in CLAIMS if c.name == "PIN-1@v4/02")
    system = claim.build().system
    ways = [
        a
        for a in system.actions
        if not a.target.startswith("bad:") and any(call in a.name for call in CALLS)
    ]

    assert len(ways) > len(CALLS)
    for way in ways:
        others = tuple(a for a in system.actions if a is way or a.source != way.source)
        reached = Property("reached", FALSE, at=frozenset({way.target}))
        assert isinstance(
            search(replace(system, actions=others, safety=()), reached, SMALL), Found
        ), way.name


def stored(statement: str) -> tuple[set[str], set[str]]:
    """What a function with that statement changes, and what it demands."""
    text = (
        "struct hl_userptr { struct page **pages; };\n"
        "void f(struct hl_userptr *buf)\n{\n"
        "\tstruct page **pages = kvmalloc_array(2, sizeof(*pages), GFP_KERNEL);\n\n"
        f"\tif (pages)\n\t\t{statement}\n}}\n"
    )
    found = translate(load_function(SourceFile("own.c", text), "f"), DRIVERS)
    return {u.symbol.name for a in found.actions for u in a.updates}, set(found.kinds)


def test_a_field_keeps_the_array_that_it_is_given() -> None:
    """Not the pointer's word alone; and it must be the begin of the array."""
    changed, demanded = stored("buf->pages = pages;")

    assert slots.name in changed
    assert {"null", "bounds"} <= demanded


def test_a_field_that_is_not_modelled_is_refused() -> None:
    """An array can be kept in `pages` alone."""
    array = ArrayPointer(REGION, null_vector(), word(0, 64))

    assert STRUCT.point is not None
    with pytest.raises(UnsupportedCError, match="vec"):
        STRUCT.point("vec", null_buffer(), array)


def test_a_release_rests_on_what_a_get_is_shown_to_leave() -> None:
    """BUF-TAKEN names the row that shows it, and PIN-7 is proved wherever a release is asked."""
    released = [c for c in CLAIMS if c.property == "PIN-1a"]

    for claim in released:
        assumed = {a.name: a.sentence for a in claim.build().system.assumptions}
        assert "PIN-7" in assumed["BUF-TAKEN"]
        (shown,) = (c for c in CLAIMS if c.name == f"PIN-7@{claim.version}")
        assert shown.expected is Word.PROVED
