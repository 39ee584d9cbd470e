"""Texts whose own declarations differ from the model's: taken where it makes no difference."""

from __future__ import annotations

import pytest

from staleproof.cfront import SourceFile, load_function
from staleproof.cfront.translate import Translation, translate
from staleproof.errors import UnsupportedCError
from staleproof.kernel.equivalence.still_world import STILL_WORLD
from staleproof.kernel.iomem.world import CLAIMING
from staleproof.kernel.pte_users.world import GENERIC_ACCESS, KVM, KVM_FAULT, KVM_LOOKUP, S390, WALK
from staleproof.kernel.user_buffer.world import DRIVERS
from staleproof.kernel.videobuf2.mapping import ALLOCATOR
from staleproof.kernel.world import WORLD

VEC = "struct frame_vector *vec"
VMA = "struct vm_area_struct *vma"
LOOK = f"int follow_pfn(struct vm_area_struct *, %s);\nint f({VMA})\n{{\n\t%s pfn;\n\n\t%s;\n}}\n"


def translated(text: str) -> Translation:
    """The function `f` of a text."""
    return translate(load_function(SourceFile("f.c", text), "f"), WORLD)


def own(members: str, body: str) -> str:
    """A function that uses a struct frame_vector of the text's own."""
    return f"struct frame_vector {{ {members} }};\nint f({VEC})\n{{\n\t{body}\n}}\n"


REFUSED = {
    "one more member, read": (
        own("unsigned int nr_frames; int users; void *ptrs[];", "return vec->users;"),
        "vec->users is not modelled",
    ),
    "one more member, written": (
        own("unsigned int nr_frames; int users; void *ptrs[];", "return vec->users = 1;"),
        "vec->users is not modelled",
    ),
    "a pointer instead of an array": (
        own("unsigned int nr_frames; void **ptrs;", "return vec->ptrs[0] != 0;"),
        "vec->ptrs is not modelled",
    ),
    "elements of another size": (
        own("unsigned int nr_frames; u32 ptrs[];", "return vec->ptrs[0];"),
        "the elements of frame_vector.ptrs have 8 bytes",
    ),
    "an array of a fixed length": (
        own("unsigned int nr_frames; void *ptrs[4];", "return vec->ptrs[3] != 0;"),
        "ptrs of struct frame_vector has 4 elements in the text",
    ),
    "a narrower member, read": (
        own("u8 nr_frames; void *ptrs[];", "return vec->nr_frames;"),
        "nr_frames of struct frame_vector has the type unsigned char in the text",
    ),
    "a narrower member, written": (
        own("u8 nr_frames; void *ptrs[];", "return vec->nr_frames = 1;"),
        "nr_frames of struct frame_vector has the type unsigned char in the text",
    ),
    "an int for a bool": (
        own("int got_ref; void *ptrs[];", "return vec->got_ref;"),
        "is a bool in the model",
    ),
    "narrower flags": (
        "struct vm_area_struct { unsigned int vm_flags; };\n"
        f"int f({VMA})\n{{\n\treturn vma->vm_flags;\n}}\n",
        "vm_flags of struct vm_area_struct has the type unsigned int in the text",
    ),
    "another current": (
        "static int current;\nint f(void)\n{\n\treturn current;\n}\n",
        "current has the type int in the text",
    ),
    "another mm": (
        "struct task_struct { int mm; };\nint f(void)\n{\n\treturn current->mm;\n}\n",
        "mm of struct task_struct has the type int in the text",
    ),
    "a parameter less": (
        LOOK % ("unsigned long", "unsigned long", "return follow_pfn(vma, 0) + (pfn = 0)"),
        "follow_pfn is called as int (struct vm_area_struct *, unsigned long)",
    ),
    "another first parameter": (
        "struct vm_area_struct *find_vma(unsigned long);\n"
        "int f(void)\n{\n\treturn !find_vma(0);\n}\n",
        "find_vma is called as struct vm_area_struct * (unsigned long)",
    ),
    "no parameter": (
        "void mmap_read_lock(void);\nvoid f(void)\n{\n\tmmap_read_lock();\n}\n",
        "mmap_read_lock is called as void (void)",
    ),
    "a callee that the front end does not know": (
        "int mmap_read_lock_killable(void);\n"
        "int f(void)\n{\n\treturn mmap_read_lock_killable();\n}\n",
        "mmap_read_lock_killable is called as int (void)",
    ),
    "a narrower parameter": (
        LOOK
        % (
            "unsigned int, unsigned long *",
            "unsigned long",
            "return follow_pfn(vma, 0, &pfn)",
        ),
        "follow_pfn is called as int (struct vm_area_struct *, unsigned int, unsigned long *)",
    ),
    "a result through a pointer to a narrower type": (
        LOOK % ("unsigned long, unsigned int *", "unsigned int", "return follow_pfn(vma, 0, &pfn)"),
        "follow_pfn is called as int (struct vm_area_struct *, unsigned long, unsigned int *)",
    ),
    "a result through a void pointer": (
        LOOK % ("unsigned long, void *", "unsigned int", "return follow_pfn(vma, 0, &pfn)"),
        "follow_pfn is called as int (struct vm_area_struct *, unsigned long, void *)",
    ),
    "a wider result": (
        "long frame_vector_to_pages(struct frame_vector *);\n"
        f"long f({VEC})\n{{\n\treturn frame_vector_to_pages(vec);\n}}\n",
        "the result of frame_vector_to_pages() has the type long in the text",
    ),
    "a result that is no pointer": (
        "unsigned long frame_vector_pages(struct frame_vector *);\n"
        f"unsigned long f({VEC})\n{{\n\treturn frame_vector_pages(vec);\n}}\n",
        "frame_vector_pages is called as unsigned long (struct frame_vector *)",
    ),
    "a result of which the contract says nothing": (
        "int f(struct page *page)\n{\n\treturn set_page_dirty_lock(page);\n}\n",
        "set_page_dirty_lock() is asked for a result",
    ),
}


@pytest.mark.parametrize("about", REFUSED)
def test_a_declaration_that_the_model_cannot_follow_is_refused(about: str) -> None:
    """At the place where it is used, with both types; a declaration alone does no harm."""
    text, said = REFUSED[about]
    with pytest.raises(UnsupportedCError) as caught:
        translated(text)
    assert said in caught.value.message
    place = caught.value.place
    assert place is not None
    assert place.line == len(text.splitlines()) - 1


@pytest.mark.parametrize(
    "text",
    [
        own("int nr_frames; void *ptrs[];", "return vec->nr_frames;"),
        own("int users; unsigned int nr_frames; void *ptrs[0];", "return vec->nr_frames;"),
        own("unsigned int nr_frames; struct page *ptrs[];", "return vec->ptrs[0] != 0;"),
        "struct task_struct { struct mm_struct *mm; };\nint f(void) { return !current->mm; }\n",
        f"unsigned int follow_pfn({VMA}, unsigned long, unsigned long *);\n"
        f"int f({VMA}) {{ unsigned long pfn; return follow_pfn(vma, 0, &pfn); }}\n",
        f"int follow_pfn({VMA}, u64, unsigned long long *);\n"
        f"int f({VMA}) {{ unsigned long long pfn; return follow_pfn(vma, 0, &pfn); }}\n",
        "void f(struct page *page) { set_page_dirty_lock(page); }\n",
    ],
)
def test_declarations_that_mean_the_same_bits_are_taken(text: str) -> None:
    """Other spellings, other signs, more members, another order."""
    translated(text)


UNDECLARED = {"dma_map_resource", "dma_mapping_error", "vb2_dc_map_pages"}
"""Called by a text that does not declare them, with what it has."""


def test_it_is_known_what_every_contract_is_written_for() -> None:
    """So that no call of another type gets to one."""
    worlds = [WORLD, STILL_WORLD, CLAIMING, GENERIC_ACCESS, S390, KVM, KVM_FAULT, KVM_LOOKUP]
    worlds += [WALK, DRIVERS, ALLOCATOR]
    unknown = {name for w in worlds for name in w.contracts if not w.prototypes(name)}
    assert unknown == UNDECLARED
