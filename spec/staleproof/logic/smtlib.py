"""Ground questions as SMT-LIB 2.7 text: the same question gives the same text everywhere.

Every solver reads this text, so it uses little of the language: words, integers, uninterpreted
sorts and functions. An enumeration becomes words, with a range for each term of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from staleproof.errors import ModelError
from staleproof.lang.sorts import (
    BitVec,
    BoolSort,
    Enum,
    IntSort,
    Sort,
    Unbounded,
    Value,
    word_for,
)
from staleproof.lang.terms import (
    App,
    Literal,
    Operation,
    Quantified,
    Symbol,
    Term,
    Var,
    postorder,
    show,
)


def to_smtlib(formulas: Iterable[Term], *, only_words: bool = False) -> str:
    """The question whether the formulas can hold together. Raises ModelError on a quantifier.

    With `only_words` an unbounded sort becomes words, enough of them for every term of that sort:
    a ground question cannot tell the difference.
    """
    return _Writer(tuple(formulas), only_words).text()


class _Writer:
    def __init__(self, formulas: tuple[Term, ...], only_words: bool) -> None:
        self._formulas = formulas
        self._only_words = only_words
        self._terms: Counter[Sort] = Counter()
        self._taken: set[str] = set()
        self._sorts: dict[Sort, str] = {}
        self._names: dict[Symbol | Var, str] = {}
        self._texts: dict[Term, str] = {}
        self._declarations: list[str] = []
        self._assertions: list[str] = []
        self._definitions = 0

    def text(self) -> str:
        nodes = list(postorder(*self._formulas))
        uses = Counter(child for node in nodes for child in node.children)
        self._terms = Counter(node.sort for node in nodes)
        for node in nodes:
            text = self._node(node)
            if isinstance(node, Operation) and uses[node] > 1:
                text = self._define(node, text)
            self._texts[node] = text
            if isinstance(node.sort, Enum) and isinstance(node, Var | App):
                self._assertions.append(self._in_range(node))
        self._assertions += [f"(assert {self._texts[f]})" for f in self._formulas]
        lines = ["(set-logic ALL)", *self._declarations, *self._assertions, "(check-sat)"]
        return "\n".join(lines) + "\n"

    # Nodes

    def _node(self, node: Term) -> str:
        match node:
            case Literal():
                return self._literal(node.value, node.sort)
            case Var():
                return self._declared(node, f"?{node.name}", (), node.sort)
            case App():
                symbol = node.symbol
                name = self._declared(symbol, symbol.name, symbol.domain, symbol.range)
                return self._applied(name, node)
            case Operation():
                head = node.operator.smtlib
                if node.indices:
                    head = f"(_ {head} {' '.join(map(str, node.indices))})"
                return self._applied(head, node)
            case Quantified():
                raise ModelError(
                    f"a quantifier in a ground question: {show(node)}",
                    fix="replace quantifiers by instances first (logic/instantiate.py)",
                )
        raise AssertionError(node)

    def _applied(self, head: str, node: Term) -> str:
        if not node.children:
            return head
        return f"({head} {' '.join(self._texts[c] for c in node.children)})"

    def _literal(self, value: Value, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "true" if value else "false"
            case IntSort():
                return str(value) if int(value) >= 0 else f"(- {-int(value)})"
            case BitVec(width):
                return f"(_ bv{value} {width})"
            case Enum(_, members):
                return f"(_ bv{members.index(str(value))} {word_for(len(members)).width})"
            case Unbounded(name):
                raise ModelError(f"an element of {name} by its number: {name}{value}")

    def _in_range(self, term: Term) -> str:
        assert isinstance(term.sort, Enum)
        count = len(term.sort.members)
        return f"(assert (bvule {self._texts[term]} (_ bv{count - 1} {word_for(count).width})))"

    # Declarations

    def _define(self, node: Term, text: str) -> str:
        """A name for a term that is used several times, so that the text grows with the term."""
        self._definitions += 1
        name = self._fresh(f"t{self._definitions}")
        self._declarations.append(f"(define-fun {name} () {self._sort(node.sort)} {text})")
        return name

    def _declared(
        self, what: Symbol | Var, name: str, domain: tuple[Sort, ...], range_: Sort
    ) -> str:
        if what not in self._names:
            self._names[what] = self._fresh(name)
            sorts = " ".join(self._sort(s) for s in domain)
            self._declarations.append(
                f"(declare-fun {self._names[what]} ({sorts}) {self._sort(range_)})"
            )
        return self._names[what]

    def _sort(self, sort: Sort) -> str:
        match sort:
            case BoolSort():
                return "Bool"
            case IntSort():
                return "Int"
            case BitVec(width):
                return f"(_ BitVec {width})"
            case Enum():
                return f"(_ BitVec {word_for(len(sort.members)).width})"
            case Unbounded() if self._only_words:
                return f"(_ BitVec {word_for(self._terms[sort]).width})"
            case Unbounded():
                if sort not in self._sorts:
                    self._sorts[sort] = self._fresh(f"{sort.name} sort")
                    self._declarations.append(f"(declare-sort {self._sorts[sort]} 0)")
                return self._sorts[sort]

    def _fresh(self, name: str) -> str:
        """The quoted name, made different from all names before it."""
        plain = name.replace("|", "!").replace("\\", "!")
        candidate, count = plain, 1
        while candidate in self._taken:
            count += 1
            candidate = f"{plain}!{count}"
        self._taken.add(candidate)
        return f"|{candidate}|"
