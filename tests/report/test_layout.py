"""Plain text is laid out as the standard library lays it out."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from staleproof.report.layout import wrapped

TEXTS = st.text(alphabet="ab-(. ", max_size=200)
INDENTS = st.integers(0, 8).map(lambda n: " " * n)


@given(TEXTS, st.integers(10, 60), INDENTS, INDENTS)
def test_words_are_wrapped_as_textwrap_does(text: str, width: int, first: str, rest: str) -> None:
    """Where no word has to be broken it is done without textwrap; the lines are the same."""
    lines = textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    assert wrapped(text, width, first, rest) == (lines or [first.rstrip()])
