"""Those who look up one PTE, after the fixes beside the series, from C text."""
