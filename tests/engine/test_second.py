"""A second solver confirms proofs, contradicts wrong ones, and may be missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.models.lock_server import LockServer
from engine.models.revocation import Repaired, Revocation
from staleproof.engine import second
from staleproof.engine.confirmation import confirm_proof
from staleproof.engine.induction import Inductive, Proved
from staleproof.engine.second import confirm, is_available, second_solver_name
from staleproof.engine.solve import Answer
from staleproof.lang.model import Model, build
from staleproof.lang.sorts import BitVec
from staleproof.lang.terms import eq, neg, u_lt, variable

x = variable("x", BitVec(64))


@pytest.mark.skipif(not is_available(), reason="the second solver is not installed")
class TestConfirmation:
    """With the second solver installed."""

    def test_questions_are_answered(self) -> None:
        """Satisfiable, unsatisfiable, and what takes too long."""
        assert confirm([u_lt(x, 3), eq(x & 1, 1)]) is Answer.SAT
        assert confirm([u_lt(x, 3), eq(x & 4, 4)]) is Answer.UNSAT
        a, b = (variable(name, BitVec(128)) for name in "ab")
        factors = [neg(u_lt(a, 2)), neg(u_lt(b, 2)), u_lt(a, 1 << 64), u_lt(b, 1 << 64)]
        assert confirm([eq(a * b, (1 << 127) - 1), *factors], seconds=1) is Answer.UNKNOWN

    @pytest.mark.parametrize("model", [LockServer, Repaired], ids=["lock server", "repaired"])
    def test_a_proof_is_confirmed(self, model: type[Model]) -> None:
        """Every obligation of a proof is unsatisfiable to the second solver as well."""
        system = build(model)
        inductive = Inductive(system)
        proof = inductive.prove(system.safety, system.lemmas)
        assert isinstance(proof, Proved)
        again = confirm_proof(inductive, system.safety, proof)

        assert {o.answer for o in again} == {"unsat"}
        assert {o.name for o in again} == {o.name for o in proof.obligations}
        assert {o.solver for o in again} == {second_solver_name()}

    def test_a_proof_without_its_lemmas_is_contradicted(self) -> None:
        """What does not follow from what is named is not confirmed."""
        system = build(Repaired)
        inductive = Inductive(system)
        proof = inductive.prove(system.safety, system.lemmas)
        assert isinstance(proof, Proved)
        bare = confirm_proof(inductive, system.safety, replace(proof, lemmas=()))

        assert "sat" in {o.answer for o in bare}

    def test_a_proof_of_something_false_is_contradicted(self) -> None:
        """Had the first solver proved the broken model, the second one would not agree."""
        system = build(Revocation)
        pretended = Proved((), system.lemmas)
        answers = confirm_proof(Inductive(system), system.safety, pretended)

        assert "sat" in {o.answer for o in answers}


def test_a_second_solver_of_no_known_version_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that can be imported, and is no distribution: verdicts are kept as if it were not."""
    monkeypatch.setattr(second, "find_spec", lambda _: object())
    monkeypatch.setattr(second, "version_of", lambda _: None)

    assert not is_available()
    assert confirm([eq(x, 1), eq(x, 2)]) is Answer.UNKNOWN


def test_without_a_second_solver_nothing_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The feature is off, and says so by knowing nothing."""
    monkeypatch.setattr(second, "find_spec", lambda _: None)
    second_solver_name.cache_clear()
    try:
        assert not is_available()
        assert confirm([eq(x, 1), eq(x, 2)]) is Answer.UNKNOWN
        assert second_solver_name() == "none"
    finally:
        second_solver_name.cache_clear()
