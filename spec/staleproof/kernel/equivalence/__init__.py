"""Two versions of a C function compared: what they return, and what a caller can see."""
