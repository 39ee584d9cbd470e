"""One line per claim, with its name and verdict, as the proofs come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from staleproof.claims import Claim
from staleproof.cli.running import decide_here
from staleproof.evidence import differences
from staleproof.verdict import Word

CLAIM, VERDICT = "claim", "verdict"

Prove = Callable[[Claim], None]


@pytest.fixture
def prove(record_property: Callable[[str, object], None]) -> Prove:
    """Decide a claim anew, and fail unless it comes out as expected and as recorded."""

    def proved(claim: Claim) -> None:
        result = decide_here(claim)
        record_property(CLAIM, claim.name)
        record_property(VERDICT, str(result.verdict))
        assert result.verdict.word is claim.expected, f"{claim.name} is {result.verdict}"
        for killer in result.killers:
            assert killer.verdict == Word.REFUTED.name, f"killer {killer.name}: {killer.verdict}"
        assert differences(result) == []

    return proved


class ClaimLines:
    """Prints a line for each test that decided a claim, in place of its dot."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell the claim's verdict and whether it is as recorded."""
        said = dict(report.user_properties)
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.when == "call" and CLAIM in said and terminal is not None:
            good = report.passed
            ending = "" if good else "  NOT AS EXPECTED OR RECORDED"
            line = f"{said[CLAIM]:24}  {said[VERDICT]:16}{report.duration:7.2f} s{ending}"
            terminal.ensure_newline()
            terminal.write_line(line, green=good, red=not good)


def pytest_configure(config: pytest.Config) -> None:
    """Only the process that has the terminal prints."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ClaimLines(config), "claim-lines")


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Leave out the dot of a claim that has its own line."""
    decided = isinstance(report, pytest.TestReport) and CLAIM in dict(report.user_properties)
    if report.passed and decided and report.when == "call" and config.get_verbosity() == 0:
        return "passed", "", ""
    return None
