"""The patches of the series, each as a delta on the kernel before it, with its claims."""
