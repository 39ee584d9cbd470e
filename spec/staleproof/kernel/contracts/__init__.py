"""Contracts of the kernel functions that C code may call, one module per subject."""
