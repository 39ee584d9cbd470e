"""The kernel before the series: one module per subject, and the contracts of its functions."""
