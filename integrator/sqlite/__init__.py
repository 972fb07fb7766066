"""SQLite as this project uses it: Django's own backend, told how many variables a statement may really hold."""
