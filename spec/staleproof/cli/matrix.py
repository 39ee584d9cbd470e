"""``staleproof matrix``: properties against versions, and what a property needs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase

import click

from staleproof.claims import Claim, all_claims
from staleproof.cli.deciding import verdicts
from staleproof.cli.naming import property_unknown
from staleproof.cli.progress import progress
from staleproof.cli.terminal import paint_for, say, show
from staleproof.report.json_documents import matrix_document
from staleproof.report.matrix_text import config_text, matrix, patches_text
from staleproof.verdict import ConfigNeeds, PatchNeeds, exit_code

WHOLE_SERIES = "v4"


@click.command("matrix")
@click.argument("properties", metavar="[PROPERTY]...", nargs=-1)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="How many claims to decide at once (default: one per core).",
)
@click.option("--no-cache", is_flag=True, help="Decide again what was decided before.")
@click.option("--no-needs", is_flag=True, help="Only the table.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    properties: tuple[str, ...], jobs: int | None, no_cache: bool, no_needs: bool, as_json: bool
) -> int:
    """Show properties against versions, with their verdicts.

    PROPERTY is a shell-style glob on property names, such as REV-1a or
    'TLB-*'; without one all are shown. For each PROPERTY that is named in full
    and that patches of the series decide, it also shows the minimal sets of
    patches with which it holds, the series without each of these patches, and
    the configurations under which it holds at v4.
    """
    claims = _claims_of(properties)
    with progress(len(claims)) as telling:
        results = verdicts(
            claims, jobs=jobs or os.cpu_count() or 1, use_cache=not no_cache, progress=telling
        )
    names = list(dict.fromkeys(c.property for c in claims))
    versions = _in_order(claims)
    found = {(c.property, c.version): r for c, r in zip(claims, results, strict=True)}
    needs = [] if no_needs else list(_needs([n for n in names if n in properties]))
    code = exit_code((r.expected, r.verdict.word) for r in results)
    if as_json:
        show([json.dumps(matrix_document(names, versions, found, needs, code), indent=2)])
        return code
    paint = paint_for(sys.stdout)
    show(matrix(names, versions, found, paint))
    for patches, config in needs:
        show(["", *patches_text(patches, paint), "", *config_text(config, paint)])
    return code


def _claims_of(patterns: tuple[str, ...]) -> list[Claim]:
    """The claims of the properties that the patterns name, in order."""
    claims = all_claims()
    for pattern in patterns:
        if not any(fnmatchcase(c.property, pattern) for c in claims):
            raise property_unknown(pattern)
    return [c for c in claims if not patterns or any(fnmatchcase(c.property, p) for p in patterns)]


def _in_order(claims: list[Claim]) -> list[str]:
    """The versions of the claims, in the order in which all claims have them."""
    wanted = {c.version for c in claims}
    known = dict.fromkeys(c.version for c in all_claims())
    prefixes = (v for v in known if v.startswith("v4/"))
    ordered = dict.fromkeys(("legacy", *prefixes, "v4", "merged", *known))
    return [v for v in ordered if v in wanted]


def _needs(names: list[str]) -> Iterator[tuple[PatchNeeds, ConfigNeeds]]:
    from staleproof.series.device_memory.needs import config_needs, has_patches, patch_needs

    for name in names:
        if has_patches(name):
            yield patch_needs(name, _told), config_needs(name, WHOLE_SERIES, _told)


def _told(what: str) -> None:
    say(f"asking {what}")
