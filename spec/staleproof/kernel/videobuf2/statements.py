"""What each property of videobuf2's use of frame vectors says."""

from __future__ import annotations

STATEMENTS = {
    "VB2-1": "A user buffer that vb2_create_framevec() accepts has a frame for each page that it "
    "touches, and no others, provided that it has a byte and fewer than 2^32.",
    "VB2-1a": "vb2_create_framevec() accepts no user buffer without a byte.",
    "VB2-1b": "The frames of a user buffer that vb2_create_framevec() accepts reach to its last "
    "byte, however long it is.",
    "VB2-2": "dma-contig leaves a frame that is a bare number behind only if the number is that of "
    "the frame before it and 1.",
    "VB2-2a": "If dma-contig accepts frames that are bare numbers, the device gets the range that "
    "begins in the first of them, and so many bytes as were asked for.",
    "VB2-2b": "dma-contig maps a range only when no frame is left to look at.",
}
