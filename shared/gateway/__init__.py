"""The rules of the public door."""
