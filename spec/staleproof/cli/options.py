"""What values of options have in common."""

from __future__ import annotations

from typing import TypeVar

import click

Given = TypeVar("Given", str | None, tuple[str, ...])


def not_empty(_: click.Context, parameter: click.Parameter, value: Given) -> Given:
    """The value of an option, or its values, as given. Raises BadParameter for an empty one."""
    given = (value,) if isinstance(value, str) else value or ()
    if not all(one.strip() for one in given):
        raise click.BadParameter("it is empty", param=parameter)
    return value
