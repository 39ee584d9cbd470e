"""Fake claims: the property names say how `fakes.engine` decides them."""

from __future__ import annotations

from staleproof.claims import Claim
from staleproof.verdict import Word


def claim(name: str, expected: Word, sentence: str) -> Claim:
    """A claim whose `property@version` is `name`."""
    prop, version = name.split("@")
    return Claim(
        property=prop,
        version=version,
        expected=expected,
        sentence=sentence,
        because=f"The engine was told so.\n\nThat is why {name} comes out as it does.",
        question="fakes.engine:question",
        table="expected from the start",
    )


GOOD = (
    claim("FAKE-1@legacy", Word.PROVED, "Every fake stays what it is."),
    claim("FAKE-1@v4", Word.PROVED, "Every fake stays what it is."),
    claim("FAKE-2@v4", Word.REFUTED, "A failed pin is never followed by a mapped page."),
)
DIFFERS = (claim("DIFFERS-1@v4", Word.REFUTED, "This one is proved, against expectation."),)
UNDECIDED = (claim("UNDECIDED-1@v4", Word.PROVED, "Nobody knows."),)
RAISES = (claim("RAISES-1@v4", Word.PROVED, "The engine raises an exception."),)
DIES = (claim("DIES-1@v4", Word.PROVED, "The engine's process dies."),)
SLOW = (claim("SLOW-1@v4", Word.REFUTED, "The engine does not come to an end."),)

SETS = {
    "good": GOOD,
    "differs": (*GOOD, *DIFFERS),
    "undecided": (*GOOD, *UNDECIDED),
    "bad": (*DIES, *GOOD, *RAISES, *UNDECIDED),
    "slow": (*GOOD, *SLOW),
}
