"""Sphinx configuration: Markdown pages, one theme, no extension that needs the network."""

from __future__ import annotations

project = "staleproof"
author = "The staleproof authors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "staleproof"
exclude_patterns = ["_build"]
myst_heading_anchors = 3
