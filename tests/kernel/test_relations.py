"""What is offered to relate two functions: enough for a proof, about live things, and sifted."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from staleproof.cfront import SourceFile
from staleproof.cfront.translate import RETURN
from staleproof.engine.induction import Proof
from staleproof.kernel.equivalence.comparison import Pair, paired
from staleproof.kernel.equivalence.relations import Relations
from staleproof.kernel.equivalence.still_world import STILL_WORLD
from staleproof.kernel.equivalence.visible import statements
from staleproof.lang.evaluate import Interpretation, Table, evaluate
from staleproof.lang.sorts import default_value
from staleproof.lang.system import Property, System
from staleproof.lang.terms import FALSE
from staleproof.logic.blocks import loop_heads
from staleproof.trace.replay import Choice, Script, execute

UPWARDS = """\
int f(int n)
{
	int s = 0;
	int i;

	if (n > 6)
		return -22;
	for (i = 0; i < n; i++)
		s += i;
	return s;
}
"""
OTHERWISE = UPWARDS.replace("s += i;", "s = i + s;")
LATER = UPWARDS.replace("i < n", "i < n && i < 3")
STORES = """\
int f(struct frame_vector *vec, int n)
{
	unsigned long *nums = (unsigned long *)(vec->ptrs);
	int ret = 0;

	while (ret < n && ret < vec->nr_allocated) {
		nums[ret] = 7;
		ret++;
	}
	if (ret > 0)
		vec->nr_frames = ret;
	return ret;
}
"""
NUMBERS = range(-2, 8)


@cache
def pair_of(first: str, second: str) -> tuple[Pair, System]:
    """Two functions beside each other, and both as one system."""
    sources = (SourceFile("a.c", first), SourceFile("b.c", second))
    pair = paired(sources, "f", (), STILL_WORLD, lambda _: ())
    asked = tuple(s.prop for s in statements(pair.product, *pair.translations))
    return pair, pair.system("f", asked)


@cache
def proof_of(first: str, second: str) -> Proof:
    """A proof about both, with what was found to relate them."""
    pair, whole = pair_of(first, second)
    return pair.proof(whole)


def offered(first: str, second: str) -> dict[str, list[Property]]:
    """The candidates at each head."""
    pair, whole = pair_of(first, second)
    shared = {name: symbol for name, (_, symbol) in pair.parameters.items()}
    relations = Relations(pair.product, pair.translations, shared, whole.safety)
    found: dict[str, list[Property]] = {head: [] for head in loop_heads(whole)}
    for stage in relations.stages(whole, loop_heads(whole)):
        for candidate in stage:
            assert candidate.at is not None
            (head,) = candidate.at
            found[head].append(candidate)
    return found


def runs(system: System, parameter: str) -> list[tuple[list[str], list[Interpretation]]]:
    """The one run of both for each of a few numbers, which nothing but the parameter decides."""
    found = []
    for number in NUMBERS:
        start = Interpretation(
            {
                s: Table({}, number % 2**32 if s.name == parameter else default_value(s.range))
                for s in system.symbols
            },
            {},
        )
        choices: list[Choice] = []
        states, location = [start], system.entry
        while system.leaving(location):
            (action,) = (
                a
                for a in system.leaving(location)
                if all(evaluate(g, states[-1], {}) for g in a.guard)
            )
            choices.append(Choice(action, {}))
            states = execute(system, Script(start, tuple(choices), {}))
            location = action.target
        found.append(([system.entry, *(c.action.target for c in choices)], states))
    return found


@pytest.mark.parametrize(("first", "second"), [(UPWARDS, OTHERWISE), (UPWARDS, LATER)])
def test_what_is_kept_is_true_in_every_run(first: str, second: str) -> None:
    """At each head that a run comes to, once its first rounds are over, all lemmas there hold."""
    proof = proof_of(first, second)
    system = proof.inductive.system
    checked = 0
    for places, states in runs(system, "n"):
        for place, state in zip(places, states, strict=True):
            for lemma in proof.lemmas:
                if lemma.at is not None and place in lemma.at and not lemma.params:
                    assert evaluate(lemma.formula, state, {}), (place, lemma.name)
                    checked += 1

    assert checked


def test_not_all_that_is_offered_is_true() -> None:
    """Candidates may be wrong; those that are not inductive are left out."""
    names = {q.name for qs in offered(UPWARDS, LATER).values() for q in qs}
    kept = {q.name for q in proof_of(UPWARDS, LATER).lemmas}

    assert any(name.endswith(": not both") for name in names)
    assert names - kept


def test_no_candidate_is_offered_twice() -> None:
    """Each has a name of its own, and speaks of one head."""
    for candidates in offered(UPWARDS, LATER).values():
        names = sorted(q.name for q in candidates)

        assert all(a != b for a, b in pairwise(names))


def test_variables_of_one_name_are_compared_where_both_are_alive() -> None:
    """The counter and the sum of both sides, at the head at which both wait; not the sum of a side
    that has returned.
    """
    pair, _ = pair_of(UPWARDS, LATER)
    for head, candidates in offered(UPWARDS, LATER).items():
        names = {q.name.removeprefix(f"{head}: ") for q in candidates}
        ended = [pair.product.end_of(n, at) for n, at in enumerate(head.split(" | "))]

        assert ({"A.i = B.i", "A.s = B.s"} <= names) == (ended == [None, None])


def test_of_a_side_that_has_returned_the_result_is_told() -> None:
    """Which errno it is not, and its sign."""
    pair, _ = pair_of(UPWARDS, LATER)
    told = 0
    for head, candidates in offered(UPWARDS, LATER).items():
        names = {q.name.removeprefix(f"{head}: ") for q in candidates}
        for label, (number, place) in zip("AB", enumerate(head.split(" | ")), strict=True):
            returned = pair.product.end_of(number, place) == RETURN
            assert ({f"{label}.result < 0", f"{label}.result > 0"} <= names) == returned
            told += returned

    assert told


def test_slots_are_compared_below_the_counter_that_fills_them() -> None:
    """What both have stored so far is the same, whatever was there before."""
    other = STORES.replace("ret++;", "ret = ret + 1;")
    names = {q.name for q in proof_of(STORES, other).lemmas}
    offers = {q.name for qs in offered(STORES, other).values() for q in qs}

    assert any("frame_vector.ptrs below" in name for name in offers)
    assert any("frame_vector.ptrs" in name for name in names)


def test_both_are_never_in_a_loop_alone_is_offered_first() -> None:
    """That a head is not reached at all is a candidate like others."""
    for candidates in offered(UPWARDS, LATER).values():
        assert candidates[0].formula is FALSE
