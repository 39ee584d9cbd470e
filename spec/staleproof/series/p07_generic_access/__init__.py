"""Patch 07/15: close the race in generic_access_phys()."""
