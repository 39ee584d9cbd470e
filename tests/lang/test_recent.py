"""As many values are kept as are worth it, and the right ones go."""

from __future__ import annotations

from staleproof.lang.recent import Recent


def test_what_nobody_has_asked_for_longest_goes_first() -> None:
    """Asking counts, and so does putting a value again."""
    recent = Recent[str, int](2)
    recent.put("one", 1)
    recent.put("two", 2)
    assert recent.get("one") == 1
    recent.put("three", 3)

    assert recent.get("two") is None
    assert list(recent) == [1, 3]

    recent.put("one", 10)
    assert recent.put("four", 4) == 4
    assert [recent.get(key) for key in ("one", "three", "four")] == [10, None, 4]
