"""Models: systems as classes, and patches of models as subclasses.

Class annotations declare the state, methods are the actions and formulas; `build` runs each
method once, on variables for its parameters, and writes down what it says. A patch is a subclass
that replaces, drops or adds named actions and nothing else; `patched` composes several.
"""

from __future__ import annotations

import difflib
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_type_hints, overload
from weakref import WeakKeyDictionary

from staleproof.errors import ModelError, Place, StaleproofError
from staleproof.lang.kinds import sort_of
from staleproof.lang.sorts import BOOL
from staleproof.lang.state import Declared, Recording, declaration
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import TRUE, Operand, Operation, Term, Var, coerce, conj, forall
from staleproof.lang.terms import variable as variable_named

Method = TypeVar("Method", bound=Callable[..., Any])


class Role(Enum):
    """What a method of a model is."""

    ACTION = "action"
    SAFETY = "safety"
    LEMMA = "lemma"
    AXIOM = "axiom"
    INITIAL = "initial"


@dataclass(frozen=True, slots=True)
class _Part:
    """A method with its role, and what its decorator said."""

    role: Role
    kernel: str = ""
    holds: str = ""
    adds: bool = False


_parts: WeakKeyDictionary[Callable[..., Any], _Part] = WeakKeyDictionary()


@overload
def action(method: Method, /) -> Method: ...
@overload
def action(
    *, kernel: str = "", holds: str = "", adds: bool = False
) -> Callable[[Method], Method]: ...
def action(method: Any = None, /, *, kernel: str = "", holds: str = "", adds: bool = False) -> Any:
    """Mark a method as an atomic step: `require` lines first, then assignments.

    `kernel` names the file and function that it is a step of, `holds` the locks. In a patch an
    action replaces the one of its name, or says that it `adds` one.
    """
    part = _Part(Role.ACTION, kernel, holds, adds)
    return _marked(method, part) if method is not None else lambda m: _marked(m, part)


def safety(method: Method) -> Method:
    """Mark a method as what is claimed; it returns a formula, true for all its parameters."""
    return _marked(method, _Part(Role.SAFETY))


def lemma(method: Method) -> Method:
    """Mark a method as what the proof needs on the way; it returns a formula."""
    return _marked(method, _Part(Role.LEMMA))


def axiom(method: Method) -> Method:
    """Mark a method as a fact about what never changes; it returns a formula."""
    return _marked(method, _Part(Role.AXIOM))


def initial(method: Method) -> Method:
    """Mark a method as a condition on the states at the start; it returns a formula or several."""
    return _marked(method, _Part(Role.INITIAL))


def _marked(method: Method, part: _Part) -> Method:
    if not isinstance(method, FunctionType):
        raise ModelError(f"@{part.role.value} is used on {method!r}, which is no method")
    _parts[method] = part
    return method


class Model:
    """The root of models. The parameter of its methods that stands for the state is called `s`."""

    assumptions: ClassVar[tuple[Assumption, ...]] = ()
    """What is taken for granted, printed with every verdict; a patch adds to what it patches."""
    drops: ClassVar[tuple[str, ...]] = ()
    """In a patch, the actions and formulas of the patched model that it takes away."""

    def __init_subclass__(cls) -> None:
        with _placed(cls):
            _declare(cls)
        _methods(cls)

    @property
    def recording(s) -> Recording:
        """What is being recorded. Raises ModelError when the model is used outside of `build`."""
        current: Recording | None = s.__dict__.get("recorded")
        if current is None:
            raise ModelError("a model's state was used outside of its methods")
        return current

    def require(s, *conditions: Operand) -> None:
        """Only where all conditions hold can the action happen."""
        s.recording.require(conditions)

    def when(s, condition: Operand) -> AbstractContextManager[None]:
        """The assignments inside of ``with s.when(condition):`` happen only where it holds."""
        return s.recording.under(condition)

    if not TYPE_CHECKING:

        def __setattr__(s, name: str, value: object) -> None:
            if not isinstance(getattr(type(s), name, None), Declared):
                raise ModelError(_unknown(type(s), name, "assigns"))
            object.__setattr__(s, name, value)

        def __getattr__(s, name: str) -> object:
            if name.startswith("__"):
                raise AttributeError(name)
            raise ModelError(_unknown(type(s), name, "uses"))


def _unknown(model: type[Model], name: str, verb: str) -> str:
    known = [d.symbol.name for d in _declared(model)]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; is {near[0]} meant?" if near else ""
    return f"{model.__name__} {verb} s.{name}, which it does not declare{hint}"


# State


def _declare(cls: type[Model]) -> None:
    """Put what the class annotations declare where `s.name` finds it."""
    names = vars(sys.modules[cls.__module__])
    for method in vars(cls).values():
        if isinstance(method, FunctionType):
            names = method.__globals__
    try:
        hints = inspect.get_annotations(cls, globals=names, locals={}, eval_str=True)
    except NameError as failure:
        raise ModelError(
            f"an annotation of {cls.__name__} names {failure.name}, which is not defined",
            fix="declare sorts above the model, at the level of the module",
        ) from None
    for name, hint in hints.items():
        part = declaration(name, hint, cls.__name__)
        if part is None:
            continue
        inherited = getattr(cls, name, None)
        if isinstance(inherited, Declared) and inherited.symbol != part.symbol:
            raise ModelError(f"{cls.__name__} declares {name} again, as something else")
        if name in cls.__dict__ or (inherited is not None and not isinstance(inherited, Declared)):
            raise ModelError(
                f"{cls.__name__} declares {name} and gives it a value, or it means something else",
                fix="choose another name; initial values are said by an @initial method",
            )
        setattr(cls, name, part)


def _declared(model: type[Model]) -> list[Declared]:
    """The parts of the state, those of the patched model first."""
    found = {
        name: value
        for cls in reversed(model.__mro__)
        for name, value in vars(cls).items()
        if isinstance(value, Declared)
    }
    return list(found.values())


# Methods


def _methods(model: type[Model]) -> dict[str, tuple[Callable[..., Any], _Part]]:
    """The methods with roles, in order, after what each patch replaces, drops and adds."""
    found: dict[str, tuple[Callable[..., Any], _Part]] = {}
    for cls in reversed(model.__mro__):
        first = not found
        with _placed(cls):
            for name in vars(cls).get("drops", ()):
                if found.pop(name, None) is None:
                    raise ModelError(f"{cls.__name__} drops {name}, which is not there to drop")
        for name, method in vars(cls).items():
            part = _parts.get(method) if isinstance(method, FunctionType) else None
            known = found.get(name)
            if part is None and known is None:
                continue
            with _placed(method):
                _check_replacement(cls, name, known and known[1], part, first)
            assert part is not None
            found[name] = (method, part)
    return found


def _check_replacement(
    cls: type[Model], name: str, known: _Part | None, part: _Part | None, first: bool
) -> None:
    if part is None:
        raise ModelError(
            f"{cls.__name__} hides {name}", fix="decorate it, or name it in `drops` to take it away"
        )
    if known is not None and known.role is not part.role:
        raise ModelError(f"{cls.__name__} makes {name}, a {known.role.value}, a {part.role.value}")
    if part.adds and known is not None:
        raise ModelError(f"{cls.__name__} adds {name}, which is there already")
    if part.role is Role.ACTION and known is None and not part.adds and not first:
        raise ModelError(
            f"{cls.__name__} replaces {name}, which is not there to replace",
            fix="correct the name, or say @action(adds=True)",
        )


# Systems


def build(model: type[Model]) -> System:
    """The system that the model describes.

    Raises ModelError, SortError or SignError at the line of the model that is wrong.
    """
    s = model()
    made: dict[Role, list[Any]] = {role: [] for role in Role}
    for name, (method, part) in _methods(model).items():
        with _placed(method):
            made[part.role] += _MAKERS[part.role](s, name, method, part)
    with _placed(model):
        return System(
            name=model.__name__,
            symbols=tuple(d.symbol for d in _declared(model)),
            init=tuple(made[Role.INITIAL]),
            actions=tuple(made[Role.ACTION]),
            axioms=tuple(made[Role.AXIOM]),
            safety=tuple(made[Role.SAFETY]),
            lemmas=tuple(made[Role.LEMMA]),
            assumptions=_assumptions(model),
            doc=_sentence(model, model.__name__, only_first=True),
        )


def _assumptions(model: type[Model]) -> tuple[Assumption, ...]:
    stated = (a for cls in reversed(model.__mro__) for a in vars(cls).get("assumptions", ()))
    return tuple(dict.fromkeys(stated))


def _action(s: Model, name: str, method: Callable[..., Any], part: _Part) -> list[Action]:
    params = _parameters(method, name)
    recording, returned = _run(s, f"action {name}", method, params, is_action=True)
    if returned is not None:
        raise ModelError(f"action {name} returns something", fix="assign to the state instead")
    if not recording.updates:
        raise ModelError(f"action {name} changes nothing")
    return [
        Action(
            name=name,
            params=params,
            guard=tuple(g for g in recording.guard if g is not TRUE),
            updates=tuple(recording.updates.values()),
            doc=_sentence(method, f"action {name}"),
            kernel=part.kernel,
            holds=part.holds,
        )
    ]


def _property(s: Model, name: str, method: Callable[..., Any], part: _Part) -> list[Property]:
    params = _parameters(method, name)
    formula = _formula(s, name, method, params, part)
    premise: Term = TRUE
    conclusion = formula
    if isinstance(formula, Operation) and formula.operator.name == "implies":
        premise, conclusion = formula.children
    doc = _sentence(method, f"{part.role.value} {name}")
    return [Property(name, conclusion, params, premise, doc=doc)]


def _closed(s: Model, name: str, method: Callable[..., Any], part: _Part) -> list[Term]:
    params = _parameters(method, name)
    formula = _formula(s, name, method, params, part)
    _sentence(method, f"{part.role.value} {name}")
    parts = formula.children if _is_conjunction(formula) else (formula,)
    for param in reversed(params):
        parts = tuple(forall(param, p) for p in parts)
    return list(parts)


_MAKERS: dict[Role, Callable[[Model, str, Callable[..., Any], _Part], Iterable[Any]]] = {
    Role.ACTION: _action,
    Role.SAFETY: _property,
    Role.LEMMA: _property,
    Role.AXIOM: _closed,
    Role.INITIAL: _closed,
}


def _is_conjunction(term: Term) -> bool:
    return isinstance(term, Operation) and term.operator.name == "and"


def _formula(
    s: Model, name: str, method: Callable[..., Any], params: tuple[Var, ...], part: _Part
) -> Term:
    what = f"{part.role.value} {name}"
    _, returned = _run(s, what, method, params, is_action=False)
    if returned is None:
        raise ModelError(f"{what} returns nothing", fix="return the formula")
    if isinstance(returned, tuple | list):
        return conj(*(coerce(r, BOOL) for r in returned))
    return coerce(returned, BOOL)


def _run(
    s: Model, what: str, method: Callable[..., Any], params: tuple[Var, ...], is_action: bool
) -> tuple[Recording, Any]:
    recording = Recording(what, is_action)
    s.__dict__["recorded"] = recording
    try:
        return recording, method(s, *params)
    finally:
        del s.__dict__["recorded"]


def _parameters(method: Callable[..., Any], name: str) -> tuple[Var, ...]:
    _, *parameters = inspect.signature(method).parameters.values()
    try:
        hints = get_type_hints(method)
    except NameError as failure:
        raise ModelError(f"{name} is annotated with {failure.name}, which is not defined") from None
    for parameter in parameters:
        if parameter.name not in hints:
            raise ModelError(f"the parameter {parameter.name} of {name} has no sort")
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            raise ModelError(f"the parameter {parameter.name} of {name} is not a plain one")
    return tuple(
        variable_named(p.name, sort_of(hints[p.name], f"{p.name} of {name}")) for p in parameters
    )


def _sentence(documented: Any, what: str, *, only_first: bool = False) -> str:
    """The docstring on one line; it has to be one sentence, or to have one as its first paragraph.

    What a model makes atomic, and why that is sound, stands in the paragraphs after it.
    """
    text = inspect.cleandoc(documented.__doc__ or "")
    if only_first:
        text = text.split("\n\n")[0]
    if not text or "\n\n" in text or not text.endswith((".", "?")):
        raise ModelError(
            f"the docstring of {what} is not one sentence",
            why="it is what a trace and a claim say about it",
            fix="write one sentence that can be true or false, with a full stop",
        )
    return " ".join(text.split())


# Patches


def patched(model: type[Model], *patches: type[Model]) -> type[Model]:
    """The model after the patches, in their order.

    Each patch is a subclass of the model or of a layer that the model is built on.
    """
    if not patches:
        return model
    known = {*model.__mro__}
    for patch in patches:
        if not (known & {*patch.__mro__}) - {*Model.__mro__}:
            raise ModelError(f"{patch.__name__} is no patch of {model.__name__}")
    name = "+".join(cls.__name__ for cls in (model, *patches))
    try:
        return type(name, (*reversed(patches), model), {"__doc__": model.__doc__})
    except TypeError as failure:
        raise ModelError(
            f"{name} applies a patch before one that it builds on", fix="apply them in order"
        ) from failure


def without(model: type[Model], *names: str) -> type[Model]:
    """The model without these actions or formulas: how killers are made."""
    name = f"{model.__name__} without {', '.join(names)}"
    return type(name, (model,), {"__doc__": model.__doc__, "drops": names})


# Places


class _placed:
    """Gives errors raised inside the place in the model's text that they are about."""

    def __init__(self, about: Any) -> None:
        self.about = about

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, failure: BaseException | None, trace: Any) -> None:
        if isinstance(failure, StaleproofError) and failure.place is None:
            failure.place = _line_of(self.about, trace) or _place_of(self.about)


def _line_of(about: Any, trace: Any) -> Place | None:
    """The line of the model's file that was running."""
    file = getattr(getattr(about, "__code__", None), "co_filename", None)
    for frame in reversed(traceback.extract_tb(trace)):
        if frame.filename == file and frame.lineno is not None:
            column, end = frame.colno or 0, frame.end_colno or 0
            source = linecache.getline(file, frame.lineno).rstrip("\n")
            length = end - column if frame.lineno == frame.end_lineno else len(source) - column
            return Place(_shown(file), frame.lineno, column + 1, source, max(1, length))
    return None


def _place_of(about: Any) -> Place | None:
    """The line on which a method or model begins."""
    try:
        lines, start = inspect.getsourcelines(about)
        file = inspect.getsourcefile(about)
    except (OSError, TypeError):
        return None
    for offset, line in enumerate(lines):
        if line.lstrip().startswith(("def ", "class ")):
            source = line.rstrip("\n")
            indent = len(source) - len(source.lstrip())
            shown = _shown(str(file))
            return Place(shown, start + offset, indent + 1, source, len(source) - indent)
    return None


def _shown(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
