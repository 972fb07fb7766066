"""What left the warehouse, and the lines of orders that were in it."""
