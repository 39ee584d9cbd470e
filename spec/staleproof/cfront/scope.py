"""The locals of one function: nested scopes, and one unique name for each local."""

from __future__ import annotations

from dataclasses import dataclass, field

from staleproof.cfront.ir import Local
from staleproof.cfront.types import Type
from staleproof.errors import CTypeError, Place, UnsupportedCError

_SHADOWING = "@"


def spelled(local: Local) -> str:
    """The name of a local as the text has it."""
    return local.name.partition(_SHADOWING)[0]


@dataclass(slots=True)
class Scope:
    """The blocks that are open, innermost last. A shadowing local `err` is named `err@2`."""

    declared: list[Local] = field(default_factory=list)
    uninitialised: set[str] = field(default_factory=set)
    _blocks: list[dict[str, Local]] = field(default_factory=lambda: [{}])
    _counts: dict[str, int] = field(default_factory=dict)

    def open(self) -> None:
        self._blocks.append({})

    def close(self) -> None:
        self._blocks.pop()

    def declare(self, name: str, type_: Type, place: Place) -> Local:
        """A new local of the innermost block."""
        if "$" in name:
            # The front end names what it keeps for itself with that.
            raise UnsupportedCError(f"not understood: the name {name} has a $ in it", place=place)
        if name in self._blocks[-1]:
            raise CTypeError(f"{name} is declared twice in one block", place=place)
        count = self._counts[name] = self._counts.get(name, 0) + 1
        local = Local(name if count == 1 else f"{name}{_SHADOWING}{count}", type_)
        self._blocks[-1][name] = local
        self.declared.append(local)
        return local

    def find(self, name: str) -> Local | None:
        """The local that the name means here, or None."""
        return next((b[name] for b in reversed(self._blocks) if name in b), None)

    def names(self) -> list[str]:
        """All names that mean a local here."""
        return sorted({name for block in self._blocks for name in block})
