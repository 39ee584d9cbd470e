"""Patch 08/15: unsafe_follow_pfn(), which says so, and can be configured out."""
