"""``python -m staleproof``: the same as the command ``staleproof``."""

from __future__ import annotations

from staleproof.cli.main import entry

if __name__ == "__main__":
    entry()
