"""Patch 02/15: exynos g2d pins with FOLL_LONGTERM."""
