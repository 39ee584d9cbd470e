"""Systems to formulas: symbolic runs, blocks, quantifiers, scopes, lowering. No kernel in here."""
