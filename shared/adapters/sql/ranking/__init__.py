"""Versions of how searches are ranked, and of what is searched."""
