"""Splicing the graphs of called functions into that of the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from staleproof.cfront.ir import (
    Assign,
    Branch,
    Call,
    Const,
    Function,
    Instruction,
    Local,
    LValue,
    Node,
    Note,
    Return,
    Skip,
    Step,
    successors,
)
from staleproof.cfront.rewrite import rewritten, rewritten_expr
from staleproof.errors import RecursiveFunctionError


def inlined(function: Function, body: Callable[[str], Function | None]) -> Function:
    """The function with every call spliced in for which `body` knows a graph.

    A callee's locals come to be named `callee.name`; the calls of one callee share them, which is
    sound because a function never runs inside itself. Raises RecursiveFunctionError if it would.
    """
    return _Inliner(body).inlined(function)


@dataclass(slots=True)
class _Inliner:
    body: Callable[[str], Function | None]
    done: dict[str, Function] = field(default_factory=dict)
    active: list[str] = field(default_factory=list)

    def inlined(self, function: Function) -> Function:
        if function.name in self.done:
            return self.done[function.name]
        self.active.append(function.name)
        splice = _Splice(list(function.nodes), [(n.number,) for n in function.nodes])
        locals_ = dict.fromkeys(function.locals)
        notes: dict[Note, None] = dict.fromkeys(function.notes)
        for node in function.nodes:
            if not isinstance(node, Step) or not isinstance(node.instruction, Call):
                continue
            callee = self._callee(node, node.instruction)
            if callee is None:
                continue
            renamed = _renaming(callee)
            result = splice.call(node, node.instruction, callee, renamed)
            locals_ |= dict.fromkeys([*renamed.values(), *result])
            notes |= dict.fromkeys(callee.notes)
        self.active.pop()
        nodes = numbered(splice.nodes, function.entry, splice.keys)
        found = replace(function, locals=tuple(locals_), entry=0, nodes=nodes, notes=tuple(notes))
        self.done[function.name] = found
        return found

    def _callee(self, node: Step, call: Call) -> Function | None:
        callee = self.body(call.callee)
        if callee is None:
            return None
        if call.callee in self.active:
            path = " -> ".join([*self.active[self.active.index(call.callee) :], call.callee])
            raise RecursiveFunctionError(f"{call.callee} calls itself: {path}", place=node.place)
        return self.inlined(callee)


@dataclass(slots=True)
class _Splice:
    nodes: list[Node]
    # Where a node stands in the text: a spliced one right after its call.
    keys: list[tuple[int, ...]]

    def call(
        self, node: Step, call: Call, callee: Function, renamed: dict[Local, Local]
    ) -> list[Local]:
        """Replace the node of a call by the callee's nodes; the answer are locals made for it."""
        result: list[Local] = []
        base = len(self.nodes)
        shift = base + len(callee.parameters)
        for number, (parameter, value) in enumerate(
            zip(callee.parameters, call.arguments, strict=True), start=base
        ):
            assign = Assign(renamed[parameter], value)
            step = replace(node, number=number, instruction=assign, successor=number + 1)
            self.nodes.append(step)
        for inner in callee.nodes:
            if isinstance(inner, Return):
                number = shift + inner.number
                self.nodes.append(self._returned(inner, number, node, call, renamed, result))
            else:
                self.nodes.append(_shifted(rewritten(inner, _named(renamed)), shift))
        at = self.keys[node.number]
        self.keys += [(*at, n) for n in range(len(self.nodes) - base)]
        # The callee's entry is its node 0, which follows the last parameter.
        self.nodes[node.number] = replace(node, instruction=Skip(), successor=base)
        return result

    def _returned(
        self,
        inner: Return,
        number: int,
        node: Step,
        call: Call,
        renamed: dict[Local, Local],
        result: list[Local],
    ) -> Step:
        instruction: Instruction = Skip()
        if inner.value is not None:
            value = rewritten_expr(inner.value, _named(renamed))
            target = call.target
            if target is None and not isinstance(value, Const):
                # Nobody wants the value, but what can go wrong in it still does.
                target = Local(f"{call.callee}.$result", value.type)
                result.append(target)
            if target is not None:
                instruction = Assign(target, value)
        return Step(number, inner.place, inner.text, inner.function, instruction, node.successor)


def numbered(nodes: list[Node], entry: int, keys: list[tuple[int, ...]]) -> tuple[Node, ...]:
    """The nodes that can be reached, numbered in the order of `keys`, the entry first.

    What only passes control on disappears, except in an endless loop of its own.
    """

    def landing(number: int) -> int:
        seen: set[int] = set()
        while number not in seen:
            node = nodes[number]
            if not (isinstance(node, Step) and isinstance(node.instruction, Skip)):
                return number
            seen.add(number)
            number = node.successor
        return number

    start = landing(entry)
    reached: set[int] = set()
    pending = [start]
    while pending:
        number = pending.pop()
        if number not in reached:
            reached.add(number)
            pending.extend(landing(n) for n in successors(nodes[number]))
    rest = sorted(reached - {start}, key=lambda n: keys[n])
    order = {number: new for new, number in enumerate([start, *rest])}

    def moved(number: int) -> int:
        return order[landing(number)]

    found: list[Node] = []
    for number, new in order.items():
        node = nodes[number]
        match node:
            case Step():
                found.append(replace(node, number=new, successor=moved(node.successor)))
            case Branch():
                found.append(
                    replace(
                        node,
                        number=new,
                        if_true=moved(node.if_true),
                        if_false=moved(node.if_false),
                    )
                )
            case Return():
                found.append(replace(node, number=new))
    return tuple(found)


def _renaming(callee: Function) -> dict[Local, Local]:
    own = (*callee.parameters, *callee.locals)
    # What the callee inlined itself carries its own prefix already.
    return {
        local: local if "." in local.name else Local(f"{callee.name}.{local.name}", local.type)
        for local in own
    }


def _named(names: dict[Local, Local]) -> Callable[[LValue], LValue]:
    return lambda place: names.get(place, place) if isinstance(place, Local) else place


def _shifted(node: Node, shift: int) -> Node:
    match node:
        case Step():
            return replace(node, number=node.number + shift, successor=node.successor + shift)
        case Branch():
            return replace(
                node,
                number=node.number + shift,
                if_true=node.if_true + shift,
                if_false=node.if_false + shift,
            )
        case Return():
            return replace(node, number=node.number + shift)
