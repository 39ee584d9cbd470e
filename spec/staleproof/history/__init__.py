"""What came after the series: fixes and removals, with their claims."""
