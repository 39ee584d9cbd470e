"""The transcripts in tests/transcripts/ are what the commands really print.

``STALEPROOF_REWRITE=1 pytest tests/cli/test_transcripts.py`` writes them anew.
"""

from __future__ import annotations

import os

import pytest

from fakes.shell import ROOT, Shell
from fakes.transcript import Section, rewritten, sections

FILES = sorted((ROOT / "tests" / "transcripts").glob("*.md"))
SECTIONS = [s for path in FILES for s in sections(path)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: f"{s.path.stem}: {s.title}")
def test_the_commands_print_what_the_transcript_says(section: Section, shell: Shell) -> None:
    """Output, messages and exit code are those on the page."""
    printed = section.printed(shell)
    if os.environ.get("STALEPROOF_REWRITE"):
        rewritten(section, printed)
        return

    assert printed == section.expected


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_section_is_run(path: object) -> None:
    """No section is overlooked because of its form."""
    assert sum(s.path == path for s in SECTIONS) == sum(
        line.startswith("## ")
        for line in path.read_text().splitlines()  # type: ignore[attr-defined]
    )
