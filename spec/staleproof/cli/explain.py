"""``staleproof explain``: what a claim or an error code says."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import click

from staleproof.cache import Cache
from staleproof.claims import Claim
from staleproof.cli.kept import last_verdict, warn
from staleproof.cli.naming import claim_named
from staleproof.cli.terminal import paint_for, show
from staleproof.errors import StaleproofError, UnknownErrorCodeError
from staleproof.lang.showing import show_once
from staleproof.lang.system import Property
from staleproof.lang.terms import FALSE, TRUE
from staleproof.report.claim_text import Logic, explanation
from staleproof.report.errors_page import all_errors, error_text
from staleproof.report.explain_documents import claim_document, error_document

ERROR_CODE = re.compile(r"SP\d+", re.IGNORECASE)


@click.command("explain", short_help="Explain a claim, or an error by its code.")
@click.argument("name", metavar="CLAIM|ERROR-CODE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(name: str, as_json: bool) -> int:
    """Explain a claim in kernel words and in logic, or an error by its code."""
    paint = paint_for(sys.stdout)
    if ERROR_CODE.fullmatch(name):
        error = _error_of(name.upper())
        show([_json(error_document(error))] if as_json else error_text(error, paint))
        return 0
    claim = claim_named(name)
    cache = Cache()
    last = last_verdict(claim.name, cache)
    warn(cache)
    logic = logic_of(claim)
    if as_json:
        show([_json(claim_document(claim, logic, last))])
    else:
        show(explanation(claim, logic, last, paint))
    return 0


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2)


def _error_of(code: str) -> type[StaleproofError]:
    """The error of that code. Raises UnknownErrorCodeError if there is none."""
    for error in all_errors():
        if error.code == code:
            return error
    raise UnknownErrorCodeError(f"there is no error {code}")


def logic_of(claim: Claim) -> Logic:
    """The claim as the engines see it."""
    question: Any = claim.build()
    system = question.system
    return Logic(
        formula=_statement(question.prop),
        system=f"{system.name} ({system.digest})",
        assumptions=tuple((a.name, a.sentence) for a in system.assumptions),
    )


def _statement(prop: Property) -> str:
    """The property on one line: for what, where, and the formula."""
    places = "" if prop.at is None else ", ".join(sorted(prop.at))
    if prop.conclusion is FALSE and prop.premise is TRUE and places:
        return f"control never gets to {places}"
    every = "".join(f"for every {p.name} of {p.sort.name}, " for p in prop.params)
    where = f"whenever control is at {places}, " if places else ""
    return f"{every}{where}{show_once(prop.formula)}"
