"""Every JSON document is as docs/schema/ says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from fakes.shell import ROOT, Shell
from fakes.traces import trace
from staleproof.trace.itf import to_itf

SCHEMAS = sorted((ROOT / "docs" / "schema").glob("*.schema.json"))


def require_valid(document: Any, name: str) -> None:
    """Fail unless the document is as the schema of that name says."""
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS}
    known = Registry().with_resources((n, Resource.from_contents(s)) for n, s in schemas.items())
    validator = Draft202012Validator(schemas[f"{name}.schema.json"], registry=known)
    problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(document)]

    assert problems == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_the_schemas_are_schemas(path: Any) -> None:
    """Each file of docs/schema/ is valid JSON Schema."""
    Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_list_before_and_after_a_proof(shell: Shell) -> None:
    """A claim without a verdict has null, one with a verdict its word."""
    before = json.loads(shell.run("list", "--json").stdout)
    shell.run("prove")
    after = json.loads(shell.run("list", "--json").stdout)

    require_valid(before, "list")
    require_valid(after, "list")
    assert {c["verdict"] for c in before["claims"]} == {None}
    assert [c["verdict"] for c in after["claims"]] == ["PROVED", "PROVED", "REFUTED"]
    assert after["assumption_sentences"]["LP64"].startswith("Pointers")


@pytest.mark.parametrize("fake", ["good", "bad"])
def test_prove(shell: Shell, fake: str) -> None:
    """Good and broken results alike."""
    document = json.loads(shell.run("prove", "--json", fake=fake).stdout)

    require_valid(document, "prove")


def test_check(shell: Shell) -> None:
    """The results for a C function, with the trace in full."""
    (shell.folder / "f.c").write_text("int f(void) { return 0; }\n")

    document = json.loads(shell.run("check", "f.c", "--function", "f", "--json").stdout)

    require_valid(document, "check")
    assert (document["file"], document["function"]) == ("f.c", "f")
    assert document["properties"][0]["trace"] is None
    require_valid(document["properties"][1]["trace"], "trace")


def test_trace(shell: Shell) -> None:
    """ITF, from the command and for an endless run."""
    require_valid(json.loads(shell.run("trace", "FAKE-2@v4", "--format", "itf").stdout), "trace")
    require_valid(to_itf(trace(loops_to=1)), "trace")


def test_evidence(shell: Shell) -> None:
    """Recorded evidence."""
    folder = shell.folder / "evidence"
    folder.mkdir()
    shell.run("prove", "--record", STALEPROOF_EVIDENCE=str(folder))

    for path in folder.glob("*.json"):
        require_valid(json.loads(path.read_text()), "evidence")
