"""A pytest plugin (``-p fakes.pytest_plugin``) that puts the fake claims in place of the real."""

from __future__ import annotations

from fakes.command_line import install

install("good")
