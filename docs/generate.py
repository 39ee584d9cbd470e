"""Write the generated pages: docs/errors.md, docs/commands.md, and two parts of README.md.

The parts are the table of claims, and the counterexample of GVF-2@v4 as its evidence has it.

``python docs/generate.py`` writes them; a test compares them with what stands in the files.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from staleproof.claims import Claim, all_claims
from staleproof.cli.main import COMMANDS, cli
from staleproof.evidence import recorded_result
from staleproof.report.claim_text import trace_report
from staleproof.report.claims_page import claims_markdown
from staleproof.report.errors_page import page

ROOT = Path(__file__).parents[1]
CLAIMS = re.compile(r"(?<=<!-- claims -->\n).*(?=<!-- /claims -->)", re.DOTALL)
TRACE = re.compile(r"(?<=<!-- trace -->\n).*(?=<!-- /trace -->)", re.DOTALL)
TRACED = "GVF-2@v4"


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
    return "\n".join(lines) + "\n"


def _help(command: click.Command, name: str, parent: click.Context | None) -> list[str]:
    settings = cli.context_settings
    with click.Context(
        command, info_name=name, parent=parent, terminal_width=80, **settings
    ) as context:
        return ["```text", command.get_help(context).rstrip(), "```"]


def readme() -> str:
    """The README with its table of claims and its trace made anew."""
    text = (ROOT / "README.md").read_text()
    claims = sorted(all_claims(), key=_by_number)
    text = CLAIMS.sub(lambda _: claims_markdown(claims), text)
    result = recorded_result(TRACED)
    if result is None or result.trace is None:
        return text
    (claim,) = (c for c in claims if c.name == TRACED)
    lines = ["```text", *trace_report(claim, result), "```"]
    return TRACE.sub(lambda _: "\n".join(lines) + "\n", text)


def _by_number(claim: Claim) -> tuple[str, int, str]:
    """GVF-2 before GVF-10 before GVF-10a."""
    subject, number, letter = re.fullmatch(r"(\w+)-(\d+)(\w*)", claim.property).groups()
    return subject, int(number), letter


PAGES = {"docs/errors.md": page, "docs/commands.md": commands_page, "README.md": readme}
"""Every generated page and what makes it."""


if __name__ == "__main__":
    for name, make in PAGES.items():
        (ROOT / name).write_text(make())
