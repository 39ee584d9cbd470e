"""Those who look up one PTE and go by what it says, from C text."""
