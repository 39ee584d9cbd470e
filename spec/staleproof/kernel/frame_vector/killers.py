"""Killers of the GVF proofs: small wrong edits of the C text, each of which must be refuted.

An edit fits a text if what it replaces stands there exactly once; of the alternatives for a
property the first that fits is taken.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `old` by `new`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CKiller:
    """A wrong variant of the text."""

    name: str
    sentence: str
    edits: tuple[Edit, ...]

    def fits(self, text: str) -> bool:
        """Whether every edit has its one place in the text."""
        return all(text.count(e.old) == 1 for e in self.edits)


_RET_ZERO = Edit("\tvec->is_pfns = true;\n\tdo {", "\tvec->is_pfns = true;\n\tret = 0;\n\tdo {")
_LAST_RETURN = Edit(
    "\t\tvec->nr_frames = ret;\n\treturn ret;", "\t\tvec->nr_frames = ret;\n\treturn -EFAULT;"
)
_DENIED = Edit("\tif (!ret)\n\t\tret = -EFAULT;", "\tret = -EFAULT;")
NO_LONGTERM = CKiller(
    "short-term pin",
    "FOLL_LONGTERM is not asked for",
    (Edit("FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM", "FOLL_FORCE | FOLL_WRITE"),),
)
NO_REF = CKiller(
    "got_ref forgotten",
    "pinned pages are tagged as not referenced",
    (Edit("vec->got_ref = true;", "vec->got_ref = false;"),),
)
NO_WRITE = CKiller(
    "read-only pin",
    "FOLL_WRITE is not asked for",
    (Edit("FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM", "FOLL_FORCE | FOLL_LONGTERM"),),
)
_DOUBLE_STEP = CKiller(
    "double step", "the counter grows by two for each frame", (Edit("ret++;", "ret += 2;"),)
)
_ANY_VMA = Edit("find_vma_intersection(mm, start, start + 1)", "find_vma(mm, start)")
_ANY_REST = Edit("start + PAGE_SIZE <= vma->vm_end", "start < vma->vm_end")
_RAW_WALK = CKiller(
    "raw walk",
    "a pfn is looked up before the error is returned",
    (
        Edit(
            "\tvec->nr_frames = 0;\n\tif (!ret)",
            "\tvec->nr_frames = 0;\n\tmmap_read_lock(current->mm);\n"
            "\tif (find_vma(current->mm, start))\n"
            "\t\tfollow_pfn(find_vma(current->mm, start), start,\n"
            "\t\t\t   (unsigned long *)(vec->ptrs));\n"
            "\tmmap_read_unlock(current->mm);\n\tif (!ret)",
        ),
    ),
)
_STAND_STILL = (Edit("start += PAGE_SIZE;", ";"), Edit("ret++;", ";"))

_KILLERS: dict[str, tuple[CKiller, ...]] = {
    "GVF-1": (
        CKiller(
            "no clamp",
            "nr_frames is not cut to what the vector has room for",
            (Edit("nr_frames = vec->nr_allocated;\n\n\tstart", ";\n\n\tstart"),),
        ),
    ),
    "GVF-2": (_DOUBLE_STEP,),
    "GVF-3": (CKiller("zero returned", "0 is returned as it is", (Edit("if (!ret)", "if (0)"),)),),
    "GVF-4": (
        CKiller(
            "errno replaced", "every failure is -EFAULT", (Edit("if (!ret)", "if (ret <= 0)"),)
        ),
    ),
    "GVF-5": (NO_REF,),
    "GVF-6": (
        CKiller(
            "wrong tag",
            "pinned pages are tagged as pfns",
            (Edit("vec->is_pfns = false;\n\t\tgoto", "vec->is_pfns = true;\n\t\tgoto"),),
        ),
        CKiller(
            "wrong tag",
            "pinned pages are tagged as pfns",
            (Edit("vec->is_pfns = false;\n\t\t/*", "vec->is_pfns = true;\n\t\t/*"),),
        ),
        CKiller(
            "wrong tag",
            "pinned pages are tagged as pfns",
            (Edit("vec->is_pfns = false;\n\t/*", "vec->is_pfns = true;\n\t/*"),),
        ),
    ),
    "GVF-8": (),
    "GVF-10": (NO_LONGTERM,),
    "GVF-10a": (NO_LONGTERM,),
    "GVF-11": (NO_LONGTERM,),
    "GVF-12": (
        CKiller("lock kept", "mmap_lock is not released", (Edit("mmap_read_unlock(mm);", ";"),)),
        CKiller(
            "lock taken",
            "mmap_lock is taken and never released",
            (Edit("\tint ret;\n\n", "\tint ret;\n\n\tmmap_read_lock(current->mm);\n"),),
        ),
    ),
    "GVF-13": (
        CKiller(
            "standing still",
            "neither the address nor the counter moves (and ret starts at 0)",
            (_RET_ZERO, *_STAND_STILL),
        ),
        CKiller("standing still", "neither the address nor the counter moves", _STAND_STILL),
        CKiller(
            "waiting for a pin",
            "the pin is tried for ever",
            (Edit("\tif (!ret)\n\t\tret = -EFAULT;\n", "\twhile (ret)\n\t\t;\n"),),
        ),
    ),
    "GVF-14": (
        _RAW_WALK,
        CKiller(
            "frames denied",
            "whatever was found, the result is -EFAULT (and ret starts at 0)",
            (_RET_ZERO, _DENIED),
        ),
        CKiller("frames denied", "whatever was found, the result is -EFAULT", (_DENIED,)),
    ),
    "GVF-17": (
        CKiller("always failing", "pages are pinned and -EFAULT is returned", (_LAST_RETURN,)),
        CKiller(
            "count kept",
            "the garbage count of a failed pin is kept",
            (Edit("\tvec->nr_frames = 0;\n\tif (!ret)", "\tif (!ret)"),),
        ),
    ),
    "GVF-18": (
        CKiller(
            "next page",
            "the pin starts one page too high",
            (Edit("pin_user_pages_fast(start,", "pin_user_pages_fast(start + PAGE_SIZE,"),),
        ),
        CKiller(
            "next page",
            "the pin starts one page too high",
            (Edit("pin_user_pages_locked(start,", "pin_user_pages_locked(start + PAGE_SIZE,"),),
        ),
    ),
    "GVF-19": (NO_REF,),
    "GVF-20": (
        CKiller(
            "zero frames tried",
            "nr_frames = 0 is not treated apart",
            (Edit("\tif (nr_frames == 0)\n\t\treturn 0;\n", ""),),
        ),
    ),
    "GVF-21": (NO_WRITE,),
    "GVF-22": (
        CKiller(
            "other errno",
            "nothing found is -ENOENT",
            (Edit("\tif (!ret)\n\t\tret = -EFAULT;", "\tif (!ret)\n\t\tret = -ENOENT;"),),
        ),
    ),
    "GVF-23": (
        CKiller(
            "fix undone",
            "the errno of the walk wins over that of the pin",
            (Edit("ret = ret_pin_user_pages_fast;", "ret = err;"),),
        ),
        CKiller(
            "errno replaced",
            "every failure is -EINVAL",
            (Edit("\tif (!ret)\n\t\tret = -EFAULT;", "\tif (ret <= 0)\n\t\tret = -EINVAL;"),),
        ),
    ),
    "GVF-24": (
        CKiller("DAX not asked", "no VMA is asked", (Edit("if (vma_is_fsdax(vma))", "if (0)"),)),
    ),
    "GVF-30": (
        CKiller(
            "next VMA",
            "find_vma() is asked, which also finds a VMA that begins above the address",
            (
                Edit(
                    "\tlocked = 1;\n\n\tvma = find_vma_intersection(mm, start, start + 1);",
                    "\tlocked = 1;\n\n\tvma = find_vma(mm, start);",
                ),
            ),
        ),
        CKiller(
            "next VMA",
            "find_vma() is asked, which also finds a VMA that begins above the address (and ret "
            "starts at 0)",
            (_RET_ZERO, _ANY_VMA),
        ),
        CKiller(
            "next VMA",
            "find_vma() is asked, which also finds a VMA that begins above the address",
            (_ANY_VMA,),
        ),
    ),
    "GVF-31": (
        CKiller(
            "any flags",
            "a VMA with any flag at all is walked",
            (Edit("if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))", "if (!vma->vm_flags)"),),
        ),
        CKiller("live walk", "the walk starts with ret at 0", (_RET_ZERO,)),
        _RAW_WALK,
    ),
    "GVF-32": (
        CKiller(
            "other errno",
            "the walk fails with -ENOENT",
            (Edit("\t\t\t\t\tret = err;", "\t\t\t\t\tret = -ENOENT;"),),
        ),
    ),
    "GVF-33": (
        CKiller(
            "any rest",
            "less than a page at the end of the VMA will do (and ret starts at 0)",
            (_RET_ZERO, _ANY_REST),
        ),
        CKiller("any rest", "less than a page at the end of the VMA will do", (_ANY_REST,)),
        _RAW_WALK,
    ),
    "GVF-34": (
        CKiller(
            "fix undone",
            "the errno of the walk is the result whatever the pin said",
            (Edit("ret = ret_pin_user_pages_fast;", "ret = err;"),),
        ),
    ),
    "GVF-35": (NO_REF,),
}


def killers_of(name: str, text: str) -> tuple[CKiller, ...]:
    """The killers of a property that fit a text: one, or none where there is nothing to kill."""
    fitting = [k for k in _KILLERS.get(name, ()) if k.fits(text)]
    return tuple(fitting[:1])
