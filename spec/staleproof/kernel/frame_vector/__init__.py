"""Frame vectors: what get_vaddr_frames and its callers do, and the claims about it."""
