"""Patches 02, 04 and 05: every pin that user space can make last is a long-term one."""
