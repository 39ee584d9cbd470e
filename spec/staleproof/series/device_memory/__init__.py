"""Patches 11 to 15: how the series revokes user mappings of device memory."""
