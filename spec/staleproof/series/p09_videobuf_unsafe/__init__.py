"""Patch 09/15: videobuf1 and videobuf2 call unsafe_follow_pfn(); never merged."""
