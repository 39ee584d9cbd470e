"""The world that drivers' texts run in: that of frame vectors, and what drivers call beyond it."""

from __future__ import annotations

from dataclasses import replace

from staleproof.kernel.contracts import scatterlist, user_memory
from staleproof.kernel.user_buffer import buffer
from staleproof.kernel.world import KINDS, WORLD

TAGS = ("g2d_cmdlist_userptr", "hl_userptr")
"""The structs in which drivers keep a user buffer."""

DRIVERS = replace(
    WORLD,
    structs={**WORLD.structs, **dict.fromkeys(TAGS, buffer.STRUCT)},
    contracts={**WORLD.contracts, **scatterlist.CONTRACTS, **user_memory.CONTRACTS},
    results={**WORLD.results, **user_memory.RESULTS},
    init=(*WORLD.init, *buffer.INIT, *user_memory.INIT),
    kinds={
        **KINDS,
        "dma": "no page is given back while a device can reach it, and none is mapped twice",
        "leak": "no array is freed while a page is pinned through it",
    },
)
