"""Patch 11/15: mmap through /proc/bus/pci obeys the exclusivity of the BAR."""
