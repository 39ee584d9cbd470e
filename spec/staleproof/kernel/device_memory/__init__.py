"""User mappings of device memory, and the drivers that claim it: the kernel before the series.

The model is built in layers, each a subclass that adds a subject: opening files, claiming
resources, mmap, revocation, TLBs and munmap, fork, mremap. A patch of a layer is a patch of
every layer above it.
"""
