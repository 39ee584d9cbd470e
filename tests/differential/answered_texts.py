"""The C texts that are compared call by call: each with its system, and with runs of it."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.contracts import World
from staleproof.cfront.translate import Translation
from staleproof.history.pte_users.versions import TEXTS as LATER
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.questions import Folder, edited
from staleproof.kernel.iomem.rows import Asked
from staleproof.kernel.pte_users import access, kvm, kvm_lookup, lookup, s390, vfio, videobuf1
from staleproof.kernel.pte_users.versions import TEXTS as EARLY
from staleproof.kernel.user_buffer import buffer, versions
from staleproof.kernel.user_buffer.properties import Subject as BufferSubject
from staleproof.kernel.user_buffer.questions import Driver
from staleproof.kernel.user_buffer.questions import edited as edited_driver
from staleproof.kernel.user_buffer.rows import ROWS, Row
from staleproof.kernel.user_buffer.world import DRIVERS
from staleproof.lang.system import System
from staleproof.lang.terms import Term
from staleproof.series.p01_exynos_pin.versions import PINS as EXYNOS_PINS
from staleproof.series.p02_exynos_longterm.versions import LONGTERM as EXYNOS_LONGTERM
from staleproof.series.p03_habana_pin.versions import PINS as HABANA_PINS
from staleproof.series.p04_habana_longterm.versions import LONGTERM as HABANA_LONGTERM
from staleproof.series.p07_generic_access.text_versions import TEXTS as AFTER_7
from staleproof.series.p08_unsafe_follow_pfn import rows as unsafe
from staleproof.series.p08_unsafe_follow_pfn.versions import POSTED

from .answered import Compiled
from .answered_memory import Objects
from .answered_stories import Story, Teller
from .answered_worlds import start
from .machine import Machine, proved_dead, recording

SEED = 0xA5
FEWEST, MOST = 40, 1000
MOST_WRONG = 2
THOUGHT_DEAD = ("; [copies]", "IS_ERR(pages) [true]")
"""A copy without the lock in v1; pages that are none in a buffer that a get has filled."""


@dataclass(frozen=True)
class Text:
    """A function, the text that it stands in, and the world that it is translated in."""

    function: str
    source: SourceFile
    code: str
    """The text as the compiler gets it."""
    world: World
    start: Callable[[Translation], tuple[Term, ...]]
    wrong: tuple[str, ...]
    """Wrong variants of the code, of one row each."""
    claim: str
    """The claim of which the evidence says what steps are never taken."""
    keep_calls: frozenset[str] = frozenset()
    is_release: bool = False

    @functools.cached_property
    def machine(self) -> Machine:
        """Its system."""
        function = load_function(self.source, self.function, keep_calls=self.keep_calls)

        def asked(translation: Translation) -> System:
            return translation.system((), init=self.start(translation))

        return recording(function, self.world, asked)

    @functools.cached_property
    def objects(self) -> Objects:
        """The memory."""
        known = {s.name: s for s in self.machine.translation.symbols}
        names = self.machine.translation.parameters
        cells = [known[name] for name in names if name.startswith("*")]
        return Objects(self.machine.system.unbounded_sorts, cells)

    @property
    def steps(self) -> set[str]:
        """Those that a run may take, going on."""
        actions = self.machine.translation.actions
        return {a.name for a in actions if not a.target.startswith("bad: ")}

    @functools.cached_property
    def dead(self) -> set[str]:
        """Those that are proved never to be taken; or, where no proof tells, are thought to be."""
        if self.claim:
            return proved_dead(self.claim, self.steps)
        own = {step for step in self.steps if step.startswith(f"{self.function}+")}
        return (self.steps - own) | {step for step in own if step.endswith(THOUGHT_DEAD)}

    @functools.cached_property
    def stories(self) -> tuple[Story, ...]:
        """Runs of the system: so many that every step is taken, if there are not too many."""
        chance = random.Random(SEED)
        found: list[Story] = []
        wanted = self.steps - self.dead
        teller = Teller(self.machine, self.objects, wanted, vectors="vec;" in self.source.text)
        while len(found) < FEWEST or (teller.missing and len(found) < MOST):
            state = start(self.machine, chance, taken=self.is_release)
            found.append(teller.story(state, chance))
        return tuple(found)

    def differences(self, code: str, optimisation: str) -> Iterator[str]:
        """What the code, which may be another, does otherwise than the system."""
        calls = (*self.world.contracts, "kvmalloc")
        compiled = Compiled(code, self.function, calls, optimisation=optimisation)
        for story in self.stories:
            yield from compiled.differences(story, self.objects)


def asked_of(folder: Folder, claim: str, *of_one: Asked) -> Text:
    """A function that looks up a PTE; the last that is asked of it is asked of the most calls."""
    asked = of_one[-1]
    source = folder.source(asked)

    def begin(translation: Translation) -> tuple[Term, ...]:
        return asked.start(Subject(translation))

    rows = [row for asked in of_one for row in asked.rows]
    killers = [row.killers[0] for row in rows if row.killers]
    wrong = tuple(edited(source.text, folder, killer) for killer in killers[:MOST_WRONG])
    return Text(asked.function, source, source.text, asked.world, begin, wrong, claim)


def of_driver(
    driver: Driver, claim: str, killers: Sequence[Row] = ROWS, *, release: bool = False
) -> Text:
    """The get or the release of a driver."""

    def begin(translation: Translation) -> tuple[Term, ...]:
        subject = BufferSubject(translation, driver.maps)
        if release:
            return buffer.taken(subject.buffer, mapped=subject.mapped)
        return buffer.empty(subject.buffer)

    own, *others = (path.read_text() for path in driver.texts)
    kept = sorted(driver.keep_calls)
    away = [f"#define {name} other_{name}\n" for name in kept]
    back = [f"#undef {name}\n" for name in kept]
    code = "".join(["#include <linux/mm.h>\n", *away, *others, *back, own])
    function = driver.release if release else driver.get
    rows = [row for row in killers if row.of_release == release]
    fitting = [[w for w in row.killers if w.fits(code)] for row in rows]
    firsts = [some[0] for some in fitting if some]
    wrong = tuple(edited_driver(code, killer) for killer in firsts[:MOST_WRONG])
    source, keep = driver.source, driver.keep_calls
    return Text(function, source, code, DRIVERS, begin, wrong, claim, keep, release)


UNSAFE, UNSAFE_NOMMU = unsafe.V4[:2]
LATER_UNSAFE, LATER_UNSAFE_NOMMU = unsafe.V5
TEXTS = {
    "follow_pte": asked_of(EARLY, "UFP-5@legacy", lookup.FOLLOW_PTE),
    "follow_pfn": asked_of(EARLY, "UFP-8@legacy", lookup.FOLLOW_PFN),
    "generic_access legacy": asked_of(EARLY, "GAP-9@legacy", *access.BEFORE),
    "generic_access v1": asked_of(AFTER_7, "", *access.FIRST),
    "generic_access merged": asked_of(AFTER_7, "GAP-9@merged", *access.AFTER),
    "unsafe_follow_pfn v4": asked_of(POSTED, "UFP-2@v4", UNSAFE),
    "unsafe_follow_pfn v4 nommu": asked_of(POSTED, "UFP-2an@v4", UNSAFE_NOMMU),
    "unsafe_follow_pfn v5": asked_of(POSTED, "UFP-2@v5", LATER_UNSAFE),
    "unsafe_follow_pfn v5 nommu": asked_of(POSTED, "UFP-2n@v5", LATER_UNSAFE_NOMMU),
    "follow_fault_pfn v4": asked_of(POSTED, "UFP-3a@v4", unsafe.FOLLOW_FAULT),
    "vfio legacy": asked_of(EARLY, "VFIO-4@legacy", *vfio.BEFORE),
    "vfio merged": asked_of(LATER, "VFIO-4@merged", *vfio.MERGED),
    "kvm legacy": asked_of(EARLY, "KVM-8@legacy", *kvm.BEFORE),
    "kvm merged": asked_of(LATER, "KVM-8@merged", *kvm.MERGED),
    "kvm refcount": asked_of(LATER, "KVM-8@kvm-refcount", *kvm.REFCOUNT),
    "kvm lookup": asked_of(EARLY, "KVM-22@legacy", kvm_lookup.LOOKUP),
    **{
        f"s390 {version} {row}": asked_of(folder, f"{row}@{version}", asked)
        for version, folder, both in (
            ("legacy", EARLY, s390.BEFORE),
            ("merged", LATER, s390.MERGED),
            ("mmio-read", LATER, s390.MMIO_READ),
        )
        for row, asked in zip(("S390-5", "S390-5r"), both, strict=True)
    },
    "videobuf1": asked_of(EARLY, "VB1-2@legacy", videobuf1.TAKEN),
    "exynos legacy get": of_driver(versions.LEGACY, "", ()),
    "exynos legacy put": of_driver(versions.LEGACY, "", release=True),
    **{
        f"pins {version} {row}": of_driver(driver, f"{row}@{version}", release=row == "PIN-1a")
        for version, driver in (
            ("v4/01", EXYNOS_PINS),
            ("v4/02", EXYNOS_LONGTERM),
            ("v4/03", HABANA_PINS),
            ("v4/04", HABANA_LONGTERM),
        )
        for row in ("PIN-1", "PIN-1a")
    },
}
