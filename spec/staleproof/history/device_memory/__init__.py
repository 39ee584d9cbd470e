"""What became of user mappings of device memory after 5.12."""
