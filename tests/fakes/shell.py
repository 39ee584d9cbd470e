"""Running the command line as a user does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("command_line.py")


@dataclass(frozen=True, slots=True)
class Shell:
    """A place to run commands in: its own working folder and its own cache."""

    folder: Path
    environment: Mapping[str, str]

    def command(self, arguments: tuple[str, ...], fake: str | None) -> list[str]:
        """The command as the operating system gets it."""
        if fake is None:
            return [sys.executable, "-m", "staleproof", *arguments]
        return [sys.executable, str(DRIVER), fake, *arguments]

    def run(
        self, *arguments: str, fake: str | None = "good", **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``staleproof ARGUMENTS`` on a set of fake claims, or (None) on the real ones."""
        return subprocess.run(
            self.command(arguments, fake),
            cwd=self.folder,
            env={**self.environment, **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def shell_in(folder: Path) -> Shell:
    """A shell that shares nothing with the user's own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STALEPROOF_", "COVERAGE_"))}
    kept.pop("NO_COLOR", None)
    return Shell(folder, {**kept, "STALEPROOF_CACHE": str(folder / "cache")})
