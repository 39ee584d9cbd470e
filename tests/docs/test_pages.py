"""Generated pages are what the sources say; hand-written ones point to what exists."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from fakes.shell import ROOT
from staleproof.claims import all_claims
from staleproof.lang.model import Model
from staleproof.report.errors_page import all_errors
from staleproof.report.steps_page import own_actions

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = [
    "docs/errors.md",
    "docs/commands.md",
    "docs/contracts.md",
    "README.md",
    "proofs/evidence/index.jsonl",
]
KERNEL = sorted((ROOT / "docs" / "kernel").glob("*.md"))
TABLES = [page for page in KERNEL if "<!-- steps " in page.read_text()]
PACKAGES = [
    "staleproof.kernel.device_memory",
    "staleproof.series",
    "staleproof.history.device_memory",
    "staleproof.kernel.page_users",
    "staleproof.history.page_users",
]


@pytest.fixture
def generate() -> ModuleType:
    """docs/generate.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", [*GENERATED, *(str(p.relative_to(ROOT)) for p in TABLES)])
def test_generated_pages_are_current(generate: ModuleType, name: str) -> None:
    """If this fails, run `make pages`."""
    assert generate.PAGES[name]() == (ROOT / name).read_text()


def test_the_readme_explains_every_name() -> None:
    """The table of claims uses no version, and no family of properties, that is not explained."""
    text = (ROOT / "README.md").read_text().split("## The claims")[1].split("<!-- claims -->")[0]
    tables = [part.split("\n\n")[0] for part in text.split("|---|---|\n")[1:]]
    versions, families = (
        [name.strip("` ") for row in table.splitlines() for name in row.split("|")[1].split(",")]
        for table in tables
    )

    claims = all_claims()
    assert sorted(versions) == sorted({re.sub(r"/\d+", "/NN", c.version) for c in claims})
    assert sorted(families) == sorted({c.property.partition("-")[0] for c in claims})


def steps_of_models() -> list[str]:
    """Every action that a model of the kernel or a patch of it brings, as ``Model.action``."""
    models = {
        value
        for package in map(importlib.import_module, PACKAGES)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not found.name.endswith(".wrong")
        for value in vars(importlib.import_module(found.name)).values()
        if isinstance(value, type) and issubclass(value, Model) and value is not Model
        if not value.__module__.endswith(".wrong")
    }
    return sorted(f"{m.__name__}.{a.name}" for m in models for a in own_actions(m))


def test_every_step_is_told_once() -> None:
    """An action that a model gains has to be put on a page."""
    told = []
    for page in TABLES:
        for words in re.findall(r"<!-- steps ([^\n]*) -->", page.read_text()):
            target, *names = words.split()
            model = pkgutil.resolve_name(target)
            wanted = [n for n in names if n != "only"] or [a.name for a in own_actions(model)]
            told += [f"{model.__name__}.{name}" for name in wanted]

    assert sorted(told) == steps_of_models()


def test_reasons_are_those_of_steps_that_there_are() -> None:
    """docs/kernel/steps.toml has a line for each action, and no others."""
    reasons = tomllib.loads((ROOT / "docs" / "kernel" / "steps.toml").read_text())
    given = sorted(f"{model}.{name}" for model, steps in reasons.items() for name in steps)

    assert given == steps_of_models()


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
