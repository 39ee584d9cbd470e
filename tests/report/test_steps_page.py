"""The tables of steps, on a small model."""

from __future__ import annotations

import pytest

from staleproof.errors import ModelError
from staleproof.lang.kinds import Element
from staleproof.lang.model import Model, action
from staleproof.lang.state import Flag, Relation
from staleproof.report.steps_page import changes_markdown, own_actions, steps_markdown


class Page(Element):
    """A page."""


class Maps(Model):
    """Pages are mapped.

    One PTE is filled
    in one step.
    """

    pte: Relation[Page]
    busy: Flag

    @action(kernel="mm/memory.c: remap_pte_range", holds="ptl")
    def install_pte(s, p: Page) -> None:
        """A PTE is filled | or not."""
        s.pte[p] = True

    @action(kernel="a processor")
    def claim(s) -> None:
        """The page is claimed."""
        s.busy = True


class Later(Maps):
    """The claim comes later."""

    @action(kernel="kernel/resource.c: __request_region", holds="resource_lock w")
    def claim(s) -> None:
        """The page is claimed."""
        s.require(~s.busy)
        s.busy = True


WHY = {"install_pte": "One PTE", "claim": "One store"}


def test_rows_are_what_the_actions_say() -> None:
    """Name, sentence, function and lock come from the model, and the reason from the page."""
    lines = steps_markdown(Maps, WHY).splitlines()

    assert lines[0].startswith("`Maps` (`spec/")
    assert lines[0].endswith("): Pages are mapped.")
    assert lines[2] == "One PTE is filled in one step."
    assert lines[-2:] == [
        "| `install_pte`: A PTE is filled \\| or not. | `mm/memory.c: remap_pte_range` | ptl"
        " | One PTE |",
        "| `claim`: The page is claimed. | a processor | none | One store |",
    ]


def test_a_patch_shows_what_it_replaces() -> None:
    """The actions of what is patched are not told again."""
    assert [a.name for a in own_actions(Later)] == ["claim"]
    assert "`kernel/resource.c: __request_region`" in steps_markdown(Later, WHY)


def test_steps_can_be_picked_and_words_left_out() -> None:
    """A page that tells some steps names them."""
    lines = steps_markdown(Maps, WHY, ["claim"], words=False).splitlines()

    assert len(lines) == 3
    assert lines[-1].startswith("| `claim`")


def test_a_step_needs_a_reason_and_has_to_be_there() -> None:
    """What is missing is named."""
    with pytest.raises(ModelError, match=r"why Maps.claim may be one step"):
        steps_markdown(Maps, {"install_pte": "One PTE"})
    with pytest.raises(ModelError, match="Later has no action install_pte of its own"):
        steps_markdown(Later, WHY, ["install_pte"])


def test_changes_are_told_by_module_and_model() -> None:
    """The first paragraph of each."""
    assert changes_markdown([Later]).splitlines()[-1] == (
        "| `Later` | The tables of steps, on a small model. | The claim comes later. |"
    )
