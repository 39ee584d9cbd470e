"""Two C functions compared: proved the same for all inputs, or every class on which they differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from staleproof.cfront import SourceFile, load_function, read_source
from staleproof.cfront.contracts import World
from staleproof.cfront.locals import AT_ENTRY, LocalSymbol
from staleproof.cfront.oracles import with_any
from staleproof.cfront.translate import RETURN, Translation, translate
from staleproof.engine.classes import Class, Study
from staleproof.engine.induction import Proof, Proved
from staleproof.engine.relating import Known, pruned, related
from staleproof.engine.search import Found, Limits, search
from staleproof.engine.solve import solver_name
from staleproof.errors import CTypeError, UnsupportedCError
from staleproof.kernel.callees import require_called
from staleproof.kernel.equivalence.condition import condition_term
from staleproof.kernel.equivalence.relations import Relations
from staleproof.kernel.equivalence.still_world import (
    FROZEN,
    ONE_WORLD,
    PINS_ALIKE,
    STILL_WORLD,
    pin_reach,
    with_options,
)
from staleproof.kernel.equivalence.visible import statements
from staleproof.kernel.frame_vector import vector
from staleproof.lang.product import Product, Side
from staleproof.lang.system import Assumption, Property, System
from staleproof.lang.terms import FALSE, Symbol, Term
from staleproof.logic.blocks import loop_heads
from staleproof.logic.peeling import peeled
from staleproof.trace.itf import to_itf
from staleproof.verdict import Comparison, Difference, Unsettled, Verdict, Word

LIMITS = Limits(depth=60)
FURTHER = ((3, 0), (4, 0), (4, 1), (5, 0))
"""How far differences are looked for where no proof was found: rounds, and the scope's number."""
APART = 3
"""How many rounds have locations of their own in proofs."""
LABELS = ("A", "B")
ENDING = Assumption(
    "EQ-ENDS",
    "only runs that end are compared; whether each function always ends is what staleproof check "
    "asks",
)
RULES = Assumption(
    "EQ-RULES",
    "where A breaks a rule of C or of a callee, what B does is not compared; whether A does is "
    "what staleproof check asks",
)
UNSEEN = Assumption(
    "EQ-SEEN",
    "compared are the result, what the caller can see of a frame vector, pins and locks; "
    "warnings, messages and time are not",
)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two functions side by side, with what is known of each; `init` is where they are compared."""

    product: Product
    translations: tuple[Translation, Translation]
    known: tuple[Known, Known]
    parameters: dict[str, tuple[str, Symbol]]
    notes: tuple[str, ...]
    init: tuple[Term, ...] = ()

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What a comparison rests on, beside what each function does."""
        asked = {s.name for k in self.known for s in k.system.symbols}
        alike = (PINS_ALIKE,) if pin_reach.name in asked else ()
        return (ONE_WORLD, *alike, UNSEEN, RULES, ENDING)

    @property
    def results(self) -> tuple[Term, Term]:
        """What the two return."""
        first, second = (t.result for t in self.translations)
        assert first is not None and second is not None
        return self.product.at_first(first()), self.product.at_second(second())

    def ends(self, *pairs: tuple[str | None, str | None]) -> frozenset[str]:
        """Where the two have ended in one of these ways."""
        return frozenset(at for at, both in self.product.ends.items() if both in pairs)

    def system(self, name: str, safety: tuple[Property, ...]) -> System:
        """Both as one system, of which something is asked."""
        return self.product.whole(name, safety, self.init, assumptions=self.assumptions)

    def proof(self, whole: System) -> Proof:
        """A proof about both, with all that relates them, as far as it is found."""
        heads = loop_heads(whole)
        apart = peeled(whole, heads, APART)
        left = [head for head in heads if head in apart.locations]
        shared = {name: symbol for name, (_, symbol) in self.parameters.items()}
        relations = Relations(self.product, self.translations, shared, whole.safety)
        known = list(_proved_of_sides(self, left))
        return related(apart, left, relations.stages(apart, left), known)

    def with_lemmas(self, whole: System) -> System:
        """The system with its first rounds told apart, and with what was found to relate the two;
        whoever asks it proves that again.
        """
        proof = self.proof(whole)
        found: dict[Property, None] = {}
        for prop in whole.safety:
            outcome = proof.prove([prop])
            found |= dict.fromkeys(outcome.lemmas if isinstance(outcome, Proved) else ())
        return replace(proof.inductive.system, lemmas=tuple(found))


def compare_files(
    first: str,
    second: str,
    function: str,
    condition: str = "",
    havoc: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """The comparison of one function in two files. Raises the front end's errors (SP2xx)."""
    sources = (read_source(Path(first)), read_source(Path(second)))
    return compare(sources, function, condition, havoc, progress)


def compare(
    sources: tuple[SourceFile, SourceFile],
    function: str,
    condition: str = "",
    havoc: tuple[str, ...] = (),
    progress: Callable[[str], None] = lambda _: None,
    world: World = STILL_WORLD,
    start: Callable[[Translation], tuple[Term, ...]] = lambda _: (),
) -> Comparison:
    """The comparison of one function in two texts; `start` is what its callers guarantee."""
    started = time.perf_counter()
    progress("reading both")
    world = with_options(world, [*(s.text for s in sources), condition])
    pair = paired(sources, function, havoc, world, start, condition)
    told = tuple(statements(pair.product, *pair.translations))
    bare = pair.system(function, tuple(s.prop for s in told))
    study = Study(bare, told, LIMITS, progress)
    progress("looking for what relates the two")
    proof = pair.proof(bare)
    study.exhaust(proof)
    for rounds, scope in FURTHER:
        if study.open:
            progress(f"looking for differences within {rounds} rounds")
            if study.search(rounds, scope):
                study.prove(proof)
    found, rest = study.found, study.rest
    verdict = Verdict(Word.REFUTED) if found else rest
    if not found and rest.word is Word.PROVED and not _some_run_ends(bare, pair):
        verdict = Verdict(Word.VACUOUS, "no run of both was found that ends under the condition")
    return Comparison(
        first=sources[0].name,
        second=sources[1].name,
        function=function,
        condition=condition,
        verdict=verdict,
        rest=rest,
        differences=tuple(_difference(c) for c in found),
        unsettled=tuple(
            Unsettled(u.what, u.cell.first, u.cell.second, str(u.searched)) for u in study.unsettled
        ),
        notes=pair.notes,
        assumptions=tuple((a.name, a.sentence) for a in bare.assumptions),
        seconds=round(time.perf_counter() - started, 3),
    )


def _some_run_ends(system: System, pair: Pair) -> bool:
    ends = Property("both return", FALSE, at=pair.ends((RETURN, RETURN)))
    return isinstance(search(system.with_safety(ends), ends, LIMITS, shortest=False), Found)


def _difference(found: Class) -> Difference:
    meta = {"solver": solver_name(), "replay": "agrees"}
    return Difference(
        what=found.what,
        first=found.cell.first,
        second=found.cell.second,
        steps=len(found.trace.steps),
        trace=to_itf(found.trace, meta),
    )


def paired(
    sources: tuple[SourceFile, SourceFile],
    function: str,
    havoc: tuple[str, ...],
    world: World,
    start: Callable[[Translation], tuple[Term, ...]],
    condition: str = "",
    *,
    alone: Callable[[System], Known] = pruned,
    in_turn: bool = False,
) -> Pair:
    """Both functions in one world, called with the same arguments, where the condition holds; each
    as what is known of it `alone`.
    """
    shared = with_any(world, havoc)
    loaded = [load_function(source, function) for source in sources]
    require_called(havoc, function, loaded)
    both = [translate(one, shared) for one in loaded]
    parameters, notes = _parameters(both, sources)
    first, second = both
    if str(first.function.return_type) != str(second.function.return_type):
        raise CTypeError(
            f"{function} returns {first.function.return_type} in {sources[0].name} and "
            f"{second.function.return_type} in {sources[1].name}",
            fix="compare functions that return the same type",
        )
    for translation in both:
        _require_comparable(translation)
    sides, known = [], []
    for label, translation in zip(LABELS, both, strict=True):
        studied = alone(_with_vectors(translation, start(translation)))
        known.append(studied)
        system = studied.system
        given = {symbol: parameters[name][1] for name, symbol in translation.parameters.items()}
        stops = frozenset(loc for loc in system.locations if loc.startswith("bad: "))
        own = frozenset(translation.symbols)
        meets = frozenset(loop_heads(system))
        sides.append(Side(label, system, own, given, meets, stops))
    product = Product(sides[0], sides[1], FROZEN, in_turn)
    init: tuple[Term, ...] = ()
    if condition:
        init = (condition_term(sources[0], condition, parameters, world),)
    return Pair(product, (first, second), (known[0], known[1]), parameters, notes, init)


def _require_comparable(translation: Translation) -> None:
    """Of a pointer into an array the result does not tell where it points."""
    if translation.returns_place:
        function = translation.function
        raise UnsupportedCError(
            f"{function.name} returns a pointer into an array, and where it points is not compared",
            place=function.place,
            fix="compare functions that use what it returns",
        )


def _with_vectors(translation: Translation, given: tuple[Term, ...]) -> System:
    """The function's system; a frame vector that it is given is empty, as callers guarantee."""
    vectors = [s() for s in translation.parameters.values() if s.range == vector.VECTOR]
    init = tuple(t for v in vectors for t in (*vector.well_made(v), *vector.empty(v)))
    init = (*init, *given)
    return translation.system(
        (), init=init, assumptions=(*vector.ASSUMPTIONS, vector.EMPTY) if vectors else ()
    )


def _parameters(
    both: list[Translation], sources: tuple[SourceFile, SourceFile]
) -> tuple[dict[str, tuple[str, Symbol]], tuple[str, ...]]:
    """The parameters by name, shared where both functions have one; and what is worth a note."""
    found: dict[str, tuple[str, Symbol]] = {}
    notes = []
    names = [{p.name: str(p.type) for p in t.function.parameters} for t in both]
    for index, translation in enumerate(both):
        for name, symbol in translation.parameters.items():
            type_ = names[index][name]
            called = _called(name, both)
            shared = LocalSymbol(called, (), symbol.range, mutable=False, signed=symbol.signed)
            if name not in found:
                found[name] = (type_, shared)
            elif found[name][1].range != symbol.range:
                raise CTypeError(
                    f"{name} is {found[name][0]} in {sources[0].name} and {type_} in "
                    f"{sources[1].name}",
                    fix="give the parameter one type, or two that have the same bits",
                )
            elif found[name][0] != type_:
                notes.append(f"{name} is {found[name][0]} in A and {type_} in B: the same bits")
            if name not in names[1 - index]:
                side = LABELS[index]
                notes.append(f"{name} is a parameter of {side} alone; it may have any value")
    return found, tuple(dict.fromkeys(notes))


def _called(name: str, both: list[Translation]) -> str:
    """What the value of a parameter is called: not what one side has to call something else."""
    symbols = (t.parameters[name] for t in both if name in t.parameters)
    return max((s.name.removesuffix(AT_ENTRY) for s in symbols), key=len)


def _proved_of_sides(pair: Pair, heads: Iterable[str]) -> Iterator[Property]:
    """What holds of one side alone holds of it beside the other."""
    product = pair.product
    for side, known, read in zip(
        (product.first, product.second),
        pair.known,
        (product.at_first, product.at_second),
        strict=True,
    ):
        for head in heads:
            places = head.split(" | ")
            for lemma in known.lemmas:
                if lemma.at is not None and places[LABELS.index(side.label)] in lemma.at:
                    name = f"{side.label} {lemma.name} at {head}"
                    yield Property(name, read(lemma.formula), lemma.params, at=frozenset({head}))
