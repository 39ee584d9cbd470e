"""Patch 03/15: habanalabs pins user memory itself, without a frame vector."""
