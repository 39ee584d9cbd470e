"""Generated pages are what the sources say; hand-written ones point to what exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from fakes.shell import ROOT
from staleproof.report.errors_page import all_errors

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture
def generate() -> ModuleType:
    """docs/generate.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["docs/errors.md", "docs/commands.md", "README.md"])
def test_generated_pages_are_current(generate: ModuleType, name: str) -> None:
    """If this fails, run `make pages`."""
    assert generate.PAGES[name]() == (ROOT / name).read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    missing = [
        link
        for link in links
        if "://" not in link and not link.startswith("mailto:")
        if not (page.parent / link).exists()
    ]

    assert missing == []


def test_error_codes_are_unique_and_told() -> None:
    """Every error has its own code, a docstring, a reason and a next step."""
    errors = all_errors()

    assert len({e.code for e in errors}) == len(errors)
    for error in errors:
        assert re.fullmatch(r"SP[1-5]\d\d", error.code), error
        assert error.__doc__, error
        assert error.why, error
        assert error.fix, error
        assert len(error.__mro__) > 4, f"{error} subclasses no builtin of its own"


def test_documents_that_errors_point_to_exist() -> None:
    """A `fix` that names a page names one that is there."""
    named = {m for e in all_errors() for m in re.findall(r"docs/[\w-]+\.md", e.fix + e.why)}

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_model_of_the_tutorial_can_be_built() -> None:
    """The Python on the page runs, from top to bottom."""
    text = (ROOT / "docs" / "writing-a-model.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)

    exec(compile("\n".join(blocks), "docs/writing-a-model.md", "exec"), {})
