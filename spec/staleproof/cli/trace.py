"""``staleproof trace``: the counterexample of a refuted claim."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from staleproof.claims import Claim
from staleproof.cli.deciding import verdicts
from staleproof.cli.naming import claim_named
from staleproof.cli.progress import progress
from staleproof.cli.terminal import paint_for, show
from staleproof.errors import NoTraceError
from staleproof.report.claim_text import mail, trace_report
from staleproof.verdict import ClaimResult, Word, exit_code


@click.command("trace")
@click.argument("claim", metavar="CLAIM")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mail", "itf", "json"]),
    default="text",
    show_default=True,
    help="mail is plain ASCII in 72 columns, itf the trace format of Apalache, json the record of "
    "the verdict with that trace.",
)
@click.option("--no-cache", is_flag=True, help="Search again for what was found before.")
def command(claim: str, form: str, no_cache: bool) -> int:
    """Show the counterexample of CLAIM, step by step.

    Each step says where it is in the kernel and what it changed. The run was
    replayed without a solver before it is shown.
    """
    statement = claim_named(claim)
    with progress(1, detailed=True) as telling:
        (result,) = verdicts([statement], jobs=1, use_cache=not no_cache, progress=telling)
    if result.trace is None:
        if result.verdict.word in (Word.BROKEN, Word.UNDECIDED):
            show([f"{claim} is {result.verdict}"])
            return exit_code([(result.expected, result.verdict.word)])
        raise NoTraceError(
            f"{claim} is {result.verdict}, so there is no counterexample",
            fix=f"see the verdict with: staleproof explain {claim}",
        )
    show(_lines(statement, result, form))
    return exit_code([(result.expected, result.verdict.word)])


def _lines(statement: Claim, result: ClaimResult, form: str) -> Iterable[str]:
    if form == "itf":
        return [json.dumps(result.trace, indent=1)]
    if form == "json":
        return [json.dumps(result.to_json(), indent=1)]
    if form == "mail":
        return mail(statement, result)
    return trace_report(statement, result, paint_for(sys.stdout))
