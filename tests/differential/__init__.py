"""The versions of frame_vector.c as a compiler makes them, in scripted worlds."""
