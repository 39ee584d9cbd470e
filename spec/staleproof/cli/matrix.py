"""``staleproof matrix``: properties against versions, and what is needed for them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase

import click

from staleproof.claims import Claim, all_claims, in_order
from staleproof.cli.deciding import needs, verdicts
from staleproof.cli.naming import property_unknown
from staleproof.cli.progress import progress
from staleproof.cli.running import config_needs, subjects
from staleproof.cli.terminal import paint_for, say, show
from staleproof.evidence import record_needs
from staleproof.report.json_documents import matrix_document, patches_document
from staleproof.report.matrix_text import config_text, matrix, patches_text
from staleproof.report.patches_text import every_patch
from staleproof.series.patches import PURPOSES
from staleproof.verdict import (
    ConfigNeeds,
    PatchNeeds,
    Subject,
    exit_code,
    exit_code_of_needs,
    worst_exit_code,
)

WHOLE_SERIES = "v4"

Needs = list[tuple[PatchNeeds, ConfigNeeds | None]]


@click.command("matrix")
@click.argument("properties", metavar="[PROPERTY]...", nargs=-1)
@click.option("--patches", is_flag=True, help="Show what each patch of v4 is needed for.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="How many claims to decide at once (default: one per core).",
)
@click.option("--no-cache", is_flag=True, help="Decide again what was decided before.")
@click.option("--record", is_flag=True, help="With --patches, write proofs/evidence/patches.jsonl.")
@click.option("--no-needs", is_flag=True, help="Only the table.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    properties: tuple[str, ...],
    patches: bool,
    jobs: int | None,
    no_cache: bool,
    record: bool,
    no_needs: bool,
    as_json: bool,
) -> int:
    """Show properties against versions, with their verdicts.

    PROPERTY is a shell-style glob on property names, such as REV-1a or
    'TLB-*'; without one all are shown. For each PROPERTY that is named in full
    and that patches of the series decide, it also shows the minimal sets of
    patches with which it holds, the series without each of these patches, and
    the configurations under which it holds at v4.

    With --patches it shows instead, for each of the fifteen patches, for which
    properties it is needed and which it breaks. Every subset of the patches
    that may decide a property is asked.
    """
    jobs = jobs or os.cpu_count() or 1
    claims = _claims_of(properties)
    if patches:
        wanted = [s for s in subjects() if not properties or _matches(s.property, properties)]
        needed = _found_out(wanted, jobs, not no_cache, record)
        return _show_patches(needed, as_json, of_all=not properties)
    if record:
        raise click.UsageError("--record is for --patches")
    with progress(len(claims)) as telling:
        results = verdicts(claims, jobs=jobs, use_cache=not no_cache, progress=telling)
    names = list(dict.fromkeys(c.property for c in claims))
    versions = in_order(c.version for c in claims)
    found = {(c.property, c.version): r for c, r in zip(claims, results, strict=True)}
    in_full = [n for n in names if n in properties and not no_needs]
    details = _needs(in_full, jobs, not no_cache)
    asked = [one for both in details for one in both if one is not None]
    as_claimed = exit_code((r.expected, r.verdict.word) for r in results)
    code = worst_exit_code((as_claimed, exit_code_of_needs(asked)))
    if as_json:
        show([json.dumps(matrix_document(names, versions, found, details, code), indent=2)])
        return code
    paint = paint_for(sys.stdout)
    show(matrix(names, versions, found, paint))
    for of_patches, config in details:
        show(["", *patches_text(of_patches, paint)])
        if config is not None:
            show(["", *config_text(config, paint)])
    return code


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _claims_of(patterns: tuple[str, ...]) -> list[Claim]:
    """The claims of the properties that the patterns name, in order."""
    claims = all_claims()
    for pattern in patterns:
        if not any(fnmatchcase(c.property, pattern) for c in claims):
            raise property_unknown(pattern)
    return [c for c in claims if not patterns or _matches(c.property, patterns)]


def _needs(names: list[str], jobs: int, use_cache: bool) -> Needs:
    """What the properties need that patches may decide."""
    wanted = [s for s in subjects() if s.property in names] if names else []
    with progress(len(wanted), detailed=True) as telling:
        found = needs(wanted, jobs=jobs, use_cache=use_cache, progress=telling)
        return [(n, config_needs(n.property, WHOLE_SERIES, telling.note)) for n in found]


def _found_out(wanted: list[Subject], jobs: int, use_cache: bool, record: bool) -> list[PatchNeeds]:
    """What each property needs; recorded, if that is wanted."""
    with progress(len(wanted)) as telling:
        found = needs(wanted, jobs=jobs, use_cache=use_cache, progress=telling)
    if record:
        say(f"recorded in {record_needs(found)}")
    return found


def _show_patches(found: list[PatchNeeds], as_json: bool, *, of_all: bool) -> int:
    code = exit_code_of_needs(found)
    if as_json:
        show([json.dumps(patches_document(PURPOSES, found, code), indent=2)])
    else:
        show(every_patch(PURPOSES, found, paint_for(sys.stdout), of_all=of_all))
    return code
