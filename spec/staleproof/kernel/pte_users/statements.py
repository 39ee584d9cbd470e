"""What each row about C texts that look up one PTE says, and the makers of their claims."""

from __future__ import annotations

from staleproof.claims import Rows

STATEMENTS = {
    "GAP-9": "generic_access_phys() returns the length after it has copied that many bytes, once, "
    "between the device and the buffer that it was given and in the direction that was asked for, "
    "or -EINVAL or -ENOMEM, and then it has copied nothing.",
    "GAP-10": "generic_access_phys(), from its C text: each mapping that ioremap_prot() makes is "
    "given back by exactly one iounmap() before the next is made, and before the return.",
    "GAP-11": "generic_access_phys(), from its C text: ptl is not held when ioremap_prot() or "
    "iounmap() is called, both of which sleep, and not at return; the PTE is read only under it.",
    "GAP-12": "generic_access_phys(), from its C text: at the copy ptl is held, the PTE is "
    "present, and the first byte that is copied is the one that it gives the address.",
    "GAP-13": "generic_access_phys(), from its C text: at a copy to the page the PTE is writable "
    "(for callers that ask for a write as FOLL_WRITE or 0).",
    "GAP-13a": "generic_access_phys(), from its C text: at a copy to the page the PTE is writable, "
    "whatever the caller passes as `write`.",
    "GAP-14": "generic_access_phys(), from its C text: the bytes that it copies lie in what "
    "ioremap_prot() has mapped for it (for callers that ask for at least one byte).",
    "GAP-15": "generic_access_phys(), from its C text: all bytes that it copies lie in the one "
    "page that the PTE maps.",
}

_ROWS = Rows(STATEMENTS, lambda name, version: f"{name.partition('-')[0]} text@{version}")
proved, refuted = _ROWS.proved, _ROWS.refuted
