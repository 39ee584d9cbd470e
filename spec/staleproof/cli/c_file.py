"""What can be said of a C file before it is parsed."""

from __future__ import annotations

from pathlib import Path

from staleproof.errors import FileTooLargeError, NotTextError, UnreadableFileError

LARGEST_FILE = 4 << 20
"""Bytes. The largest hand-written C file of the kernel is about a quarter of it."""


def require_c_text(path: str) -> None:
    """Raise unless the file can be read and looks like the text of one C file."""
    file = Path(path)
    try:
        if file.is_dir():
            raise UnreadableFileError(f"{path} is a folder, not a C file")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as cause:
        if isinstance(cause, UnreadableFileError):
            raise
        raise UnreadableFileError(f"cannot read {path}: {cause.strerror}") from cause
    if len(content) > LARGEST_FILE:
        raise FileTooLargeError(f"{path} is larger than {LARGEST_FILE >> 20} MiB")
    if not content.strip():
        raise NotTextError(f"{path} is empty")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise NotTextError(f"{path} is binary: it has a NUL byte in line {line}")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as cause:
        line = content[: cause.start].count(b"\n") + 1
        raise NotTextError(f"{path} is not UTF-8 text: see line {line}") from cause
