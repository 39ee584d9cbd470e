"""Patch 13/15: the revoke of device memory moves from /dev/mem to kernel/resource.c."""
