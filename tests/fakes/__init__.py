"""Claims and engines that decide at once, so that what surrounds them can be tested."""
