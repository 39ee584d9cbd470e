"""Attributes, as far as they can change what a declaration means: the size of what it declares.

They are looked for in the words of the text, as a parser without headers takes a word like
`__packed` for a name.
"""

from __future__ import annotations

import re
from collections.abc import Container

ATTRIBUTE = r"__attribute(?:__)?\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)"
_HARMLESS = (
    "__user|__iomem|__force|__rcu|__percpu|__kernel|__must_check|__always_unused|__maybe_unused"
    "|__init|__exit|__ref|__cold|__hot|__read_mostly|__ro_after_init|__initdata|__exitdata"
    "|__always_inline|__weak|__used|__unused|__pure|__sched|__malloc|__attribute_const__"
    "|__latent_entropy|__nocfi|__visible|__devinit|__deprecated|noinline|noinline_for_stack|notrace"
    "|asmlinkage|fallthrough|__nonstring|__private|__must_be_array|__bitwise|__nocast"
)
HARMLESS = (
    rf"\b(?:(?:{_HARMLESS})\b"
    r"|(?:__acquires|__releases|__must_hold|__cond_acquires|__printf|__alloc_size)"
    r"\s*\([^()]*\)"
    r"|__attribute__\s*\(\(\s*_*(?:unused|maybe_unused|used|cold|hot|noinline)_*\s*\)\))"
)
"""Annotations that change no value, no size and no type."""
LAYOUT = (
    r"\b(?:(?:__packed|__randomize_layout|____cacheline_aligned(?:_in_smp)?"
    r"|____cacheline_internodealigned_in_smp|__aligned_largest)\b|__aligned\s*\([^()]*\))"
)
"""Annotations that change the layout of a struct."""

_CHANGING = re.compile(rf"{LAYOUT}|\b__attribute|\b__mode\b|\b_?[Aa]lignas\b")
_RETYPING = re.compile(r"\b_*(?:mode|vector_size)_*\s*\(")
_PACKING = re.compile(rb'^[ \t]*#[ \t]*pragma[ \t]+pack|_Pragma\s*\(\s*"\s*pack', re.MULTILINE)
_DECLARATOR = re.compile(r"(?:\s|\*|\bconst\b)*(\w*)\s*(?:\[[^\]()]*\]\s*)*")


def may_change_size(text: str) -> bool:
    """True if the text of a declaration has an attribute that may change the size of its type."""
    return _CHANGING.search(re.sub(HARMLESS, " ", text)) is not None


def changes_type(text: str) -> bool:
    """True of an attribute that makes another type of the one that is written."""
    return _RETYPING.search(text) is not None


def packs(code: bytes) -> bool:
    """True of a text in which a pragma changes how structs are laid out."""
    return _PACKING.search(code) is not None


def is_plain(front: str, behind: str, macros: Container[str], *, named: bool) -> bool:
    """True if nothing around the braces of a struct or an enum can be an attribute.

    `front` is what stands in front of them, from the word `struct` on, `behind` what follows up to
    the semicolon. `named` tells that the last word there is a name for sure, as in a typedef.
    """
    words = re.findall(r"\w+", re.sub(HARMLESS, " ", front))
    if len(words) > 2 or any(word in macros for word in words):
        return False
    for declarator in re.sub(HARMLESS, " ", behind).partition("=")[0].split(","):
        match = _DECLARATOR.fullmatch(declarator)
        if match is None or match[1] in macros:
            return False
        if not named and (match[1].startswith("__") or match[1].isupper()):
            return False
    return True
