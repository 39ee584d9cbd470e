"""Whether a call of generic_access_phys() ends, though it begins again when the PTE has changed.

One call, step by step. It looks at the PTE twice, each time under its lock. Between the looks, and
before it begins again, others change the PTE as they like; that is a part of the call's own step,
since nothing else of theirs matters to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from staleproof.engine.question import Killer, Kind, Question
from staleproof.lang.sorts import BitVec
from staleproof.lang.substitute import assign
from staleproof.lang.system import Action, Assumption, Property, System
from staleproof.lang.terms import FALSE, TRUE, Symbol, Term, eq, neg, u_le, variable
from staleproof.verdict import Word

CALL = "mm/memory.c: generic_access_phys"
BEGIN, READ, MAPPED, UNMAPPED, RETURNED = "begin", "read", "mapped", "unmapped", "returned"

U64 = BitVec(64)
pte, kept = Symbol("pte", (), U64), Symbol("pte.kept", (), U64)
to_come, to_come_then = Symbol("pte.changes", (), U64), Symbol("pte.changes_when_kept", (), U64)
"""Where the changes of the PTE are bounded: how many are still to come, and were at the look."""
value = Symbol("pte.value", (U64,), U64, mutable=False)
"""What the PTE says when that many changes are still to come: any values, also equal ones."""
later = variable("later", U64)

RETURNS = Assumption(
    "PTL-FAIR",
    "the page-table lock is got at some time, and ioremap_prot() and iounmap() return",
)
BOUNDED = Assumption(
    "PTE-CHURN", "while the call runs, the PTE changes at most 2^64 - 1 times, or any other bound"
)


class ClaimLike(Protocol):
    """What is needed of a claim."""

    @property
    def expected(self) -> Word: ...
    @property
    def version(self) -> str: ...
    @property
    def property(self) -> str: ...


@dataclass(frozen=True)
class Call:
    """A text of the function: what it compares, and what it does if the PTE is another.

    `bounded` says that the PTE does not change for ever.
    """

    bounded: bool = False
    compares: bool = True
    inverted: bool = False
    reads_again: bool = True

    def system(self) -> System:
        """The call and its loop."""
        actions = (*self._looks(), *self._maps(), *self._ends())
        bounded = (value,) if self.bounded else ()
        return System(
            name="generic_access_phys",
            symbols=(*self._words, *bounded),
            init=(),
            actions=actions,
            entry=BEGIN,
            assumptions=(RETURNS, BOUNDED) if self.bounded else (RETURNS,),
            doc="generic_access_phys(), and others who change the PTE.",
        )

    @property
    def _words(self) -> tuple[Symbol, Symbol]:
        """What tells the PTE, and what tells what was kept of it."""
        return (to_come, to_come_then) if self.bounded else (pte, kept)

    def _changes(self) -> tuple[Term, ...]:
        """What limits the changes of others during a step."""
        return (u_le(later, to_come()),) if self.bounded else ()

    def _is_same(self) -> Term:
        now, then = (word() for word in self._words)
        same = eq(value(now), value(then)) if self.bounded else eq(now, then)
        return neg(same) if self.inverted else same

    def _looks(self) -> tuple[Action, ...]:
        now, then = self._words
        return (
            Action(
                "look_up",
                updates=(assign(then, (), now()),),
                source=BEGIN,
                target=READ,
                doc="the PTE is read under its lock, and a copy is kept",
                kernel="mm/memory.c: follow_pte",
                holds="mmap_lock r, ptl",
            ),
            Action(
                "find_no_pte",
                source=BEGIN,
                target=RETURNED,
                doc="there is no PTE: -EINVAL",
                kernel="mm/memory.c: follow_pte",
                holds="mmap_lock r",
            ),
        )

    def _maps(self) -> tuple[Action, ...]:
        return (
            Action(
                "map_page",
                (later,),
                self._changes(),
                (assign(self._words[0], (), later),),
                READ,
                MAPPED,
                "ioremap_prot() makes a mapping; others change the PTE meanwhile, or do not",
                CALL,
                "mmap_lock r",
            ),
            Action(
                "fail_ioremap",
                source=READ,
                target=RETURNED,
                doc="ioremap_prot() makes no mapping: -ENOMEM",
                kernel=CALL,
                holds="mmap_lock r",
            ),
        )

    def _ends(self) -> tuple[Action, ...]:
        copy = Action(
            "copy_bytes",
            guard=(self._is_same() if self.compares else TRUE,),
            source=MAPPED,
            target=RETURNED,
            doc="the PTE is the same: the bytes are copied, the mapping is taken back",
            kernel=CALL,
            holds="mmap_lock r, ptl",
        )
        if not self.compares:
            return (copy,)
        undo = Action(
            "undo",
            guard=(neg(self._is_same()),),
            source=MAPPED,
            target=UNMAPPED,
            doc="the PTE is not the same: the lock is dropped, the mapping is taken back",
            kernel=CALL,
            holds="mmap_lock r",
        )
        again = Action(
            "begin_again",
            (later,),
            self._changes(),
            (assign(self._words[0], (), later),),
            UNMAPPED,
            BEGIN if self.reads_again else READ,
            "the call begins again; others change the PTE meanwhile, or do not",
            CALL,
            "mmap_lock r",
        )
        return copy, undo, again


BEFORE = Call(compares=False)
AFTER = Call()
AFTER_BOUNDED = Call(bounded=True)
KILLERS = {
    "GAP-6": (("begins again", "it begins again when the PTE has changed, as later", AFTER),),
    "GAP-6a": (
        (
            "inverted comparison",
            "pte_same() is tested the wrong way round, as in v1",
            Call(bounded=True, inverted=True),
        ),
        (
            "not read again",
            "the retry keeps the copy of the PTE that it has",
            Call(bounded=True, reads_again=False),
        ),
    ),
}


def question(claim: ClaimLike) -> Question:
    """Whether every call ends, before the patch or after it, with a bound or without."""
    call = AFTER_BOUNDED if claim.property == "GAP-6a" else AFTER
    if claim.version == "legacy":
        call = BEFORE
    ends = Property(claim.property, FALSE)
    proved = claim.expected is Word.PROVED
    return Question(
        call.system(),
        ends,
        Kind.TERMINATION,
        witness=Property("the call does not begin again", FALSE, at=frozenset({UNMAPPED})),
        killers=tuple(_killer(ends, *wrong) for wrong in KILLERS[claim.property] if proved),
        search_first=not proved,
    )


def _killer(ends: Property, name: str, sentence: str, wrong: Call) -> Killer:
    return Killer(name, sentence, lambda: (wrong.system(), ends))
