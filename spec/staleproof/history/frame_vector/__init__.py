"""Frame vectors after 5.12."""
