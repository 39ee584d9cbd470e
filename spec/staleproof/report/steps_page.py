"""Tables of the steps of a model in Markdown, as they stand on the pages about the kernel."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence

from staleproof.errors import ModelError
from staleproof.lang.model import Model, build
from staleproof.lang.system import Action

HEAD = ("step", "kernel function", "lock held", "made one step, and why that is sound")


def own_actions(model: type[Model]) -> tuple[Action, ...]:
    """The actions that the model adds or replaces, in the order in which it has them."""
    actions = {action.name: action for action in build(model).actions}
    return tuple(actions[name] for name in vars(model) if name in actions)


def steps_markdown(
    model: type[Model], why: Mapping[str, str], names: Sequence[str] = (), *, words: bool = True
) -> str:
    """What the model says of itself, unless not wanted, and a row for each of its actions.

    `why` has the last column; `names` picks actions, where a page tells not all of them.
    """
    own = {action.name: action for action in own_actions(model)}
    wanted = names or tuple(own)
    for name in wanted:
        if name not in own:
            raise ModelError(f"{model.__name__} has no action {name} of its own")
        if name not in why:
            raise ModelError(f"nothing says why {model.__name__}.{name} may be one step")
    lines = [*_words(model), ""] if words else []
    lines += [_row(HEAD), _row(["---"] * len(HEAD))]
    lines += [_step(own[name], why[name]) for name in wanted]
    return "\n".join(lines) + "\n"


def _words(model: type[Model]) -> list[str]:
    text = _doc(model)
    file = model.__module__.replace(".", "/") + ".py"
    head, *others = text.split("\n\n")
    lines = [f"`{model.__name__}` (`spec/{file}`): {' '.join(head.split())}"]
    for paragraph in others:
        lines += ["", " ".join(paragraph.split())]
    return lines


def _step(action: Action, why: str) -> str:
    kernel = f"`{action.kernel}`" if ":" in action.kernel else action.kernel
    return _row([f"`{action.name}`: {action.doc}", kernel, action.holds or "none", why])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def changes_markdown(models: Sequence[type[Model]]) -> str:
    """A row for each patch: what was merged, as its module says, and what changes in the model."""
    lines = [_row(("patch", "in the kernel", "in the model")), _row(["---"] * 3)]
    for model in models:
        module = inspect.cleandoc(sys.modules[model.__module__].__doc__ or "")
        cells = [" ".join(text.split("\n\n")[0].split()) for text in (module, _doc(model))]
        lines.append(_row([f"`{model.__name__}`", *cells]))
    return "\n".join(lines) + "\n"


def _doc(model: type[Model]) -> str:
    return inspect.cleandoc(model.__doc__ or "")
