"""Builds the edges between titles."""
