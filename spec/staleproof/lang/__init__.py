"""What a model author writes with: sorts, terms, systems, and plain values. No solver."""
