"""Patch 14/15: a binary sysfs attribute may name the mapping of its files."""
