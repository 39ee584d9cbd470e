"""The JSON that ``explain --json`` prints, of a claim or of an error."""

from __future__ import annotations

from typing import Any

from staleproof import __version__
from staleproof.errors import StaleproofError
from staleproof.report.claim_text import Logic
from staleproof.report.claims_table import Statement
from staleproof.report.errors_page import meaning
from staleproof.report.json_documents import decided, sentences
from staleproof.verdict import ClaimResult


def claim_document(statement: Statement, logic: Logic, last: ClaimResult | None) -> dict[str, Any]:
    """What a claim says, in kernel words and in logic, with its last verdict."""
    results = () if last is None else (last,)
    return {
        "staleproof": __version__,
        "claim": {
            "claim": statement.name,
            "property": statement.property,
            "version": statement.version,
            "sentence": statement.sentence,
            "expected": statement.expected.name,
            "because": statement.because,
            "table": statement.table,
            "logic": {
                "formula": logic.formula,
                "system": logic.system,
                "assumptions": [name for name, _ in logic.assumptions],
            },
            "last": None if last is None else decided(last),
            "assumption_sentences": {**dict(logic.assumptions), **sentences(results)},
        },
    }


def error_document(error: type[StaleproofError]) -> dict[str, Any]:
    """What an error says, and what to do about it."""
    return {
        "staleproof": __version__,
        "error": {
            "code": error.code,
            "name": error.__name__,
            "meaning": meaning(error),
            "why": error.why,
            "fix": error.fix,
        },
    }
