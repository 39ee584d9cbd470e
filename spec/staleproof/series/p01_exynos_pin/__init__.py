"""Patch 01/15: exynos g2d pins user buffers itself, without a frame vector."""
