"""What each PIN property says, in kernel words.

The rows PIN-1 to PIN-5 are those of the first table (docs/findings.md); the others were added.
"""

from __future__ import annotations

STATEMENTS = {
    "PIN-1": "A get of a user buffer that fails has given back every pin, each once, and one that "
    "succeeds has pinned exactly the pages of the buffer, provided that INT_MAX pages or fewer "
    "were asked for.",
    "PIN-1a": "After the release no page of the buffer is pinned, and none was unpinned twice.",
    "PIN-2": "If the pin fails with an errno, no slot of the page array is read (at most INT_MAX "
    "pages).",
    "PIN-2a": "No scatter list is made of the page array if the pin fails with an errno, whatever "
    "the 32-bit number of pages that was asked for.",
    "PIN-3": "A buffer that begins in VM_IO or VM_PFNMAP memory is rejected with -EFAULT, or "
    "with -ENOMEM where memory ran out before (at most INT_MAX pages).",
    "PIN-3a": "A buffer of which some page is VM_IO or VM_PFNMAP memory is rejected (at most "
    "INT_MAX pages).",
    "PIN-4": "The release gives a page back only when no device can reach it any more.",
    "PIN-4a": "The get gives no page back that a device can reach.",
    "PIN-5": "Every pin whose lifetime user space controls is asked for with FOLL_LONGTERM.",
    "PIN-5e": "PIN-5, of the pin of exynos g2d.",
    "PIN-5h": "PIN-5, of the pin of habanalabs.",
    "PIN-5v": "PIN-5, of the pin of frame vectors, through which videobuf2 pins.",
    "PIN-6": "The release marks every page of the buffer dirty.",
    "PIN-7": "A get that succeeds leaves what the release relies on: the count, an array of as "
    "many pages, each with its pin, their scatter list, and whether that is mapped (at most "
    "INT_MAX pages).",
}
