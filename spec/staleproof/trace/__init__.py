"""Counterexamples as values: replay, ITF, differences. No solver in here."""
