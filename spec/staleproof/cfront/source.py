"""Reading a C file, and pointing into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from staleproof.errors import (
    BinarySourceError,
    EmptySourceError,
    OversizeSourceError,
    Place,
    UnreadableSourceError,
)

if TYPE_CHECKING:
    from tree_sitter import Node

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True)
class SourceFile:
    """A C text and the name to show for it."""

    name: str
    text: str

    @cached_property
    def data(self) -> bytes:
        """The text as the parser counts it."""
        return self.text.encode()

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.data.split(b"\n")

    def place(self, node: Node) -> Place:
        """Where the node stands; of a node of several lines, its first."""
        row, column = node.start_point
        line = self._lines[row].rstrip(b"\r")
        stop = node.end_point.column if node.end_point.row == row else len(line)
        return Place(
            self.name,
            row + 1,
            len(line[:column].decode()) + 1,
            line.decode(),
            max(1, len(line[column:stop].decode().rstrip())),
        )

    def folded(self, node: Node) -> str:
        """The text of the node on one line, each run of white space a single space."""
        return " ".join(self.raw(node).split())

    def raw(self, node: Node) -> str:
        """The text of the node. Not `node.text`: the parser saw a text with blanks in it."""
        return self.data[node.start_byte : node.end_byte].decode()


def read_source(path: Path) -> SourceFile:
    """The file at the path. Raises one error per way in which it can be unfit."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise UnreadableSourceError(f"cannot read {path}: {reason}") from error
    if len(data) > LARGEST:
        raise OversizeSourceError(f"{path} is larger than 4 MiB")
    if b"\0" in data:
        raise BinarySourceError(f"{path} holds NUL bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BinarySourceError(f"{path} is not UTF-8 at byte {error.start}") from error
    if not text.strip():
        raise EmptySourceError(f"{path} is empty")
    return SourceFile(str(path), text)
