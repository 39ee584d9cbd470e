"""Write the generated pages and parts of pages.

The pages are docs/errors.md, docs/commands.md and the index of the evidence. The parts are, in
README.md, the table of claims, the patches, and two counterexamples as their evidence has them; in
docs/contracts.md what each assumption has for it; in docs/kernel/, the steps of models and what
patches change of them. Parts stand between markers, and what is
outside of them is left alone.

``python docs/generate.py`` writes them; a test compares them with what stands in the files.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click

from staleproof.claims import all_claims
from staleproof.cli.main import COMMANDS, cli
from staleproof.evidence import (
    INDEX,
    index_text,
    recorded_needs,
    recorded_result,
    recorded_summaries,
)
from staleproof.report.claim_text import trace_report
from staleproof.report.claims_page import claims_markdown
from staleproof.report.errors_page import page
from staleproof.report.patches_text import by_number, harms, needed_for, summaries
from staleproof.report.steps_page import changes_markdown, steps_markdown
from staleproof.series.patches import PURPOSES

ROOT = Path(__file__).parents[1]
KERNEL = ROOT / "docs" / "kernel"
CLAIMS = re.compile(r"(?<=<!-- claims -->\n).*(?=<!-- /claims -->)", re.DOTALL)
KINDS = "assumptions|changes|needs|patches|steps|trace"
PART = re.compile(rf"<!-- ({KINDS}) ([^\n]*) -->\n(.*?)<!-- /\1 -->", re.DOTALL)


def commands_page() -> str:
    """The help of every command."""
    lines = [
        "# Commands",
        "",
        "What `--help` prints. This page is made by `make pages`.",
        "",
        *_help(cli, "staleproof", None),
    ]
    with click.Context(cli, info_name="staleproof") as context:
        for name in COMMANDS:
            command = cli.get_command(context, name)
            assert command is not None
            lines.extend(["", f"## staleproof {name}", "", *_help(command, name, context)])
    lines.extend(["", "## JSON", "", *_schemas()])
    return "\n".join(lines) + "\n"


def _schemas() -> Iterator[str]:
    """Where it is said what each JSON document has."""
    yield "Each document has a JSON Schema in `docs/schema/`, which needs no other file:"
    yield ""
    for path in sorted((ROOT / "docs" / "schema").glob("*.schema.json")):
        yield f"- `{path.name}`: {json.loads(path.read_text())['title']}"


def _help(command: click.Command, name: str, parent: click.Context | None) -> list[str]:
    settings = cli.context_settings
    with click.Context(
        command, info_name=name, parent=parent, terminal_width=80, **settings
    ) as context:
        return ["```text", command.get_help(context).rstrip(), "```"]


def readme() -> str:
    """The README with its table of claims and its traces made anew."""
    text = (ROOT / "README.md").read_text()
    claims = sorted(all_claims(), key=lambda claim: by_number(claim.property))
    return PART.sub(_part, CLAIMS.sub(lambda _: claims_markdown(claims), text))


def page_with_parts(path: Path) -> str:
    """A page with its parts made anew."""
    return PART.sub(_part, path.read_text())


def _part(found: re.Match[str]) -> str:
    kind, words, text = found.groups()
    first, *others = words.split()
    if kind == "trace":
        text = _trace(first, text, brief="brief" in others)
    elif kind == "steps":
        model = resolve_name(first)
        names = [name for name in others if name != "only"]
        told = _reasons()[model.__name__]
        text = steps_markdown(model, told, names, words="only" not in others)
    elif kind == "patches":
        text = _patches()
    elif kind == "needs":
        text = _needs()
    elif kind == "assumptions":
        text = _assumptions()
    else:
        text = changes_markdown([resolve_name(name) for name in (first, *others)])
    return f"<!-- {kind} {words} -->\n{text}<!-- /{kind} -->"


def _reasons() -> dict[str, dict[str, str]]:
    """Why each step may be one: per model and action."""
    return tomllib.loads((KERNEL / "steps.toml").read_text())


def _patches() -> str:
    """The fifteen patches: what each is for, and the verdicts before it and after it."""
    rows = tomllib.loads((ROOT / "docs" / "patches.toml").read_text())["patch"]
    expected = {claim.name: claim.expected.name for claim in all_claims()}
    lines = ["| patch | what it is for | claim | before | after |", "|---|---|---|---|---|"]
    for row in rows:
        head = f"{row['number']:02} | {PURPOSES[row['number']]}"
        for claim in row.get("claims", []):
            words = [_verdict(claim, version, expected) for version in claim["at"]]
            lines.append(f"| {head} | {claim['property']} | {words[0]} | {words[1]} |")
            head = " | "
        if "claims" not in row:
            lines.append(f"| {head} | {row['instead']} | | |")
    return "\n".join(lines) + "\n"


def _needs() -> str:
    """What each patch is needed for and what it breaks, as recorded."""
    lines = ["| patch | needed | breaks |", "|---|---|---|"]
    for summary in summaries(PURPOSES, recorded_needs()):
        needed, harm = needed_for(summary), " ".join(harms(summary))
        lines.append(f"| {summary.patch:02} | {needed} | {harm} |")
    return "\n".join(lines) + "\n"


def _assumptions() -> str:
    """What each assumption says and has for it, and how many verdicts rest on it."""
    backing = tomllib.loads((ROOT / "docs" / "assumptions.toml").read_text())
    summaries = recorded_summaries().values()
    resting = Counter(assumption for s in summaries for assumption in s.assumptions)
    lines = [
        "| assumption | what it says | proved by, or to compare with | claims |",
        "|---|---|---|---|",
    ]
    for (name, sentence), claims in sorted(resting.items()):
        found = next(found for pattern, found in backing.items() if fnmatchcase(name, pattern))
        cells = [", ".join(found.get("proved", ())), found.get("source", "")]
        lines.append(f"| {name} | {sentence} | {'; '.join(filter(None, cells))} | {claims} |")
    return "\n".join(lines) + "\n"


def _verdict(claim: dict[str, Any], version: str, expected: dict[str, str]) -> str:
    if version == "-":
        return "-"
    return f"{expected[claim['property'] + '@' + version]} ({version})"


def _trace(name: str, old: str, *, brief: bool) -> str:
    """The counterexample of a claim as its evidence has it; as it stands, if there is none."""
    result = recorded_result(name)
    if result is None or result.trace is None:
        return old
    (claim,) = (c for c in all_claims() if c.name == name)
    lines = list(trace_report(claim, result))
    return "\n".join(["```text", *(_shortened(lines) if brief else lines), "```"]) + "\n"


def _shortened(lines: list[str]) -> Iterator[str]:
    """Without the state at the start and the assumptions."""
    cut = False
    for line in lines:
        if line.startswith("At the start"):
            cut = True
            yield from (line, "[...]", "")
        elif line.startswith("It rests on"):
            cut = True
            yield from ("[...]", "")
        elif re.match(r" *\d+\. |To repeat", line):
            cut = False
        if not cut:
            yield line


PAGES: dict[str, Callable[[], str]] = {
    "docs/errors.md": page,
    "docs/commands.md": commands_page,
    "README.md": readme,
    f"proofs/evidence/{INDEX}": partial(index_text, ROOT / "proofs" / "evidence"),
    **{
        str(path.relative_to(ROOT)): partial(page_with_parts, path)
        for path in sorted((ROOT / "docs" / "contracts.md", *KERNEL.glob("*.md")))
        if PART.search(path.read_text())
    },
}
"""Every generated page and what makes it."""


if __name__ == "__main__":
    for name, make in PAGES.items():
        (ROOT / name).write_text(make())
