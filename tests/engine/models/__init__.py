"""Toy models that know no kernel, with the verdicts that are expected of them."""
