"""Drafting a control-flow graph: nodes in the order of the text, labels, jumps; then numbering."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from staleproof.cfront.evaluate import constant_value
from staleproof.cfront.ir import (
    Assign,
    Branch,
    Call,
    Expr,
    Instruction,
    Load,
    Local,
    Node,
    Return,
    Skip,
    Step,
)
from staleproof.cfront.types import Type
from staleproof.errors import Place


@dataclass(eq=False, slots=True)
class Label:
    """A point of the text that is jumped to; `index` is set when it is reached."""

    index: int | None = None


@dataclass(frozen=True, slots=True)
class _Jump:
    target: Label


@dataclass(frozen=True, slots=True)
class _Fork:
    condition: Expr
    if_true: Label
    if_false: Label


@dataclass(frozen=True, slots=True)
class _Leave:
    value: Expr | None


@dataclass(frozen=True, slots=True)
class _Draft:
    place: Place
    text: str
    action: Instruction | _Jump | _Fork | _Leave


@dataclass(slots=True)
class Graph:
    """The draft of one function. `place` and `text` go into the nodes that are added next."""

    function: str
    place: Place
    text: str = ""
    temporaries: list[Local] = field(default_factory=list)
    _drafts: list[_Draft] = field(default_factory=list)

    def add(self, instruction: Instruction) -> None:
        self._append(instruction)

    def jump(self, target: Label) -> None:
        self._append(_Jump(target))

    def leave(self, value: Expr | None) -> None:
        self._append(_Leave(value))

    def fork(self, condition: Expr, if_true: Label, if_false: Label) -> None:
        """A branch; of a condition that is a constant, only the way that is taken."""
        truth = constant_truth(condition)
        if truth is None:
            self._append(_Fork(condition, if_true, if_false))
        else:
            self.jump(if_true if truth else if_false)

    def bind(self, label: Label) -> None:
        label.index = len(self._drafts)

    def temporary(self, type_: Type) -> Local:
        local = Local(f"${len(self.temporaries) + 1}", type_)
        self.temporaries.append(local)
        return local

    def saved(self, expr: Expr, type_: Type | None = None) -> Local:
        """A new temporary that holds the value of the expression from here on."""
        local = self.temporary(type_ or expr.type)
        self.add(Assign(local, expr))
        return local

    def retarget(self, value: Expr, target: Local) -> bool:
        """Let the call just added put its value into `target`, if that is what `value` reads."""
        if not self._drafts or not self.temporaries:
            return False
        draft, last = self._drafts[-1], self.temporaries[-1]
        if value != Load(last) or not isinstance(draft.action, Call):
            return False
        if draft.action.target != last or last.type != target.type:
            return False
        call = replace(draft.action, target=target)
        self._drafts[-1] = _Draft(draft.place, draft.text, call)
        self.temporaries.pop()
        return True

    def mark(self) -> tuple[int, int]:
        return len(self._drafts), len(self.temporaries)

    def roll_back(self, mark: tuple[int, int]) -> None:
        """Forget the nodes and temporaries made since the mark."""
        del self._drafts[mark[0] :]
        del self.temporaries[mark[1] :]

    def grown_since(self, mark: tuple[int, int]) -> bool:
        return len(self._drafts) > mark[0]

    def _append(self, action: Instruction | _Jump | _Fork | _Leave) -> None:
        self._drafts.append(_Draft(self.place, self.text, action))

    def nodes(self) -> tuple[Node, ...]:
        """The nodes that can be reached, numbered in the order of the text; the entry is 0.

        The last draft must not fall through.
        """
        reached: set[int] = set()
        pending = [self._landing(0)]
        while pending:
            index = pending.pop()
            if index not in reached:
                reached.add(index)
                pending.extend(self._nexts(index))
        # Falling into the entry by a goto over dead code would renumber it: the entry comes first.
        entry = self._landing(0)
        order = [entry, *sorted(reached - {entry})]
        number = {index: n for n, index in enumerate(order)}
        return tuple(self._node(index, number) for index in order)

    def _landing(self, index: int) -> int:
        """The draft that control comes to at `index`, past all jumps."""
        seen: set[int] = set()
        while isinstance(action := self._drafts[index].action, _Jump) and index not in seen:
            seen.add(index)
            index = self._index(action.target)
        return min(seen) if index in seen else index

    def _index(self, label: Label) -> int:
        if label.index is None:
            raise RuntimeError("a label was never bound")
        return label.index

    def _nexts(self, index: int) -> tuple[int, ...]:
        match self._drafts[index].action:
            case _Leave():
                return ()
            case _Fork(if_true=if_true, if_false=if_false):
                return (self._landing(self._index(if_true)), self._landing(self._index(if_false)))
            case _Jump():
                return (index,)
            case _:
                return (self._landing(index + 1),)

    def _node(self, index: int, number: dict[int, int]) -> Node:
        draft = self._drafts[index]
        head = (number[index], draft.place, draft.text, self.function)
        nexts = [number[n] for n in self._nexts(index)]
        match draft.action:
            case _Leave(value=value):
                return Return(*head, value)
            case _Fork(condition=condition):
                return Branch(*head, condition, nexts[0], nexts[1])
            case _Jump():
                return Step(*head, Skip(), nexts[0])
            case instruction:
                return Step(*head, instruction, nexts[0])


def constant_truth(condition: Expr) -> bool | None:
    """Whether the condition is true, if it is a constant expression; otherwise None."""
    value = constant_value(condition)
    return None if value is None else value != 0
