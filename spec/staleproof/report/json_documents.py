"""The JSON that `--json` prints; docs/schema/ describes it and tests hold it to that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from staleproof import __version__
from staleproof.report.claims_table import Statement
from staleproof.report.patches_text import PatchSummary, summaries
from staleproof.verdict import ClaimResult, Comparison, ConfigNeeds, PatchNeeds, Summary


def list_document(claims: Iterable[tuple[Statement, Summary | None]]) -> dict[str, Any]:
    """The document of ``list --json``."""
    pairs = list(claims)
    return {
        "staleproof": __version__,
        "claims": [_listed(statement, last) for statement, last in pairs],
        "assumption_sentences": sentences(last for _, last in pairs if last is not None),
    }


def _listed(statement: Statement, last: Summary | None) -> dict[str, Any]:
    return {
        "claim": statement.name,
        "property": statement.property,
        "version": statement.version,
        "sentence": statement.sentence,
        "expected": statement.expected.name,
        "verdict": None if last is None else last.verdict.word.name,
        "detail": None if last is None else last.verdict.detail,
        "seconds": None if last is None else last.seconds,
        "assumptions": [] if last is None else [name for name, _ in last.assumptions],
        "killers": [] if last is None else last.to_json()["killers"],
    }


def prove_document(results: Sequence[ClaimResult], exit_code: int) -> dict[str, Any]:
    """The document of ``prove --json``. Traces stay out of it: `trace` prints them."""
    return {
        "staleproof": __version__,
        "claims": [decided(r) for r in results],
        "assumption_sentences": sentences(results),
        "exit_code": exit_code,
    }


def matrix_document(
    properties: Sequence[str],
    versions: Sequence[str],
    results: Mapping[tuple[str, str], ClaimResult],
    needs: Sequence[tuple[PatchNeeds, ConfigNeeds | None]],
    exit_code: int,
) -> dict[str, Any]:
    """The document of ``matrix --json``."""
    return {
        "staleproof": __version__,
        "versions": list(versions),
        "properties": [
            {
                "property": name,
                "verdicts": {
                    v: results[name, v].verdict.word.name for v in versions if (name, v) in results
                },
            }
            for name in properties
        ],
        "needs": [
            {"patches": patches.to_json(), "configuration": config and _configuration(config)}
            for patches, config in needs
        ],
        "exit_code": exit_code,
    }


def _configuration(needs: ConfigNeeds) -> dict[str, Any]:
    document = asdict(needs)
    document["words"] = [{"options": o, "verdict": w} for o, w in needs.words]
    document["undecided"] = needs.undecided
    return document


def patches_document(
    purposes: Mapping[int, str], needs: Sequence[PatchNeeds], exit_code: int
) -> dict[str, Any]:
    """The document of ``matrix --patches --json``."""
    return {
        "staleproof": __version__,
        "patches": [_patch(summary) for summary in summaries(purposes, needs)],
        "properties": [one.to_json() for one in needs],
        "exit_code": exit_code,
    }


def _patch(summary: PatchSummary) -> dict[str, Any]:
    return {
        "patch": summary.patch,
        "purpose": summary.purpose,
        "needed_for": [
            {"property": one.name, "minimal": [list(chosen) for chosen in sets]}
            for sets, found in summary.needed
            for one in found
        ],
        "brings": [one.name for one in summary.brings],
        "breaks": [{"property": one.name, "until": until} for one, until in summary.breaks],
        "would_break": [one.name for one in summary.would_break],
        "silences": [one.name for one in summary.silences],
    }


def decided(result: ClaimResult) -> dict[str, Any]:
    """A decided claim; of its trace only the length."""
    document = result.to_json()
    trace = document.pop("trace")
    document["assumptions"] = [name for name, _ in result.assumptions]
    document["as_expected"] = result.as_expected
    document["steps"] = None if trace is None else len(trace["states"]) - 1
    return document


def check_document(
    file: str,
    function: str,
    results: Sequence[ClaimResult],
    said: Mapping[str, str],
    exit_code: int,
) -> dict[str, Any]:
    """The document of ``check --json``, traces included."""
    said_of_them = sentences(results)
    return {
        "staleproof": __version__,
        "file": file,
        "function": function,
        "properties": [_checked(r, said.get(r.property, "")) for r in results],
        "assumptions": sorted(said_of_them),
        "assumption_sentences": said_of_them,
        "exit_code": exit_code,
    }


def _checked(result: ClaimResult, sentence: str) -> dict[str, Any]:
    document = result.to_json()
    document["sentence"] = sentence
    document["assumptions"] = [name for name, _ in result.assumptions]
    del document["claim"], document["version"]
    return document


def diff_document(result: Comparison, exit_code: int) -> dict[str, Any]:
    """The document of ``diff --json``, traces included."""
    return {
        "staleproof": __version__,
        "first": result.first,
        "second": result.second,
        "function": result.function,
        "condition": result.condition,
        "verdict": result.verdict.word.name,
        "detail": result.verdict.detail,
        "others": {"verdict": result.rest.word.name, "detail": result.rest.detail},
        "differences": [asdict(d) for d in result.differences],
        "unsettled": [asdict(u) for u in result.unsettled],
        "notes": list(result.notes),
        "assumptions": [name for name, _ in result.assumptions],
        "assumption_sentences": dict(sorted(result.assumptions)),
        "seconds": result.seconds,
        "exit_code": exit_code,
    }


def sentences(results: Iterable[ClaimResult | Summary]) -> dict[str, str]:
    """What the assumptions say that some of these rest on, by their ids."""
    return dict(sorted({n: s for r in results for n, s in r.assumptions}.items()))
