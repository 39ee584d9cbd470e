"""The PIN claims about exynos g2d before the series."""

from __future__ import annotations

from staleproof.claims import claims_at
from staleproof.kernel.user_buffer.reasons import proved, refuted

CLAIMS = claims_at(
    "legacy",
    "staleproof.kernel.user_buffer.versions:legacy",
    refuted(
        "PIN-3",
        "X",
        """
        get_vaddr_frames() reads the frame numbers of a VM_IO or VM_PFNMAP range from the page
        table, frame_vector_to_pages() makes pages of them where they have a struct page, and the
        device gets a mapping of pages that nobody holds.
        """,
    ),
    proved("PIN-4", "H", "dma_unmap_sgtable() comes before put_vaddr_frames()."),
    refuted(
        "PIN-5",
        "?",
        """
        get_vaddr_frames() pins with pin_user_pages_locked(), to which FOLL_LONGTERM must not be
        given. The first table leaves the row open (docs/findings.md); at this version it fails.
        """,
    ),
)
