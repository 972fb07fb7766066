"""What all rooms share and none owns: the base of every admin page, and SQL for many rows at once."""
