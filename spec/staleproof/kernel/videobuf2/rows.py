"""Each row about videobuf2: of which text it is asked, and what must kill it."""

from __future__ import annotations

from staleproof.kernel.address_space import U64
from staleproof.kernel.frame_vector import vector
from staleproof.kernel.iomem.properties import Subject
from staleproof.kernel.iomem.rows import Asked, Row, Wrong
from staleproof.kernel.videobuf2 import properties
from staleproof.kernel.videobuf2.mapping import ALLOCATOR
from staleproof.kernel.world import WORLD
from staleproof.lang.terms import Term, eq, forall, ite, u_le, variable

_PARTIAL = "\tif (ret != nr) {\n\t\tret = -EFAULT;\n\t\tgoto release;\n\t}\n"
_TEST = "\t\tif (nums[i - 1] + 1 != nums[i])\n\t\t\treturn ret;\n"

CREATE = Asked(
    "create",
    "vb2_create_framevec",
    WORLD,
    rows=(
        Row(
            "VB2-1",
            properties.a_frame_for_each_page,
            (
                Wrong("part is enough", "fewer frames than asked for will do", ((_PARTIAL, ""),)),
                Wrong(
                    "last byte forgotten",
                    "the page of the byte behind the buffer counts, too",
                    (("(start + length - 1)", "(start + length)"),),
                ),
            ),
        ),
        Row("VB2-1a", properties.nothing_is_refused),
        Row("VB2-1b", properties.no_byte_is_behind_the_frames),
    ),
)


def _tagged(s: Subject) -> tuple[Term, ...]:
    """Of what VEC-FILLED says: that the vector is not overfull, and that its tag is true."""
    vec, i = s.only(vector.VECTOR), variable("i", U64)
    kind = ite(vector.is_pfns(vec), vector.PFN, vector.PAGE)
    tagged = forall(i, eq(vector.slot_kind(vec, i), kind), vector.used(vec))
    return (
        *vector.well_made(vec),
        u_le(vector.nr_frames(vec), vector.nr_allocated(vec)),
        tagged,
    )


MAP = Asked(
    "allocator",
    "vb2_dc_userptr_map",
    ALLOCATOR,
    _tagged,
    properties.at_the_loop,
    assumptions=(*vector.ASSUMPTIONS, vector.FILLED),
    rows=(
        Row(
            "VB2-2",
            properties.numbers_left_behind_are_consecutive,
            (
                Wrong("not compared", "the numbers are not compared", ((_TEST, "\t\t;\n"),)),
                Wrong(
                    "equal numbers",
                    "a number is compared with the one before it, without the 1",
                    (("nums[i - 1] + 1 != nums[i]", "nums[i - 1] != nums[i]"),),
                ),
            ),
        ),
        Row(
            "VB2-2a",
            properties.the_range_is_the_buffer,
            (
                Wrong(
                    "offset forgotten",
                    "the range begins with the first page",
                    (("(nums[0] << PAGE_SHIFT) + offset", "nums[0] << PAGE_SHIFT"),),
                ),
            ),
        ),
        Row(
            "VB2-2b",
            properties.no_number_is_left,
            (
                Wrong(
                    "last not compared",
                    "the last number is not compared",
                    (("i < n_pages;", "i < n_pages - 1;"),),
                ),
            ),
        ),
    ),
)
ALL = (CREATE, MAP)
