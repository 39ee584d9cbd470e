"""C text of videobuf2, the caller of frame vectors."""
