"""The Python on the pages runs, and prints what the pages say."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from fakes.shell import ROOT

PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if "```python\n" in page.read_text()]
FENCE = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_print_what_they_say(page: Path) -> None:
    """Each block runs after those above it; a block of text is what the one before it printed."""
    names: dict[str, object] = {}
    printed = io.StringIO()
    for kind, body in FENCE.findall(page.read_text()):
        if kind == "text":
            assert printed.getvalue() == body
            printed = io.StringIO()
            continue
        assert printed.getvalue() == "", "a block above printed something that the page leaves out"
        with contextlib.redirect_stdout(printed):
            exec(compile(body, str(page), "exec"), names)


def test_the_tutorial_is_among_them() -> None:
    """At least the page on models has Python on it."""
    assert "writing-a-model.md" in [page.name for page in PAGES]
