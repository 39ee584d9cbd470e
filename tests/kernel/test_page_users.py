"""The systems of page users: which functions their steps are of, and what those hold."""

from __future__ import annotations

import pytest

from staleproof.claims import matching
from staleproof.engine.portfolio import decide
from staleproof.engine.question import Question
from staleproof.history.page_users import versions as later
from staleproof.history.page_users.fixes import KvmAsksForWrite, KvmRefersUnderLock
from staleproof.kernel.page_users import questions
from staleproof.kernel.page_users.counts import CountedPages
from staleproof.kernel.page_users.sorts import Reader
from staleproof.kernel.page_users.users import Kvm
from staleproof.lang.model import Model, build, patched, safety
from staleproof.lang.system import Action
from staleproof.lang.terms import Term, implies
from staleproof.verdict import Word


class LooksAtMappedPages(CountedPages):
    """The PTE names the page from KVM's look at it to the reference that is taken of the page."""

    @safety
    def pages_are_mapped_until_they_are_counted(s, r: Reader) -> Term:
        """Where a reference may be taken next, a PTE names the page."""
        return implies(s.knows[r] & ~s.refers[r], s.mapped[s.page[r]])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (CountedPages, Word.REFUTED),
        (KvmRefersUnderLock, Word.PROVED),
        (later.KVM_REFCOUNT["KVM-2"][0], Word.PROVED),
    ],
)
def test_kvm_counts_the_page_that_is_mapped_since_5_12(model: type[Model], expected: Word) -> None:
    """As KVM-7 says it of the C texts."""
    asked = patched(model, LooksAtMappedPages)
    method = "pages_are_mapped_until_they_are_counted"

    assert decide(questions.question(asked, method, expected)).verdict.word is expected


def test_both_fixes_of_kvm_are_in_the_model_of_5_12() -> None:
    """An invalidation of other addresses stops no entry; the permission is asked."""
    digests = {
        build(model).digest
        for model in (Kvm, patched(Kvm, KvmAsksForWrite), later.MERGED["KVM-1"][0])
    }

    assert len(digests) == 3


def step(claim: str, name: str) -> Action:
    """A step of the system that a claim is about."""
    (found,) = matching((claim,))
    asked: Question = found.build()
    return next(a for a in asked.system.actions if a.name == name)


VECTORS = "drivers/media/common/videobuf2/frame_vector.c"


@pytest.mark.parametrize(
    ("claim", "name", "function"),
    [
        ("KVM-2@legacy", "look_up", "mm/memory.c: follow_pfn"),
        ("KVM-2@merged", "look_up", "mm/memory.c: follow_pte"),
        ("KVM-2@merged", "take_reference", "virt/kvm/kvm_main.c: kvm_get_pfn"),
        ("KVM-2@kvm-refcount", "take_reference", "virt/kvm/kvm_main.c: kvm_try_get_pfn"),
        ("KVM-3@legacy", "read_seq", "arch/x86/kvm/mmu/mmu.c: direct_page_fault"),
        ("KVM-3@legacy", "give_up", "include/linux/kvm_host.h: mmu_notifier_retry"),
        ("KVM-3@merged", "give_up", "include/linux/kvm_host.h: mmu_notifier_retry_hva"),
        ("VFIO-2@legacy", "drop_lock", "mm/memory.c: follow_pfn"),
        ("VFIO-2@merged", "drop_lock", "drivers/vfio/vfio_iommu_type1.c: follow_fault_pfn"),
        ("GVF-9s@legacy", "keep_pfn", "mm/frame_vector.c: get_vaddr_frames"),
        ("GVF-9s@merged", "keep_pfn", f"{VECTORS}: get_vaddr_frames"),
        ("GVF-9v@merged", "end_use", f"{VECTORS}: put_vaddr_frames"),
        ("GVF-10s@v4", "end_use", f"{VECTORS}: put_vaddr_frames"),
        ("GVF-10s@legacy", "pin_page", "mm/gup.c: pin_user_pages_locked"),
        ("GVF-10s@v4", "pin_page", "mm/gup.c: pin_user_pages_fast"),
        ("D-1@v4", "drop_lock", "mm/memory.c: follow_pfn"),
    ],
)
def test_a_step_names_the_function_of_its_version(claim: str, name: str, function: str) -> None:
    """Functions are renamed and moved, and other ones are called."""
    assert step(claim, name).kernel.partition("; ")[0] == function


@pytest.mark.parametrize(
    ("claim", "name", "lock", "is_held"),
    [
        ("KVM-2@legacy", "take_reference", "ptl", False),
        ("KVM-2@merged", "take_reference", "ptl", True),
        ("KVM-2@kvm-refcount", "take_reference", "ptl", True),
        ("GVF-10s@legacy", "pin_page", "interrupts off", False),
        ("GVF-10s@v4", "pin_page", "interrupts off", True),
    ],
)
def test_a_step_holds_what_its_function_does(
    claim: str, name: str, lock: str, *, is_held: bool
) -> None:
    """KVM has come to take its references within the hold; a fast pin may hold no lock at all."""
    assert (lock in step(claim, name).holds) is is_held
