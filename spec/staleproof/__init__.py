"""staleproof: how Linux lets user mappings of memory come and go, specified and proved."""

__version__ = "0.1.0"
