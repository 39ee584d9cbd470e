"""Patch 12/15: /dev/mem redirects f_mapping only, and leaves the inode alone."""
