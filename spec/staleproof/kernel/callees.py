"""The callees that a user lets do anything: there have to be some."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from staleproof.cfront import callees
from staleproof.cfront.ir import Function
from staleproof.errors import UsageError


def require_called(names: Iterable[str], function: str, versions: Sequence[Function]) -> None:
    """Raise UsageError for a name that no version of the function calls, with the nearest.

    What has a body in the text is not called, but part of the function.
    """
    called = list(dict.fromkeys(callee for one in versions for callee in callees(one)))
    for name in names:
        if name not in called:
            near = difflib.get_close_matches(name, called, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            calls = f"it calls: {', '.join(called)}" if called else "it calls nothing"
            raise UsageError(
                f"{function} does not call {name}, or {name} has a body in the text",
                why="--havoc would change nothing",
                fix=hint + calls,
            )
