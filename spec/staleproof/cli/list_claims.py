"""``staleproof list``: every claim, what is expected of it and what last came out."""

from __future__ import annotations

import json
import sys

import click

from staleproof.cache import Cache
from staleproof.cli.kept import last_summaries, warn
from staleproof.cli.naming import claims_for
from staleproof.cli.terminal import paint_for, show
from staleproof.report.claims_table import listing
from staleproof.report.json_documents import list_document


@click.command("list")
@click.argument("patterns", metavar="[PATTERN]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(patterns: tuple[str, ...], as_json: bool) -> int:
    """List the claims with their expectation and last verdict.

    Nothing is proved here: the last verdict comes from the cache or from the
    recorded evidence.
    """
    cache = Cache()
    claims = claims_for(patterns)
    pairs = list(zip(claims, last_summaries([c.name for c in claims], cache), strict=True))
    warn(cache)
    if as_json:
        show([json.dumps(list_document(pairs), indent=2)])
    else:
        show(listing(pairs, paint_for(sys.stdout)))
    return 0
