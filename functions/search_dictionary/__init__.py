"""Builds the dictionary of names and words."""
