"""User memory that drivers pin for their devices: exynos g2d and habanalabs."""
