"""Running a control-flow graph over integers, to compare it with the compiler's own result."""

from __future__ import annotations

from staleproof.cfront.evaluate import EvaluationFailure, evaluate
from staleproof.cfront.ir import Assign, Branch, Declare, Function, Local, Return, Skip, Step

LONGEST = 20_000


def run(function: Function, arguments: dict[str, int]) -> int | None:
    """The value returned for the arguments. Raises EvaluationFailure where C gives none."""
    values = dict(arguments)
    node = function.nodes[function.entry]
    for _ in range(LONGEST):
        match node:
            case Return(value=value):
                return None if value is None else evaluate(value, values)
            case Branch(condition=condition):
                taken = node.if_true if evaluate(condition, values) else node.if_false
                node = function.nodes[taken]
            case Step(instruction=Assign(lvalue=Local(name=name), expr=expr)):
                values[name] = evaluate(expr, values)
                node = function.nodes[node.successor]
            case Step(instruction=Declare(local=local)):
                values.pop(local.name, None)
                node = function.nodes[node.successor]
            case Step(instruction=Skip()):
                node = function.nodes[node.successor]
            case _:
                raise EvaluationFailure(f"{node} is not run here")
    raise EvaluationFailure("the run is too long")
