"""``staleproof prove``: decide claims and say how each came out."""

from __future__ import annotations

import json
import os
import sys

import click

from staleproof.cli.deciding import verdicts
from staleproof.cli.naming import claims_for
from staleproof.cli.progress import progress
from staleproof.cli.terminal import paint_for, say, show
from staleproof.errors import NoEvidenceFolderError
from staleproof.evidence import find_folder, record
from staleproof.report.claims_table import footing, heading, row
from staleproof.report.json_documents import prove_document
from staleproof.report.layout import count
from staleproof.verdict import ClaimResult, Word, exit_code


@click.command("prove")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="How many claims to decide at once (default: one per core).",
)
@click.option("--no-cache", is_flag=True, help="Decide again what was decided before.")
@click.option("--record", "recording", is_flag=True, help="Write proofs/evidence/.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    patterns: tuple[str, ...], jobs: int | None, no_cache: bool, recording: bool, as_json: bool
) -> int:
    """Prove or refute the claims, and print a table of verdicts.

    Without PATTERN all claims are decided. Verdicts are kept, and given again
    as long as neither the sources nor the solver change.

    \b
    Exit codes: 0 all as expected, 1 one differs, 2 bad usage,
    3 something UNDECIDED and nothing worse, 4 BROKEN.
    """
    claims = claims_for(patterns)
    if recording and find_folder() is None:
        raise NoEvidenceFolderError("there is no folder proofs/evidence/ to record verdicts in")
    with progress(len(claims)) as telling:
        results = verdicts(
            claims,
            jobs=jobs or os.cpu_count() or 1,
            use_cache=not no_cache,
            progress=telling,
        )
    code = exit_code((r.expected, r.verdict.word) for r in results)
    if recording:
        _record(results)
    if as_json:
        show([json.dumps(prove_document(results, code), indent=2)])
        return code
    paint = paint_for(sys.stdout)
    show([paint(heading(), "strong")])
    for result in results:
        show(row(result, paint))
    show(["", *footing(results, paint)])
    return code


def _record(results: list[ClaimResult]) -> None:
    """Record what is decided: what is BROKEN or UNDECIDED is evidence of nothing."""
    decided = [r for r in results if r.verdict.word not in (Word.BROKEN, Word.UNDECIDED)]
    for result in decided:
        record(result)
    say(f"recorded the evidence of {count(len(decided), 'claim')} in {find_folder()}")
