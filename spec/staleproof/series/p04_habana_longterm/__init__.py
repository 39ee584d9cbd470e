"""Patch 04/15: habanalabs pins with FOLL_LONGTERM."""
