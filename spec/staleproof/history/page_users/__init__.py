"""What became of those who keep page frame numbers."""
