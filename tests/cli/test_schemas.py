"""Every JSON document is as docs/schema/ says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fakes.shell import ROOT, Shell
from fakes.traces import trace
from staleproof.trace.itf import to_itf

SCHEMAS = sorted((ROOT / "docs" / "schema").glob("*.schema.json"))


def require_valid(document: Any, name: str) -> None:
    """Fail unless the document is as the schema of that name says, which needs no other file."""
    (path,) = (path for path in SCHEMAS if path.name == f"{name}.schema.json")
    validator = Draft202012Validator(json.loads(path.read_text()))
    problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(document)]

    assert problems == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_the_schemas_are_schemas(path: Path) -> None:
    """Each file of docs/schema/ is valid JSON Schema, under a name of its own."""
    schema = json.loads(path.read_text())

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:staleproof:schema:{path.name.removesuffix('.schema.json')}"


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_a_schema_needs_no_other_file(path: Path) -> None:
    """Whatever it refers to is among its own definitions."""
    schema = json.loads(path.read_text())
    meant = {f"#/$defs/{name}" for name in schema.get("$defs", {})}

    assert set(references(schema)) == meant


def references(schema: Any) -> Iterator[str]:
    """Whatever a schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
        schema = list(schema.values())
    for part in schema if isinstance(schema, list) else ():
        yield from references(part)


def test_what_several_schemas_define_is_the_same() -> None:
    """A definition that is written more than once says the same everywhere, but for times, which
    evidence leaves out.
    """
    found: dict[str, Any] = {}
    for path in SCHEMAS:
        if path.name != "evidence.schema.json":
            for name, definition in json.loads(path.read_text()).get("$defs", {}).items():
                assert found.setdefault(name, definition) == definition, (path.name, name)


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


def test_trace_as_json(shell: Shell) -> None:
    """The record of the claim, whose trace is ITF."""
    document = json.loads(shell.run("trace", "FAKE-2@v4", "--format", "json").stdout)

    require_valid(document, "trace-json")
    require_valid(document["trace"], "trace")


def test_explain(shell: Shell) -> None:
    """A claim before and after it was decided, and an error."""
    before = json.loads(shell.run("explain", "FAKE-1@v4", "--json").stdout)
    shell.run("prove")
    after = json.loads(shell.run("explain", "FAKE-1@v4", "--json").stdout)
    error = json.loads(shell.run("explain", "sp401", "--json").stdout)

    for document in (before, after, error):
        require_valid(document, "explain")
    assert before["claim"]["last"] is None
    assert after["claim"]["last"]["verdict"] == "PROVED"
    assert after["claim"]["logic"]["assumptions"] == ["LP64"]
    assert after["claim"]["assumption_sentences"]["LP64"].startswith("Pointers")
    assert error["error"]["name"] == "UnknownClaimError"


def test_a_claim_of_the_real_ones_is_explained(shell: Shell) -> None:
    """With what its evidence says."""
    done = shell.run("explain", "GVF-2@v4", "--json", fake=None)
    claim = json.loads(done.stdout)["claim"]

    require_valid(json.loads(done.stdout), "explain")
    assert "get_vaddr_frames" in claim["logic"]["system"]
    assert claim["last"]["verdict"] == "REFUTED"


def test_evidence(shell: Shell) -> None:
    """Recorded evidence."""
    folder = shell.folder / "evidence"
    folder.mkdir()
    shell.run("prove", "--record", STALEPROOF_EVIDENCE=str(folder))

    for path in folder.glob("*.json"):
        require_valid(json.loads(path.read_text()), "evidence")
