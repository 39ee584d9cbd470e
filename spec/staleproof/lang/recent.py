"""What was found out lately, kept for whoever asks again."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """At most so many values by key; that which nobody has asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}

    def __iter__(self) -> Iterator[Value]:
        """The values, what was asked for last coming last."""
        return iter(list(self._values.values()))

    def get(self, key: Key) -> Value | None:
        """The value, if it is still there."""
        if key not in self._values:
            return None
        value = self._values[key] = self._values.pop(key)
        return value

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value, and return it."""
        self._values.pop(key, None)
        while len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[key] = value
        return value
