"""Everything that stands in for the outside world. The product runs without it, and nothing there imports it."""
