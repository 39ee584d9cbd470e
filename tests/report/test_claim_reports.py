"""Reports of one claim and of many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import engine
from fakes.claims import GOOD
from staleproof.claims import Claim
from staleproof.report.claim_text import explanation, mail, trace_report
from staleproof.report.claims_table import footing, heading, listing, row
from staleproof.verdict import ClaimResult, KillerResult, Verdict, Word

PROVED, REFUTED = GOOD[1], GOOD[2]


def result_of(claim: Claim) -> ClaimResult:
    """What the fake engine finds."""
    return engine.decide(claim, lambda _: None)


def test_a_mail_is_plain_ascii_in_72_columns() -> None:
    """A mail can be pasted as it is, even where the claim's words are not ASCII."""
    told = replace(REFUTED, because="Ein gr\u00fc\u00dfender Satz \u2014 " + "sehr lang " * 20)

    lines = mail(told, result_of(REFUTED))

    assert all(line.isascii() for line in lines)
    assert max(map(len, lines)) <= 72
    assert lines[-1] == "To repeat: staleproof trace FAKE-2@v4"


def test_a_mail_has_the_verdict_the_reason_and_the_assumptions() -> None:
    """Everything that a reader of the list needs is in the mail."""
    text = "\n".join(mail(REFUTED, result_of(REFUTED)))

    assert "FAKE-2@v4 is REFUTED" in text
    assert "The engine was told so." in text
    assert "converts to 4294967282" in text
    assert "LP64: Pointers and long" in text


def test_a_trace_report_ends_with_how_to_repeat_it() -> None:
    """The last line is a command."""
    assert trace_report(REFUTED, result_of(REFUTED))[-1] == (
        "To repeat: staleproof trace FAKE-2@v4"
    )


def test_the_table_fits_72_columns() -> None:
    """Long names, long words and long reasons stay within the table's width."""
    long = replace(
        result_of(PROVED),
        claim="GVF-12@a-version-with-a-long-name",
        verdict=Verdict(Word.NOT_INDUCTIVE, "the lemma ret_is_a_count fails " * 5),
        killers=(KillerResult("a_killer_with_a_name", "s", "HELD_TO_BOUND(12)"),) * 12,
    )
    lines = [heading(), *row(long), *footing([long, result_of(REFUTED)])]

    assert max(map(len, lines)) <= 72


@pytest.mark.parametrize("seconds", [0.25, 123.456, 1234.5])
@pytest.mark.parametrize(("killers", "lemmas"), [(2, 25), (12, 100)])
def test_what_shows_a_proof_fits_72_columns(seconds: float, killers: int, lemmas: int) -> None:
    """With a name that just fits its column, and many lemmas."""
    proved = result_of(PROVED)
    long = replace(
        proved,
        claim="SYS-1a@getter-at-ope",
        seconds=seconds,
        killers=proved.killers * killers,
        lemmas=("ret <= nr_frames",) * lemmas,
    )

    assert max(map(len, row(long))) <= 72
    assert f"{killers} killers, {lemmas} lemmas" in "\n".join(row(long))


def test_a_killer_that_survives_is_named() -> None:
    """A wrong variant that is not refuted shows in the table."""
    survived = replace(
        result_of(PROVED), killers=(KillerResult("no_flush", "No flush.", "PROVED"),)
    )

    assert "    killer no_flush came out PROVED, not REFUTED" in row(survived)


def test_an_unexpected_verdict_is_said_twice() -> None:
    """What differs stands in the table and again at the very end."""
    differs = replace(result_of(REFUTED), expected=Word.PROVED)

    assert "    see: staleproof trace FAKE-2@v4" in row(differs)
    assert list(footing([differs]))[-1] == "FAKE-2@v4 is REFUTED, expected PROVED"


def test_only_a_decided_and_expected_verdict_is_good() -> None:
    """HELD_TO_BOUND is never painted as good, even where it is expected."""

    def painted(word: Word, expected: Word) -> str:
        found = replace(result_of(PROVED), verdict=Verdict(word), expected=expected)
        return row(found, lambda text, style: f"<{style}>")[0]

    assert "<good>" in painted(Word.PROVED, Word.PROVED)
    assert "<bad>" in painted(Word.REFUTED, Word.PROVED)
    assert "<doubtful>" in painted(Word.HELD_TO_BOUND, Word.HELD_TO_BOUND)
    assert "<doubtful>" in painted(Word.UNDECIDED, Word.UNDECIDED)


def test_an_explanation_has_words_logic_and_the_last_verdict() -> None:
    """`explain` shows the reason, the formula, lemmas and killers."""
    from staleproof.cli.explain import logic_of

    text = "\n".join(explanation(PROVED, logic_of(PROVED), result_of(PROVED)))

    for part in (
        "Every fake stays",
        "for every v of Vma, whenever control is at return, (ret <s 0)",
        "ret <= nr_frames",
        "no_lock: REFUTED",
    ):
        assert part in text


def test_an_explanation_without_a_verdict_says_how_to_get_one() -> None:
    """A claim that was never decided is explained all the same."""
    assert explanation(PROVED, None, None)[-1].endswith("staleproof prove FAKE-1@v4")


def test_a_list_says_each_sentence_once() -> None:
    """Claims of one property stand under its sentence."""
    lines = list(listing([(c, None) for c in GOOD]))

    assert sum("Every fake stays" in line for line in lines) == 1
    assert sum("FAKE-1@" in line for line in lines) == 2
