"""SQLite as this project uses it: Django's own backend, set to how many variables a statement may really hold."""
