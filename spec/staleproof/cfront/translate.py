"""A typed control-flow graph to a transition system: one action per edge of the graph.

Locals become state constants, the nodes become locations, a called function's contract becomes one
action per outcome. What must hold at a node (an index inside its array, a lock held, ...) is
checked by an action of its own that leads to the location ``bad: <kind>``, where the run ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from staleproof.cfront import ir
from staleproof.cfront.agreement import require_prototype, require_results, require_sort
from staleproof.cfront.contracts import (
    Access,
    ArrayPointer,
    CallSite,
    Demand,
    Effect,
    LocalAddress,
    Outcome,
    Value,
    World,
)
from staleproof.cfront.locals import Frame, LocalSymbol, sort_of
from staleproof.cfront.pointers import about_strings, is_said_to_point_nowhere, plain, word_of
from staleproof.cfront.render import render
from staleproof.cfront.semantics import Expressions
from staleproof.cfront.types import PointerType
from staleproof.errors import StaleproofError, UnknownCalleeError, UnsupportedCError
from staleproof.lang.sorts import BOOL
from staleproof.lang.substitute import Update, assign, override, symbols_of
from staleproof.lang.system import Action, Assumption, Note, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, Var, neg, variable

RETURN = "return"
"""The location where the function has returned."""


def bad(kind: str) -> str:
    """The location where a demand of that kind has failed."""
    return f"bad: {kind}"


FAILED = Symbol("demand.failed", (), BOOL)
"""A demand has failed: the run has ended at its ``bad:`` location."""


@dataclass(frozen=True, eq=False)
class Translation:
    """One C function, ready to become a system once it is known what is asked of it."""

    function: ir.Function
    actions: tuple[Action, ...]
    entry: str
    parameters: Mapping[str, Symbol]
    """The value of each parameter at the call, never changed."""
    result: Symbol | None
    kinds: frozenset[str]
    """The kinds of demand that occur, so that there is a location for their failure."""
    init: tuple[Term, ...]
    assumptions: tuple[Assumption, ...]
    symbols: tuple[Symbol, ...]
    world: World
    axioms: tuple[Term, ...] = ()
    returns_place: bool = False
    """A pointer into an array is returned, of which the result has but the word that tells about it
    (NULL, an ERR_PTR, or one that points)."""

    @property
    def locations(self) -> frozenset[str]:
        """Every location of the system."""
        return frozenset(loc for a in self.actions for loc in (a.source, a.target))

    def system(
        self,
        safety: tuple[Property, ...],
        *,
        init: tuple[Term, ...] = (),
        assumptions: tuple[Assumption, ...] = (),
        more_actions: tuple[Action, ...] = (),
        hints: tuple[Term, ...] = (),
    ) -> System:
        """The system in which `safety` is asked, with extra initial conditions and actions.

        The world's axioms and initial conditions come in where they share a symbol with it, and
        its assumptions where they speak of one.
        """
        actions = (*self.actions, *more_actions)
        terms = [g for a in actions for g in a.guard]
        terms += [u.value for a in actions for u in a.updates]
        terms += [t for a in actions for note in a.notes for t in note.terms]
        terms += [*init, *(p.formula for p in safety), *hints]
        used = dict.fromkeys(self.symbols)
        for symbols in (symbols_of(*terms), {u.symbol for a in actions for u in a.updates}):
            used.update(dict.fromkeys(sorted(symbols, key=lambda s: s.name)))
        chosen = _sharing((*self.world.axioms, *self.world.init), used)
        given = (a for a in self.world.assumptions if _rests_on(a, self.world, used))
        taken = {a.name: a for a in (*given, *self.assumptions, *assumptions)}
        return System(
            name=self.function.name,
            symbols=tuple(used),
            init=(*self.init, *(f for f in self.world.init if f in chosen), *init),
            axioms=(*self.axioms, *(f for f in self.world.axioms if f in chosen)),
            actions=actions,
            entry=self.entry,
            safety=safety,
            assumptions=tuple(taken.values()),
            doc=f"The C function {self.function.name}, one action per edge of its flow graph.",
            hints=hints,
            definitions=tuple(
                d for d in self.world.definitions if symbols_of(d.body) <= used.keys()
            ),
        )


def _rests_on(assumption: Assumption, world: World, used: Iterable[Symbol]) -> bool:
    """Whether a system of these symbols rests on an assumption of the world."""
    speaks_of = world.about.get(assumption.name)
    return speaks_of is None or any(map(speaks_of, used))


def _sharing(formulas: tuple[Term, ...], used: dict[Symbol, None]) -> dict[Term, None]:
    """The formulas that share a symbol with `used`, directly or not; `used` grows with them."""
    chosen: dict[Term, None] = {}
    changed = True
    while changed:
        changed = False
        for formula in formulas:
            found = symbols_of(formula)
            if formula not in chosen and found & used.keys():
                chosen[formula] = None
                used.update(dict.fromkeys(sorted(found, key=lambda s: s.name)))
                changed = True
    return chosen


def translate(
    function: ir.Function, world: World, *, havoc: frozenset[str] = frozenset()
) -> Translation:
    """The actions of `function` in `world`.

    Calls of functions in `havoc` may return anything and change nothing that is modelled, which is
    an assumption with a name. Raises UnknownCalleeError for a callee without a contract.
    """
    plain = _Translator(function, world, havoc)
    found = plain.translation()
    taken = plain.frame.locals_called(_names_of_the_model(found))
    return _Translator(function, world, havoc, taken).translation() if taken else found


def _names_of_the_model(translation: Translation) -> set[str]:
    """The names of all state that is not the function's own."""
    world = translation.world
    terms = [*world.axioms, *world.init, *(d.body for d in world.definitions)]
    updated = [translation.result, FAILED]
    for action in translation.actions:
        terms += [*action.guard, *(u.value for u in action.updates)]
        terms += [t for note in action.notes for t in note.terms]
        updated += [u.symbol for u in action.updates]
    symbols = symbols_of(*terms) | {s for s in updated if s is not None}
    return {s.name for s in symbols if not isinstance(s, LocalSymbol)}


@dataclass
class _Edge:
    """The actions of one node, as they are collected."""

    node: ir.Node
    source: str
    demands: list[Demand] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class _Translator:
    def __init__(
        self,
        function: ir.Function,
        world: World,
        havoc: frozenset[str],
        taken: frozenset[str] = frozenset(),
    ) -> None:
        self.function, self.world, self.havoc = function, world, havoc
        self.frame = Frame(function, world, taken)
        self.expressions = Expressions(self.frame, world, _filled(function))
        self.locations = _locations(function, self.frame)
        self.actions: list[Action] = []
        self.assumptions: dict[Assumption, None] = {}
        self.kinds: dict[str, None] = {}
        self.returns_place = False
        self.result = (
            Symbol("result", (), sort_of(function.return_type, world), signed=True)
            if not _is_void(function)
            else None
        )

    def translation(self) -> Translation:
        for node in self.function.nodes:
            try:
                self._node(node)
            except StaleproofError as refused:
                # What reads an expression, or a contract, does not know where it stands.
                refused.place = refused.place or node.place
                raise
        self._require_words_given()
        notes = [Assumption(n.id, n.sentence) for n in self.function.notes]
        return Translation(
            function=self.function,
            actions=tuple(self.actions),
            entry=self.locations[self.function.entry],
            parameters=self.frame.at_entry,
            result=self.result,
            kinds=frozenset(self.kinds),
            init=(*self.frame.init(), neg(FAILED())),
            assumptions=(*notes, *self.assumptions),
            symbols=(
                *self.frame.symbols(),
                *((self.result,) if self.result is not None else ()),
                FAILED,
            ),
            world=self.world,
            axioms=tuple(about_strings(self.expressions.strings)),
            returns_place=self.returns_place,
        )

    def _require_words_given(self) -> None:
        """Of a parameter it is not known that it points into an array."""
        for parameter in self.function.parameters:
            if isinstance(self.frame.load(parameter).value, ArrayPointer):
                raise UnsupportedCError(
                    f"the parameter {parameter.name} is made to point into an array",
                    place=self.function.place,
                    fix="use a variable of its own for the pointer into the array",
                )

    # Nodes

    def _node(self, node: ir.Node) -> None:
        edge = _Edge(node, self.locations[node.number])
        match node:
            case ir.Branch():
                self._branch(edge, node)
            case ir.Return():
                self._return(edge, node)
            case ir.Step(instruction=ir.Assign(lvalue, expr)):
                updates = self._assignment(edge, lvalue, expr)
                self._emit(edge, "", updates, node.successor)
            case ir.Step(instruction=ir.Call() as call):
                self._call(edge, node, call)
            case ir.Step(instruction=ir.Check(kind, expr)):
                condition = self._truth(edge, expr)
                edge.demands.append(Demand("bug", neg(condition), f"{kind} does not fire"))
                self._emit(edge, "", (), node.successor)
            case ir.Step(instruction=ir.Declare(local)):
                if updates := self.frame.declare(local):
                    self._emit(edge, "", updates, node.successor)
            case ir.Step(instruction=ir.Skip()):
                self._emit(edge, "", (), node.successor)

    def _branch(self, edge: _Edge, node: ir.Branch) -> None:
        condition = self._truth(edge, node.condition)
        edge.notes.extend(self.expressions.comparison_notes(node.condition))
        self._emit(edge, "true", (), node.if_true, (condition,), failures=True)
        self._emit(edge, "false", (), node.if_false, (neg(condition),), failures=False)

    def _return(self, edge: _Edge, node: ir.Return) -> None:
        updates: tuple[Update, ...] = ()
        if node.value is not None and self.result is not None:
            value = self._read(edge, node.value)
            updates = (assign(self.result, (), self._as_result(value, node.value)),)
        self._emit(edge, "", updates, None)

    def _as_result(self, value: Value, returned: ir.Expr) -> Term:
        """What the caller sees: of a pointer into an array, only the word that tells about it."""
        if isinstance(value, ArrayPointer):
            self.returns_place = True
            return word_of(value)
        require_sort("what is returned", returned.type, value, self.world)
        return plain(value)

    def _assignment(self, edge: _Edge, lvalue: ir.LValue, expr: ir.Expr) -> tuple[Update, ...]:
        value = self._read(edge, expr)
        store = self.expressions.store(lvalue, value, nowhere=is_said_to_point_nowhere(expr))
        edge.demands.extend(store.demands)
        return store.updates

    def _call(self, edge: _Edge, node: ir.Step, call: ir.Call) -> None:
        arguments = tuple(self._read(edge, a, in_call=True) for a in call.arguments)
        site = CallSite(call.callee, arguments, call.return_type)
        effect = self._effect(node, call, site)
        edge.demands.extend(effect.demands)
        self.assumptions.update(dict.fromkeys(effect.assumptions))
        for number, outcome in enumerate(effect.outcomes):
            updates = outcome.updates
            if call.target is not None and outcome.result is not None:
                stored = self.expressions.store(call.target, outcome.result)
                updates = _together(updates, stored.updates)
            self._emit(
                edge,
                outcome.name,
                updates,
                node.successor,
                outcome.require,
                outcome.params,
                effect,
                outcome,
                failures=number == 0,
            )

    def _effect(self, node: ir.Step, call: ir.Call, site: CallSite) -> Effect:
        contract = self.world.contracts.get(site.callee)
        if site.callee in self.havoc:
            return anything(site, self.world)
        if contract is None:
            raise UnknownCalleeError(
                f"{self.function.name} calls {site.callee}, which has no contract",
                place=node.place,
                fix="add a contract (docs/contracts.md), or accept any behaviour with "
                f"--havoc {site.callee}; known: {', '.join(sorted(self.world.contracts))}",
            )
        require_prototype(call, site, self.world)
        effect = contract(site)
        require_results(call, effect, self.world)
        return effect

    # Expressions, with what they demand collected on the edge

    def _read(self, edge: _Edge, expr: ir.Expr, in_call: bool = False) -> Value:
        access: Access = self.expressions.read(expr, in_call=in_call)
        edge.demands.extend(access.demands)
        return access.value

    def _truth(self, edge: _Edge, expr: ir.Expr) -> Term:
        access = self.expressions.truth(expr)
        edge.demands.extend(access.demands)
        assert isinstance(access.value, Term)
        return access.value

    # Actions

    def _emit(
        self,
        edge: _Edge,
        label: str,
        updates: tuple[Update, ...],
        successor: int | None,
        guard: tuple[Term, ...] = (),
        params: tuple[Var, ...] = (),
        effect: Effect | None = None,
        outcome: Outcome | None = None,
        failures: bool = True,
    ) -> None:
        base = f"{edge.source} {edge.node.text}"
        holding: list[Term] = []
        for demand in _distinct(edge.demands):
            if failures:
                self._fail(edge, f"{base} [fails {len(holding)}]", holding, (), demand, effect)
            holding.append(demand.condition)
        holding += guard
        for demand in _distinct(outcome.demands if outcome else ()):
            name = f"{base} [{label} fails {len(holding)}]"
            self._fail(edge, name, holding, params, demand, effect)
            holding.append(demand.condition)
        guards = tuple(g for g in holding if g is not TRUE)
        if any(g is FALSE for g in guards):
            return
        self.actions.append(
            Action(
                name=f"{base} [{label}]" if label else base,
                params=params,
                guard=guards,
                updates=updates,
                source=edge.source,
                target=RETURN if successor is None else self.locations[successor],
                doc=outcome.doc if outcome else _branch_doc(edge.node, label),
                kernel=effect.kernel if effect else "",
                holds=effect.holds if effect else "",
                place=edge.node.place,
                notes=tuple(edge.notes),
            )
        )

    def _fail(
        self,
        edge: _Edge,
        name: str,
        holding: list[Term],
        params: tuple[Var, ...],
        demand: Demand,
        effect: Effect | None,
    ) -> None:
        self.kinds[demand.kind] = None
        guard = tuple(g for g in (*holding, neg(demand.condition)) if g is not TRUE)
        if any(g is FALSE for g in guard):
            return
        self.actions.append(
            Action(
                name=name,
                params=params,
                guard=guard,
                updates=(assign(FAILED, (), TRUE),),
                source=edge.source,
                target=bad(demand.kind),
                doc=f"it is not so that {demand.sentence}",
                kernel=effect.kernel if effect else "",
                place=edge.node.place,
                notes=(*edge.notes, *demand.notes),
            )
        )


def _branch_doc(node: ir.Node, label: str) -> str:
    """Which way a branch goes: in the text its condition may stand negated."""
    if not isinstance(node, ir.Branch):
        return ""
    condition = render(node.condition)
    if isinstance(node.condition.type, PointerType):
        return f"{condition} is {'not ' * (label == 'true')}NULL"
    return f"{condition} is {label}"


def _filled(function: ir.Function) -> frozenset[str]:
    """The locals that may hold something when their address is passed: all but those that one
    call alone is given, to hand a result back.
    """
    given: dict[str, int] = {p.name: 2 for p in function.parameters}
    for node in function.nodes:
        match node:
            case ir.Step(instruction=ir.Assign(ir.Local(name))):
                given[name] = 2
        passed = (p for top in ir.expressions(node) for p in ir.walk(top))
        for part in passed:
            if isinstance(part, ir.AddressOf) and isinstance(part.lvalue, ir.Local):
                given[part.lvalue.name] = given.get(part.lvalue.name, 0) + 1
    return frozenset(name for name, times in given.items() if times > 1)


def _distinct(demands: Iterable[Demand]) -> list[Demand]:
    """The demands that can fail, each condition once."""
    return list({d.condition: d for d in demands if d.condition is not TRUE}.values())


def _is_void(function: ir.Function) -> bool:
    return str(function.return_type) == "void"


def _locations(function: ir.Function, frame: Frame) -> dict[int, str]:
    """A location per node: its function and its line in it, with a number where a line has
    several nodes. What stands before the function in its file makes no difference.

    A declaration that changes nothing is no step: its location is that of what follows it.
    """
    seen: dict[str, int] = {}
    names: dict[int, str] = {}
    first: dict[str, int] = {}
    for node in function.nodes:
        first[node.function] = min(node.place.line, first.get(node.function, node.place.line))
    for node in function.nodes:
        if _is_no_step(node, frame):
            continue
        line = f"{node.function}+{node.place.line - first[node.function]}"
        count = seen[line] = seen.get(line, -1) + 1
        names[node.number] = line if count == 0 else f"{line}.{count}"
    for node in function.nodes:
        following = node
        while isinstance(following, ir.Step) and _is_no_step(following, frame):
            following = function.nodes[following.successor]
        names[node.number] = names[following.number]
    return names


def _is_no_step(node: ir.Node, frame: Frame) -> bool:
    match node:
        case ir.Step(instruction=ir.Declare(local)):
            return not frame.declare(local)
        case _:
            return False


def _together(first: tuple[Update, ...], second: tuple[Update, ...]) -> tuple[Update, ...]:
    """Simultaneous updates of which both sides may touch one symbol; the second wins."""
    merged = {u.symbol: u for u in first}
    for update in second:
        known = merged.get(update.symbol)
        merged[update.symbol] = update if known is None else override(known, update)
    return tuple(merged.values())


def anything(site: CallSite, world: World) -> Effect:
    """A callee that may return any value, write any to the variables whose address it is given,
    and changes nothing else that is modelled.
    """
    written = {
        variable(f"any_written_{number}", value.symbol.range): value.symbol
        for number, value in enumerate(site.arguments)
        if isinstance(value, LocalAddress)
    }
    does = ", may write to what it is given the address of, and changes no other state"
    if not written:
        does = " and changes no state"
    sentence = f"{site.callee} returns any value{does} that the model has"
    assumption = Assumption(f"HAVOC-{site.callee}", sentence)
    updates = tuple(assign(symbol, (), value) for value, symbol in written.items())
    if str(site.result_type) == "void":
        outcome = Outcome("returns", params=tuple(written), updates=updates)
    else:
        any_value = variable("any_result", sort_of(site.result_type, world))
        params = (any_value, *written)
        outcome = Outcome("returns anything", result=any_value, params=params, updates=updates)
    return Effect((outcome,), kernel=site.callee, assumptions=(assumption,))


def never(kind: str, name: str, doc: str) -> Property:
    """The property that no demand of that kind ever fails."""
    return Property(name, FALSE, at=frozenset({bad(kind)}), doc=doc)
