"""``staleproof diff``: prove two versions of a C function the same, or list how they differ."""

from __future__ import annotations

import json
import sys

import click

from staleproof.cli import running
from staleproof.cli.options import not_empty
from staleproof.cli.progress import progress
from staleproof.cli.terminal import paint_for, show
from staleproof.report.diff_text import diff_report
from staleproof.report.json_documents import diff_document
from staleproof.verdict import EXIT_UNDECIDED, Word, exit_code


@click.command("diff")
@click.argument("first", metavar="A.c")
@click.argument("second", metavar="B.c")
@click.option(
    "--function", metavar="NAME", required=True, callback=not_empty, help="The function to compare."
)
@click.option(
    "--when",
    "condition",
    metavar="CONDITION",
    callback=not_empty,
    help="Compare only where this C expression over the parameters is true.",
)
@click.option(
    "--havoc",
    metavar="CALLEE",
    multiple=True,
    callback=not_empty,
    help="Let this unknown callee do anything, the same for both; can be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    first: str,
    second: str,
    function: str,
    condition: str | None,
    havoc: tuple[str, ...],
    as_json: bool,
) -> int:
    """Prove that a function does the same in A.c and B.c, or list every
    class of inputs on which it does not.

    Both are called in the same state of one world, which stands still.
    Compared are the result and what a caller can see. CONDITION may use
    CONFIG_ options and normal_memory(start, nr_pages): no page of the range
    is in a VM_IO or VM_PFNMAP mapping.

    \b
    Exit codes: 0 proved the same, 1 different, 2 bad input, 3 UNDECIDED (no
    difference found up to a bound, and no proof), 4 BROKEN.
    """
    with progress(1, detailed=True) as telling:
        result = running.compare((first, second), function, condition or "", havoc, telling.note)
    word = result.verdict.word
    code = EXIT_UNDECIDED if word is Word.HELD_TO_BOUND else exit_code([(Word.PROVED, word)])
    if as_json:
        show([json.dumps(diff_document(result, code), indent=2)])
    else:
        show(diff_report(result, paint_for(sys.stdout)))
    return code
