"""Patch 15/15: mappings of PCI files are revoked like those of /dev/mem."""
