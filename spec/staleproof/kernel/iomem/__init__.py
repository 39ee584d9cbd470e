"""Device memory as a resource: what is exclusive, what may be mapped, what a claim zaps."""
