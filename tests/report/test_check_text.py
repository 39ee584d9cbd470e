"""The report on a C function of one's own: narrow, with sentences, and no verdict hidden."""

from __future__ import annotations

from dataclasses import replace

from fakes.engine import result
from staleproof.claims import Claim
from staleproof.kernel.sentences import SENTENCES
from staleproof.report.check_text import WIDTH, check_report
from staleproof.verdict import NO_LOOP, ClaimResult, Verdict, Word, says_nothing

NEVER = "its premise is never true, which is proved"


def decided(name: str, word: Word, detail: str = "") -> ClaimResult:
    """What was found out about one property of a file."""
    claim = Claim(name, "file", Word.PROVED, "", "", "fakes.engine:question")
    return result(claim, Verdict(word, detail))


def report(*results: ClaimResult) -> list[str]:
    """The lines about a function f in f.c."""
    return list(check_report("f.c", "f", results, SENTENCES))


def test_every_line_fits_a_mail() -> None:
    """Whatever the properties say, and with a trace in it."""
    lines = report(
        *(decided(name, Word.PROVED) for name in SENTENCES),
        decided("GVF-2", Word.REFUTED),
        decided("GVF-8", Word.VACUOUS, NEVER),
        decided("GVF-9", Word.NOT_INDUCTIVE, "get_vaddr_frames+32 to get_vaddr_frames+32"),
    )

    assert WIDTH == 72
    assert [line for line in lines if len(line) > WIDTH] == []


def test_a_property_stands_with_its_verdict_and_its_sentence() -> None:
    """In columns."""
    lines = report(decided("GVF-1", Word.PROVED), decided("C-BALANCE", Word.PROVED))

    assert lines[:4] == [
        "f in f.c",
        "  GVF-1      PROVED  Nothing is written outside ptrs[0 .. nr_allocated).",
        "  C-BALANCE  PROVED  At return mmap_lock is held as often as it was at",
        "                     the call.",
    ]


def test_vacuous_beside_proved_says_nothing_about_the_file() -> None:
    """It is shown, and counted neither way."""
    text = "\n".join(report(decided("GVF-1", Word.PROVED), decided("GVF-8", Word.VACUOUS, NEVER)))

    assert f"says nothing about this file: {NEVER}." in " ".join(text.split())
    assert text.endswith("2 properties: 1 PROVED, 1 VACUOUS; all as expected.")


def test_vacuous_without_anything_proved_is_a_failure() -> None:
    """Then it may be that no run gets anywhere."""
    nothing = decided("GVF-8", Word.VACUOUS, NEVER)
    text = "\n".join(report(nothing, decided("GVF-2", Word.REFUTED)))

    assert says_nothing([nothing]) == []
    assert "says nothing about this file" not in " ".join(text.split())
    assert text.endswith("2 properties: 1 REFUTED, 1 VACUOUS; 2 not as expected.")


def test_that_nothing_loops_is_not_enough() -> None:
    """A function that ends at its first line ends."""
    nothing = decided("C-DIVISION", Word.VACUOUS, NEVER)
    ends = replace(decided("C-ENDS", Word.PROVED), method=NO_LOOP)

    assert says_nothing([nothing, ends]) == []
    assert says_nothing([nothing, replace(ends, method="ranking words")]) == [nothing]
    assert says_nothing([nothing, ends, decided("C-BALANCE", Word.PROVED)]) == [nothing]


def test_only_vacuous_is_excused() -> None:
    """What is not decided, or a bound, is no proof either, and stays what it is."""
    words = [word for word in Word if word is not Word.VACUOUS]
    results = [decided(f"GVF-{n}", word) for n, word in enumerate(words)]
    vacuous = decided("GVF-8", Word.VACUOUS)

    assert says_nothing([*results, vacuous, replace(vacuous, property="GVF-9")]) == [
        vacuous,
        replace(vacuous, property="GVF-9"),
    ]
