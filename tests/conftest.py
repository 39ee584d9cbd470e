"""What several tests use."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.shell import Shell, shell_in


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a folder of its own, outside of any checkout, with an empty cache."""
    return shell_in(tmp_path)
