"""The errno values that the contracts speak of, as 32-bit words (include/uapi/asm-generic)."""

from __future__ import annotations

from staleproof.lang.terms import Literal, word

EPERM = 1
EINTR = 4
EAGAIN = 11
ENOMEM = 12
EACCES = 13
EFAULT = 14
ENODEV = 19
EINVAL = 22
ENOSPC = 28
EOPNOTSUPP = 95
EHWPOISON = 133


def errno(number: int, width: int = 32) -> Literal:
    """Minus the error number, as an int (or a long)."""
    return word(-number, width)
