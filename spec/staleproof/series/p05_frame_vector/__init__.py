"""Patch 05/15: frame vectors pin for the long term."""
