"""Plain, slow, obvious counterparts of the machinery, which it is compared with."""
