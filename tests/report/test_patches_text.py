"""What each patch is needed for, said of made-up properties."""

from __future__ import annotations

from staleproof.report.patches_text import every_patch, harms, needed_for, summaries
from staleproof.verdict import Broken, PatchNeeds, Undone

PURPOSES = {1: "the first", 2: "the second", 3: "the third"}


def needs(name: str, *minimal: tuple[int, ...], of: str = "", **others: object) -> PatchNeeds:
    """A property that holds with these sets of patches and with no fewer."""
    fields: dict[str, object] = {
        "patches": (1, 2, 3),
        "broken": (),
        "silent": (),
        "breaks": (),
        "words": (((), "REFUTED"),),
        "subsets": 8,
        "systems": 3,
        "not_asked": 0,
        "undecided": 0,
        "without": (),
        **others,
    }
    return PatchNeeds(property=name, of=of, minimal=minimal, **fields)  # type: ignore[arg-type]


def said(*all_needs: PatchNeeds) -> list[str]:
    """For what each patch is needed."""
    return [needed_for(summary) for summary in summaries(PURPOSES, all_needs)]


def test_a_patch_that_no_minimal_set_has() -> None:
    """It is needed for nothing, whatever else is claimed."""
    assert said(needs("A-1", (1,)), needs("A-2", ())) == [
        "Needed for A-1.",
        "Needed for nothing that is claimed.",
        "Needed for nothing that is claimed.",
    ]


def test_patches_that_are_needed_together_and_instead_of_each_other() -> None:
    """The others of a set are named, and the other ways."""
    one, two, three = said(needs("A-1", (1, 2)), needs("A-2", (2,), (1, 3)), needs("A-10", (1, 2)))

    assert one == "Needed with 02 for A-1, A-10; as one of 2 ways (02, or 01 and 03) for A-2."
    assert two == "Needed with 01 for A-1, A-10; as one of 2 ways (02, or 01 and 03) for A-2."
    assert three == "Needed as one of 2 ways (02, or 01 and 03) for A-2."


def test_what_comes_with_a_patch() -> None:
    """A property that is not asked without the patch is no reason for it."""
    undone = Undone(1, "the first", (2,), "", "", ())
    first, *_ = said(needs("A-1", (1,), without=(undone,)), needs("A-2", (1, 3)))

    assert first == "Needed with 03 for A-2. What these speak of comes with it: A-1."


def test_whose_property_it_is() -> None:
    """Properties of one driver are named together."""
    first, *_ = said(needs("A-2", (1,), of="x"), needs("A-1", (1,), of="x"), needs("B-1", (1,)))

    assert first == "Needed for B-1, A-1, A-2 of x."


def test_what_a_patch_breaks() -> None:
    """Until which other patch, or to the end of the series."""
    found = summaries(
        PURPOSES,
        [
            needs("A-1", (), breaks=(Broken(2, 3),)),
            needs("A-2", (), breaks=(Broken(2, None),)),
            needs("A-3", (), silent=((3,),)),
        ],
    )

    assert [list(harms(summary)) for summary in found] == [
        [],
        ["Breaks A-1 until 03; A-2."],
        ["Leaves nothing that A-3 could be about."],
    ]


def test_what_a_patch_would_break_elsewhere() -> None:
    """With 03 alone the property is there; 01, which comes first in the series, takes it away."""
    words = (((), "REFUTED"), ((1,), "REFUTED"), ((3,), "PROVED"), ((1, 3), "REFUTED"))
    first, *_ = summaries(PURPOSES, [needs("A-1", (3,), words=words)])

    assert list(harms(first)) == ["After other subsets it would break A-1."]


def test_what_is_not_decided_is_said() -> None:
    """An unknown verdict makes no patch needless in silence."""
    text = "\n".join(every_patch(PURPOSES, [needs("A-1", (1,), undecided=1)]))

    assert "With some subset came out neither way: A-1." in text


def test_a_record_is_read_back() -> None:
    """As it was written."""
    one = needs("A-1", (1, 2), (3,), breaks=(Broken(2, None),), silent=((3,),))

    assert PatchNeeds.from_json(one.to_json()) == one
