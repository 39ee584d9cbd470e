"""Two functions compared: it agrees with running both, on every small input."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from staleproof.cfront import SourceFile
from staleproof.kernel.equivalence.comparison import compare
from staleproof.verdict import Word

BODIES = {
    "a ^ b": lambda a, b: a ^ b,
    "(a | b) - (a & b)": lambda a, b: (a | b) - (a & b),
    "a + b - 2 * (a & b)": lambda a, b: a + b - 2 * (a & b),
    "a | b": lambda a, b: a | b,
    "(a & ~b) + (b & ~a)": lambda a, b: (a & ~b) + (b & ~a),
    "a < b ? b - a : a - b": lambda a, b: b - a if a < b else a - b,
}


@pytest.mark.parametrize(("first", "second"), [*combinations(BODIES, 2)])
def test_it_agrees_with_running_both(first: str, second: str) -> None:
    """Two expressions are proved equal exactly if no pair of four-bit numbers tells them apart."""
    texts = tuple(
        SourceFile(name, f"int f(int a, int b) {{ return {body}; }}")
        for name, body in (("a.c", first), ("b.c", second))
    )
    result = compare((texts[0], texts[1]), "f", "0 <= a && a < 16 && 0 <= b && b < 16")
    same = all(BODIES[first](a, b) == BODIES[second](a, b) for a, b in product(range(16), repeat=2))

    assert (result.verdict.word is Word.PROVED) == same
    assert same or result.verdict.word is Word.REFUTED


def test_functions_that_return_objects_are_told_apart() -> None:
    """An object has no value to name a class by."""
    text = "struct frame_vector *f(struct frame_vector *vec, int a) {{ return {}; }}"
    first, second = (
        SourceFile(name, text.format(body)) for name, body in (("a.c", "vec"), ("b.c", "NULL"))
    )

    assert compare((first, first), "f").verdict.word is Word.PROVED
    assert compare((first, second), "f").verdict.word is Word.REFUTED
