"""``staleproof check``: prove or refute the properties of a C function of the user's own."""

from __future__ import annotations

import json
import sys

import click

from staleproof.cli import running
from staleproof.cli.options import not_empty
from staleproof.cli.progress import progress
from staleproof.cli.terminal import paint_for, show
from staleproof.report.check_text import check_report
from staleproof.report.json_documents import check_document
from staleproof.verdict import exit_code, says_nothing


@click.command("check")
@click.argument("file", metavar="FILE.c")
@click.option(
    "--function", metavar="NAME", required=True, callback=not_empty, help="The function to check."
)
@click.option(
    "--property",
    "properties",
    metavar="ID",
    multiple=True,
    callback=not_empty,
    help="Check this property only; can be given more than once.",
)
@click.option(
    "--havoc",
    metavar="CALLEE",
    multiple=True,
    callback=not_empty,
    help="Let this unknown callee do anything; can be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: str, function: str, properties: tuple[str, ...], havoc: tuple[str, ...], as_json: bool
) -> int:
    """Prove or refute properties of one function in FILE.c.

    The file needs no headers and no annotations: loop invariants are found.
    Every property is expected to be PROVED. One that is VACUOUS says
    nothing about this file, and counts only if nothing is PROVED.

    \b
    Exit codes: 0 all proved, 1 one refuted or not proved, 2 bad input,
    3 something UNDECIDED and nothing worse, 4 BROKEN.
    """
    with progress(1, detailed=True) as telling:
        results = running.check(file, function, properties, havoc, telling.note)
    said = running.sentences(results)
    silent = says_nothing(results)
    code = exit_code((r.expected, r.verdict.word) for r in results if r not in silent)
    if as_json:
        show([json.dumps(check_document(file, function, results, said, code), indent=2)])
    else:
        show(check_report(file, function, results, said, paint_for(sys.stdout)))
    return code
