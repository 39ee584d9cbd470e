"""Patch 10/15: vfio type1 calls unsafe_follow_pfn(); never merged."""
